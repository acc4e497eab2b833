from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from alembic import command
from tests.webapp.product import settings_for
from webapp.container import Container
from webapp.db import after_commit, alembic_config, create_engine, migrate, unit_of_work
from webapp.models import AssetStatus, User, VideoAsset, Workspace, metadata
from webapp.settings import DatabaseSettings, Settings


def _user(subject: str) -> User:
    return User(issuer="test", subject=subject, display_name=subject)


def test_the_migrations_make_exactly_the_tables_of_the_models(container: Container):
    with container.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_going_down_leaves_nothing_and_going_up_again_works(spare_settings: Settings):
    config = alembic_config(spare_settings.database_url)
    command.downgrade(config, "base")
    engine = create_engine(spare_settings.database_url)
    assert inspect(engine).get_table_names() == ["alembic_version"]
    command.upgrade(config, "head")
    assert set(inspect(engine).get_table_names()) == {"alembic_version", *metadata.tables}
    engine.dispose()


def test_assets_from_before_preparations_stay_ready(spare_settings: Settings):
    config, engine = alembic_config(spare_settings.database_url), create_engine(spare_settings.database_url)
    with unit_of_work(engine) as session:
        user = _user("ann")
        workspace = Workspace(name="w")
        session.add_all([user, workspace])
    command.downgrade(config, "0002")
    with engine.begin() as connection:
        connection.execute(_OLD_ASSET, {"id": uuid4().hex, "user": user.id.hex, "workspace": workspace.id.hex})
    command.upgrade(config, "head")
    with unit_of_work(engine) as session:
        [asset] = session.exec(select(VideoAsset))
        assert (asset.status, asset.progress, asset.content_sha256) == (AssetStatus.READY, 100, "ab")
    command.downgrade(config, "0002")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT status FROM video_assets")).scalars().all() == ["ready"]
    engine.dispose()


_OLD_ASSET = text("""
    INSERT INTO video_assets (id, created_at, user_id, workspace_id, asset_type, asset_name, file_path, file_size,
        mime_type, is_default, status, sha256, media_info, updated_at)
    VALUES (:id, '2026-01-01 00:00:00+00:00', :user, :workspace, 'avatar', 'a', 'user-avatars/a', 1, 'video/mp4', false,
        'ready', 'ab', '{}', '2026-01-01 00:00:00+00:00')
""")


def test_migrating_twice_changes_nothing(settings: Settings):
    migrate(settings)
    migrate(settings)


def test_migrating_works_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    migrate(settings_for(tmp_path / "deep" / "data"))
    assert (tmp_path / "deep" / "data" / "reelgrove.db").is_file()


def test_the_database_itself_refuses_unknown_words(container: Container):
    with pytest.raises(IntegrityError), unit_of_work(container.engine) as session:
        session.execute(
            text("INSERT INTO workspaces VALUES (:id, :now, 'w', 'gold', :now, NULL)"),
            {"id": "0" * 32, "now": "2026-01-01 00:00:00+00:00"},
        )


def test_an_error_leaves_nothing_behind(container: Container):
    with pytest.raises(ZeroDivisionError):
        _write_and_fail(container.engine)
    assert _count(container.engine) == 0


def test_what_waits_for_the_commit_sees_the_rows(container: Container):
    seen: list[int] = []
    with unit_of_work(container.engine) as session:
        session.add(_user("a"))
        after_commit(session, lambda: seen.append(_count(container.engine)))
        assert seen == []
    assert seen == [1]


def test_what_waits_for_the_commit_does_not_happen_without_it(container: Container):
    seen: list[int] = []
    with pytest.raises(ZeroDivisionError):
        _write_and_fail(container.engine, lambda: seen.append(1))
    assert seen == []


def test_errors_tell_no_values(container: Container):
    with pytest.raises(IntegrityError) as caught, unit_of_work(container.engine) as session:
        session.add_all([_user("private subject"), _user("private subject")])
    assert "INSERT INTO users" in str(caught.value)
    assert "[parameters:" not in str(caught.value)


def test_writers_queue_up_instead_of_failing(container: Container):
    def write(number: int) -> None:
        with unit_of_work(container.engine) as session:
            session.execute(text("SELECT count(*) FROM users"))
            session.add(_user(str(number)))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(40)))
    assert _count(container.engine) == 40


def test_readers_do_not_wait_for_a_writer(container: Container):
    with unit_of_work(container.engine) as session:
        session.add(_user("a"))
        session.flush()
        with unit_of_work(container.engine, is_read_only=True) as reader:
            assert reader.execute(text("SELECT count(*) FROM users")).scalar() == 0


def test_who_only_reads_waits_for_nobody(container: Container):
    with unit_of_work(container.engine) as session:
        session.add(_user("a"))
        session.flush()
        with unit_of_work(container.engine) as reader:
            assert reader.exec(select(User)).all() == []


def test_between_looking_and_changing_a_locked_row_nobody_else_changes_it(container: Container):
    with unit_of_work(container.engine) as session:
        session.add(_user("0"))

    def count(_: int) -> None:
        with unit_of_work(container.engine) as session:
            user = session.exec(select(User).with_for_update()).one()
            user.subject = str(int(user.subject) + 1)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(count, range(40)))
    with unit_of_work(container.engine) as session:
        assert session.exec(select(User.subject)).one() == "40"


def test_a_writer_that_fails_lets_the_next_one_in(container: Container):
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            _write_and_fail(container.engine)
    with unit_of_work(container.engine) as session:
        session.add(_user("a"))
    assert _count(container.engine) == 1


@pytest.mark.postgres
@pytest.mark.parametrize("believed_s", [0.0, 60.0])
def test_nobody_meets_a_connection_that_the_server_has_ended(migrated_postgres: str, believed_s: float):
    url = DatabaseSettings(database_url=migrated_postgres).url(Path())
    engine, other = create_engine(url, believed_s=believed_s), create_engine(url)
    with engine.connect() as one, engine.connect() as two:
        pids = [each.execute(text("SELECT pg_backend_pid()")).scalar() for each in (one, two)]
    with other.begin() as connection:
        for pid in pids:
            connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    with unit_of_work(engine) as session, unit_of_work(engine, is_read_only=True) as reader:
        session.add(_user(uuid4().hex))
        session.flush()
        assert reader.execute(text("SELECT count(*) FROM users")).scalar() is not None
        session.rollback()
    engine.dispose()
    other.dispose()


def test_times_come_back_in_utc(container: Container):
    with unit_of_work(container.engine) as session:
        user = _user("a")
        session.add(user)
    with unit_of_work(container.engine) as session:
        found = session.get_one(User, user.id)
        assert found.created_at == user.created_at
        assert found.created_at.utcoffset() is not None


def _write_and_fail(engine: Engine, act: Callable[[], object] = lambda: None) -> None:
    with unit_of_work(engine) as session:
        session.add(_user("a"))
        session.flush()
        after_commit(session, act)
        raise ZeroDivisionError


def _count(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM users")).scalar() or 0)
