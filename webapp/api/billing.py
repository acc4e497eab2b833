"""Plans and what is used of them, over REST."""

from uuid import UUID

from fastapi import APIRouter

from webapp.api.edge import Asking
from webapp.billing.limits import UsageView, usage_of

router = APIRouter(prefix="/api/billing", tags=["billing"])


@router.get("/usage")
def usage(caller: Asking, workspace_id: UUID | None = None) -> UsageView:
    """This month's videos and the storage of a workspace, or of the caller's own, beside what its plan allows."""
    with caller.transaction() as (session, actor):
        return usage_of(session, actor, workspace_id)
