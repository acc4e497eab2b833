"""Rows that have ended and that nobody will ask for: removed after a while, whatever table they are in."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, Engine, and_, delete, inspect, or_, select, tuple_
from sqlmodel import SQLModel, col

from webapp.db import unit_of_work
from webapp.models import (
    ApiKey,
    IdempotencyKey,
    LoginAttempt,
    PreparationJob,
    SpentProof,
    UserSession,
    VideoShare,
    WorkspaceInvite,
    utc_now,
)
from webapp.renders.idempotency import LIFETIME

KEPT = timedelta(days=30)
"""For so long an invitation, a key or a link says what became of it."""
_AT_ONCE = 500
_Ended = tuple[type[SQLModel], ColumnElement[bool]]
_log = structlog.get_logger()


def clear_ended(engine: Engine) -> None:
    """Remove what is over, in transactions short enough to hold up nobody. May be repeated, and run twice at once."""
    for table, is_over in _ended(utc_now()):
        count = removed = 0
        while (removed := _clear_some(engine, table, is_over)) > 0:
            count += removed
        if count:
            _log.info("rows.cleared", table=table.__tablename__, count=count)


def _ended(now: datetime) -> Iterator[_Ended]:
    """What is good for nothing any more goes at once, what still tells something after a month."""
    old = now - KEPT
    yield UserSession, or_(col(UserSession.expires_at) < now, col(UserSession.revoked_at) < now)
    yield LoginAttempt, col(LoginAttempt.expires_at) < now
    yield SpentProof, col(SpentProof.expires_at) < now
    yield IdempotencyKey, col(IdempotencyKey.created_at) < now - LIFETIME
    yield ApiKey, or_(col(ApiKey.expires_at) < old, col(ApiKey.revoked_at) < old)
    ends = (WorkspaceInvite.expires_at, WorkspaceInvite.used_at, WorkspaceInvite.revoked_at)
    yield WorkspaceInvite, or_(*(col(end) < old for end in ends))
    yield VideoShare, or_(col(VideoShare.expires_at) < old, col(VideoShare.revoked_at) < old)
    yield PreparationJob, and_(col(PreparationJob.asset_id).is_(None), col(PreparationJob.cleared_at) < old)


def _clear_some(engine: Engine, table: type[SQLModel], is_over: ColumnElement[bool]) -> int:
    key = inspect(table).primary_key
    some = select(*key).where(is_over).limit(_AT_ONCE)
    with unit_of_work(engine) as session:
        return len(session.execute(delete(table).where(tuple_(*key).in_(some)).returning(*key)).all())
