"""The ledger of usage: a render is reserved, then settled or released, once each."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, update
from sqlmodel import Session, col, select

from webapp.billing.plans import PLANS
from webapp.db import insert_into
from webapp.errors import PlanLimitError, QuotaExceededError
from webapp.models import (
    AssetStatus,
    PlanName,
    UsageEntry,
    UsageState,
    UserUsage,
    UserVideo,
    VideoAsset,
    Workspace,
    utc_now,
)


class UsageView(BaseModel):
    """What a workspace has used of its plan."""

    model_config = ConfigDict(frozen=True)

    plan: PlanName
    videos_used: int
    videos_a_month: int
    storage_used: int
    storage_bytes: int
    longest_s: int


def current_usage(session: Session, workspace: Workspace) -> UsageView:
    """What is used and what is allowed, now. The caller has checked who asks."""
    plan = PLANS[workspace.plan]
    return UsageView(
        plan=plan.name,
        videos_used=_videos_in(session, workspace.id, _month_of(utc_now())),
        videos_a_month=plan.videos_a_month,
        storage_used=_stored_in(session, workspace.id),
        storage_bytes=plan.storage_bytes,
        longest_s=plan.longest_s,
    )


def require_allowance(
    session: Session, workspace: Workspace, *, videos: int = 0, duration_s: float = 0.0, storage_bytes: int = 0
) -> None:
    """The one answer to: may this workspace?

    Raises:
        PlanLimitError: The video is longer than the plan allows.
        QuotaExceededError: The month's videos or the storage are used up.
    """
    plan = PLANS[workspace.plan]
    if duration_s > plan.longest_s:
        raise PlanLimitError(
            f"The video would last {duration_s:.1f} s; the plan {plan.name} allows {plan.longest_s} s. "
            "Shorten it, or choose a larger plan.",
            "config.duration",
        )
    if videos and _videos_in(session, workspace.id, _month_of(utc_now())) + videos > plan.videos_a_month:
        raise QuotaExceededError(
            f"This month's {plan.videos_a_month} videos of the plan {plan.name} are used up. "
            "Wait for the next month, or choose a larger plan."
        )
    if storage_bytes and _stored_in(session, workspace.id) + storage_bytes > plan.storage_bytes:
        raise QuotaExceededError(
            f"The plan {plan.name} stores {plan.storage_bytes // 1_000_000_000} GB, and this file would not fit. "
            "Delete files you no longer need, or choose a larger plan.",
            "file",
        )


def lock_workspace(session: Session, workspace_id: UUID) -> Workspace:
    """The workspace's row, held until the transaction ends: what is counted stays true until it is written."""
    return session.exec(select(Workspace).where(Workspace.id == workspace_id).with_for_update()).one()


def reserve(session: Session, workspace_id: UUID, user_id: UUID, job_id: UUID, duration_s: float) -> None:
    """Take one video of this month for a job.

    Raises:
        PlanLimitError: The video is longer than the plan allows.
        QuotaExceededError: The month's videos are used up.
    """
    workspace = lock_workspace(session, workspace_id)
    require_allowance(session, workspace, videos=1, duration_s=duration_s)
    month = _month_of(utc_now())
    session.add(UsageEntry(job_id=job_id, user_id=user_id, workspace_id=workspace_id, period_start=month))
    session.flush()


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


def project(session: Session, user_id: UUID, at: datetime) -> None:
    """Write the user's month anew from the ledger and the stored files."""
    month = _month_of(at)
    count, seconds = session.execute(
        select(func.count(), func.coalesce(func.sum(UsageEntry.render_seconds), 0.0)).where(
            UsageEntry.user_id == user_id,
            UsageEntry.period_start == month,
            UsageEntry.state == UsageState.SETTLED,
        )
    ).one()
    stored = _stored_bytes(session, col(VideoAsset.user_id) == user_id, col(UserVideo.user_id) == user_id)
    facts = {"videos_rendered": count, "total_render_time": float(seconds), "storage_used": stored}
    keys = {"id": uuid4(), "created_at": utc_now(), "user_id": user_id, "period_start": month}
    session.execute(
        insert_into(session, UserUsage)
        .values(**keys, period_end=_month_after(month), **facts)
        .on_conflict_do_update(index_elements=["user_id", "period_start"], set_=facts)
    )


def _videos_in(session: Session, workspace_id: UUID, month: datetime) -> int:
    return session.exec(
        select(func.count()).where(
            UsageEntry.workspace_id == workspace_id,
            UsageEntry.period_start == month,
            UsageEntry.state != UsageState.RELEASED,
        )
    ).one()


def _stored_in(session: Session, workspace_id: UUID) -> int:
    return _stored_bytes(
        session, col(VideoAsset.workspace_id) == workspace_id, col(UserVideo.workspace_id) == workspace_id
    )


def _stored_bytes(session: Session, of_assets: Any, of_videos: Any) -> int:  # noqa: ANN401 - SQL conditions
    is_kept = col(VideoAsset.status) != AssetStatus.REJECTED
    of_asset = VideoAsset.file_size + func.coalesce(VideoAsset.poster_size, 0)
    of_video = func.coalesce(UserVideo.output_size, 0) + func.coalesce(UserVideo.pictures_size, 0)
    assets = session.exec(select(func.coalesce(func.sum(of_asset), 0)).where(of_assets, is_kept)).one()
    videos = session.exec(select(func.coalesce(func.sum(of_video), 0)).where(of_videos)).one()
    # PostgreSQL sums large integers as decimals.
    return int(assets) + int(videos)


def _month_of(at: datetime) -> datetime:
    return at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _month_after(month: datetime) -> datetime:
    return _month_of(month + timedelta(days=32))
