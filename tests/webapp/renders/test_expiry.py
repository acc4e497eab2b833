from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlmodel import SQLModel, select

from tests.conftest import ROOT
from webapp.container import Container
from webapp.db import unit_of_work
from webapp.models import (
    ApiKey,
    AssetType,
    IdempotencyKey,
    LoginAttempt,
    PreparationJob,
    Role,
    SpentProof,
    User,
    UserSession,
    UserVideo,
    VideoShare,
    Workspace,
    WorkspaceInvite,
    metadata,
    utc_now,
)
from webapp.renders.expiry import KEPT, clear_ended

MOMENT, LONG = timedelta(minutes=1), KEPT + timedelta(minutes=1)


@pytest.fixture
def ids(container: Container) -> tuple[User, Workspace, UserVideo]:
    """A user with a workspace and a video."""
    user, workspace = User(issuer="test", subject="ann", display_name="Ann"), Workspace(name="w")
    video = UserVideo(user_id=user.id, workspace_id=workspace.id, video_title="v")
    with unit_of_work(container.engine) as session:
        session.add_all([user, workspace])
        session.flush()
        session.add(video)
    return user, workspace, video


def rows(ids: tuple[User, Workspace, UserVideo], at: datetime) -> dict[str, list[SQLModel]]:
    """Of each table, what ended then, in each way that it can."""
    user, workspace, video = ids
    later = utc_now() + timedelta(days=1)
    session = {"user_id": user.id, "last_seen_at": at}
    invite = {"workspace_id": workspace.id, "invited_by": user.id, "role": Role.VIEWER}
    share = {"video_id": video.id, "user_id": user.id}
    key = {"user_id": user.id, "name": "k", "prefix": "rg_"}
    job = {
        "workspace_id": workspace.id,
        "asset_type": AssetType.COVER,
        "target_path": "t",
        "size_bytes": 1,
    }
    attempt = {"browser_hash": "b", "nonce": "n", "code_verifier": "c", "door": "demo", "redirect_uri": "r"}
    return {
        "sessions": [
            UserSession(**session, token_hash=uuid4().hex, expires_at=at),
            UserSession(**session, token_hash=uuid4().hex, expires_at=later, revoked_at=at),
        ],
        "login_attempts": [LoginAttempt(**attempt, state_hash=uuid4().hex, expires_at=at)],
        "spent_proofs": [SpentProof(proof_hash=uuid4().hex, expires_at=at)],
        "idempotency_keys": [
            IdempotencyKey(user_id=user.id, key=uuid4().hex, request_hash="h", video_id=video.id, created_at=at)
        ],
        "api_keys": [
            ApiKey(**key, key_hash=uuid4().hex, expires_at=at),
            ApiKey(**key, key_hash=uuid4().hex, revoked_at=at),
        ],
        "workspace_invites": [
            WorkspaceInvite(**invite, token_hash=uuid4().hex, expires_at=at),
            WorkspaceInvite(**invite, token_hash=uuid4().hex, expires_at=later, used_at=at),
            WorkspaceInvite(**invite, token_hash=uuid4().hex, expires_at=later, revoked_at=at),
        ],
        "video_shares": [VideoShare(**share, expires_at=at), VideoShare(**share, expires_at=later, revoked_at=at)],
        "preparation_jobs": [PreparationJob(**job, asset_id=None, source_path=uuid4().hex, cleared_at=at)],
    }


def left(container: Container, made: dict[str, list[SQLModel]]) -> set[str]:
    """The tables in which something is left."""
    tables = {name: type(some[0]) for name, some in made.items()}
    with unit_of_work(container.engine) as session:
        return {name for name, table in tables.items() if session.exec(select(table)).first() is not None}


def keep(container: Container, made: dict[str, list[SQLModel]]) -> None:
    with unit_of_work(container.engine) as session:
        session.add_all([row for some in made.values() for row in some])


def test_what_ended_long_ago_is_cleared_from_every_table(container: Container, ids: tuple[User, Workspace, UserVideo]):
    made = rows(ids, utc_now() - LONG)
    keep(container, made)
    clear_ended(container.engine)
    assert left(container, made) == set()


def test_what_ended_a_moment_ago_still_says_so(container: Container, ids: tuple[User, Workspace, UserVideo]):
    made = rows(ids, utc_now() - MOMENT)
    keep(container, made)
    clear_ended(container.engine)
    assert left(container, made) == made.keys() - {"sessions", "login_attempts", "spent_proofs"}


def test_what_is_still_good_stays(container: Container, ids: tuple[User, Workspace, UserVideo]):
    made = rows(ids, utc_now() + timedelta(hours=1))
    keep(container, made)
    clear_ended(container.engine)
    assert left(container, made) == made.keys()


def test_a_crowd_of_ended_rows_goes_at_once(container: Container):
    with unit_of_work(container.engine) as session:
        session.add_all([SpentProof(proof_hash=str(n), expires_at=utc_now() - MOMENT) for n in range(1001)])
    clear_ended(container.engine)
    with unit_of_work(container.engine) as session:
        assert session.exec(select(SpentProof)).first() is None


def test_of_every_table_it_is_written_how_long_its_rows_stay():
    text = (ROOT / "docs" / "retention.md").read_text("utf-8")
    assert {name for name in metadata.tables if f"`{name}`" not in text} == set()
