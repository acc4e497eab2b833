"""What a workspace has used, and the one answer to what it may still do."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import bindparam, func
from sqlmodel import Session, col, select

from webapp.accounts.service import Actor
from webapp.billing.months import month_after, month_of
from webapp.billing.plans import PLANS
from webapp.billing.storage import stored_bytes
from webapp.errors import NotFoundError, PlanLimitError, QuotaExceededError
from webapp.models import PlanName, UsageEntry, UsageState, UserVideo, VideoAsset, Workspace, utc_now
from webapp.workspaces.policy import Action
from webapp.workspaces.service import workspace_for


class UsageView(BaseModel):
    """What a workspace has used of its plan.

    Attributes:
        period_start: The month's first moment, UTC.
        period_end: The next one's: from then on there are new videos.
        videos_used: Renders of this month that are completed, running or waiting.
        storage_used: Uploads and finished videos, in bytes.
        longest_s: The longest video that is possible, in seconds.
    """

    model_config = ConfigDict(frozen=True)

    workspace_id: UUID
    plan: PlanName
    period_start: datetime
    period_end: datetime
    videos_used: int
    videos_a_month: int
    storage_used: int
    storage_bytes: int
    longest_s: int


def usage_of(session: Session, actor: Actor, workspace_id: UUID | None = None) -> UsageView:
    """What is used of a workspace's plan, or of that of the actor's own."""
    return current_usage(session, workspace_for(session, actor, workspace_id, Action.READ_WORKSPACE))


def current_usage(session: Session, workspace: Workspace) -> UsageView:
    """What is used and what is allowed, now. The caller has checked who asks."""
    plan, month = PLANS[workspace.plan], month_of(utc_now())
    return UsageView(
        workspace_id=workspace.id,
        plan=plan.name,
        period_start=month,
        period_end=month_after(month),
        videos_used=_videos_in(session, workspace.id, month),
        videos_a_month=plan.videos_a_month,
        storage_used=_stored_in(session, workspace.id),
        storage_bytes=plan.storage_bytes,
        longest_s=plan.longest_s,
    )


def set_plan(session: Session, workspace_id: UUID, plan: PlanName) -> PlanName:
    """Put a workspace on a plan; the one it was on. For who runs the product, at its terminal: no edge calls it.

    Raises:
        NotFoundError: There is no such workspace.
    """
    workspace = session.get(Workspace, workspace_id, with_for_update=True)
    if workspace is None:
        raise NotFoundError(f"There is no workspace {workspace_id}.", "workspace_id")
    former, workspace.plan = workspace.plan, plan
    return former


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
    if videos and _videos_in(session, workspace.id, month_of(utc_now())) + videos > plan.videos_a_month:
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
    return session.exec(_LOCKED, params={"workspace_id": workspace_id}).one()


_LOCKED = select(Workspace).where(col(Workspace.id) == bindparam("workspace_id")).with_for_update()
_VIDEOS = select(func.count()).where(
    col(UsageEntry.workspace_id) == bindparam("workspace_id"),
    col(UsageEntry.period_start) == bindparam("month"),
    UsageEntry.state != UsageState.RELEASED,
)


def _videos_in(session: Session, workspace_id: UUID, month: datetime) -> int:
    return session.exec(_VIDEOS, params={"workspace_id": workspace_id, "month": month}).one()


def _stored_in(session: Session, workspace_id: UUID) -> int:
    of_assets, of_videos = col(VideoAsset.workspace_id) == workspace_id, col(UserVideo.workspace_id) == workspace_id
    return session.exec(select(stored_bytes(of_assets, of_videos))).one()
