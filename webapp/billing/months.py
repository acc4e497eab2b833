"""Months of the calendar in UTC, and what each user had in them: a projection of the ledger, never a source."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ScalarSelect, func, select, update
from sqlmodel import Session, col

from webapp.billing.storage import stored_bytes
from webapp.db import insert_into
from webapp.models import UsageEntry, UsageState, UserUsage, UserVideo, VideoAsset, utc_now


def month_of(at: datetime) -> datetime:
    """The first moment of the month in UTC."""
    return at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def month_after(month: datetime) -> datetime:
    """The first moment of the month after the one that begins at ``month``."""
    return month_of(month + timedelta(days=32))


def project(session: Session, user_id: UUID, at: datetime) -> None:
    """Write the user's month anew from the ledger and the stored files.

    The row is held before the ledger is read: of two that close jobs at once the second one counts both.
    """
    month = month_of(at)
    keys = {"id": uuid4(), "created_at": utc_now(), "user_id": user_id, "period_start": month}
    held = insert_into(session, UserUsage).values(
        **keys, period_end=month_after(month), videos_rendered=0, total_render_time=0.0, storage_used=0
    )
    end = {"period_end": held.excluded.period_end}
    session.execute(held.on_conflict_do_update(index_elements=["user_id", "period_start"], set_=end))
    session.execute(
        update(UserUsage)
        .where(col(UserUsage.user_id) == user_id, col(UserUsage.period_start) == month)
        .values(
            videos_rendered=_settled(user_id, month, func.count()),
            total_render_time=_settled(user_id, month, func.coalesce(func.sum(UsageEntry.render_seconds), 0.0)),
            storage_used=stored_bytes(col(VideoAsset.user_id) == user_id, col(UserVideo.user_id) == user_id),
        )
        .execution_options(synchronize_session=False)
    )


def _settled(user_id: UUID, month: datetime, what: Any) -> ScalarSelect[Any]:  # noqa: ANN401 - an SQL function
    return (
        select(what)
        .where(
            col(UsageEntry.user_id) == user_id,
            col(UsageEntry.period_start) == month,
            col(UsageEntry.state) == UsageState.SETTLED,
        )
        .scalar_subquery()
    )


def rebuild_months(session: Session) -> int:
    """Write all months anew, as they follow from the ledger; how many there are."""
    known = select(col(UserUsage.user_id), col(UserUsage.period_start))
    told = select(col(UsageEntry.user_id), col(UsageEntry.period_start))
    months = session.execute(told.union(known).order_by("user_id", "period_start")).all()
    for user_id, month in months:
        project(session, user_id, month)
    return len(months)
