"""The ledger of usage: a video is reserved for a job, then settled or released, once each."""

from uuid import UUID

from sqlalchemy import insert, update
from sqlmodel import Session, col

from webapp.billing.limits import lock_workspace, require_allowance
from webapp.billing.months import month_of, project
from webapp.models import UsageEntry, UsageState, utc_now

_NEW_LINE = insert(UsageEntry.__table__)  # type: ignore[attr-defined]  # SQLModel makes it


def reserve(session: Session, workspace_id: UUID, user_id: UUID, job_id: UUID, duration_s: float) -> None:
    """Take one video of this month for a job.

    Raises:
        PlanLimitError: The video is longer than the plan allows.
        QuotaExceededError: The month's videos are used up.
    """
    workspace = lock_workspace(session, workspace_id)
    require_allowance(session, workspace, videos=1, duration_s=duration_s)
    month = month_of(utc_now())
    line = {"job_id": job_id, "user_id": user_id, "workspace_id": workspace_id, "period_start": month}
    session.execute(_NEW_LINE, line)


def settle(session: Session, job_id: UUID, render_seconds: float) -> bool:
    """Count a completed job; False when its reservation was closed before."""
    return _close(session, job_id, UsageState.SETTLED, render_seconds)


def release(session: Session, job_id: UUID) -> bool:
    """Give a failed or cancelled job's reservation back; False when it was closed before."""
    return _close(session, job_id, UsageState.RELEASED, 0.0)


def _close(session: Session, job_id: UUID, state: UsageState, render_seconds: float) -> bool:
    closed = session.execute(
        update(UsageEntry)
        .where(col(UsageEntry.job_id) == job_id, col(UsageEntry.state) == UsageState.RESERVED)
        .values(state=state, render_seconds=render_seconds, closed_at=utc_now())
        .returning(col(UsageEntry.user_id), col(UsageEntry.period_start))
    ).one_or_none()
    if closed is not None:
        project(session, closed.user_id, closed.period_start)
    return closed is not None
