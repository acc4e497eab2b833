"""Invitations as those see them who have got one."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from webapp.api.edge import Asking
from webapp.workspaces.invites import accept_invite, show_invite
from webapp.workspaces.views import InviteOffer, WorkspaceView

router = APIRouter(prefix="/api/invites", tags=["workspaces"])
_LONGEST_TOKEN = 100


class InviteToken(BaseModel):
    """The end of an invitation's link."""

    model_config = ConfigDict(extra="forbid")

    token: Annotated[str, Field(max_length=_LONGEST_TOKEN)]


@router.post("/accept")
def accept(caller: Asking, order: InviteToken) -> WorkspaceView:
    """Become a member of the workspace that one was invited to. This takes a login in the browser."""
    with caller.transaction() as (session, actor):
        return accept_invite(session, actor, order.token)


@router.get("/{token}")
def offer(caller: Asking, token: Annotated[str, Path(max_length=_LONGEST_TOKEN)]) -> InviteOffer:
    """What an invitation offers. This takes a login in the browser."""
    with caller.transaction() as (session, actor):
        return show_invite(session, actor, token)
