"""Workspaces, who is in them, and who is invited, over REST."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from webapp.api.edge import Asking
from webapp.api.paging import Archived, Cursor, Limit
from webapp.models import Role
from webapp.workspaces.invites import LIFETIME, LONGEST_LIFETIME, invite, list_open_invites, revoke_invite
from webapp.workspaces.members import change_role, leave_workspace, list_members, remove_member
from webapp.workspaces.service import (
    LONGEST_NAME,
    archive_workspace,
    create_workspace,
    first_plan,
    get_workspace,
    list_workspaces,
    rename_workspace,
    restore_workspace,
)
from webapp.workspaces.views import InviteView, MemberPage, MemberView, NewInvite, WorkspacePage, WorkspaceView

router = APIRouter(prefix="/api/workspaces", tags=["workspaces"])
_HOUR = timedelta(hours=1)


class WorkspaceName(BaseModel):
    """What a workspace is called."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(max_length=LONGEST_NAME, examples=["Spring campaign"])]


class MemberRole(BaseModel):
    """What a member may do."""

    model_config = ConfigDict(extra="forbid")

    role: Role


class InviteOrder(BaseModel):
    """An invitation to make."""

    model_config = ConfigDict(extra="forbid")

    role: Role = Role.EDITOR
    lifetime_hours: Annotated[int, Field(ge=1, le=LONGEST_LIFETIME // _HOUR)] = LIFETIME // _HOUR


class InviteList(BaseModel):
    """Invitations that can still be accepted, the newest first."""

    invites: tuple[InviteView, ...]


@router.get("")
def workspaces(
    caller: Asking, *, with_archived: Archived = False, limit: Limit = 50, cursor: Cursor = None
) -> WorkspacePage:
    """Where the caller is a member, the newest first."""
    with caller.transaction() as (session, actor):
        return list_workspaces(session, actor, with_archived=with_archived, limit=limit, cursor=cursor)


@router.post("", status_code=201)
def create(caller: Asking, order: WorkspaceName) -> WorkspaceView:
    """Make a workspace that the caller owns."""
    plan = first_plan(caller.container.settings.app)
    with caller.transaction() as (session, actor):
        return create_workspace(session, actor, order.name, plan=plan)


@router.get("/{workspace_id}")
def workspace(caller: Asking, workspace_id: UUID) -> WorkspaceView:
    """One workspace; archived ones as well."""
    with caller.transaction() as (session, actor):
        return get_workspace(session, actor, workspace_id)


@router.patch("/{workspace_id}")
def rename(caller: Asking, workspace_id: UUID, order: WorkspaceName) -> WorkspaceView:
    """Give a workspace another name."""
    with caller.transaction() as (session, actor):
        return rename_workspace(session, actor, workspace_id, order.name)


@router.post("/{workspace_id}/archive")
def archive(caller: Asking, workspace_id: UUID) -> WorkspaceView:
    """Put a workspace away with all that is in it. This takes a login in the browser."""
    with caller.transaction() as (session, actor):
        return archive_workspace(session, actor, workspace_id)


@router.post("/{workspace_id}/restore")
def restore(caller: Asking, workspace_id: UUID) -> WorkspaceView:
    """Take an archived workspace out again. This takes a login in the browser."""
    with caller.transaction() as (session, actor):
        return restore_workspace(session, actor, workspace_id)


@router.post("/{workspace_id}/leave", status_code=204)
def leave(caller: Asking, workspace_id: UUID) -> None:
    """Go; the last owner stays. This takes a login in the browser."""
    with caller.transaction() as (session, actor):
        leave_workspace(session, actor, workspace_id)


@router.get("/{workspace_id}/members")
def members(caller: Asking, workspace_id: UUID, limit: Limit = 50, cursor: Cursor = None) -> MemberPage:
    """Who is in a workspace, those who came last first."""
    with caller.transaction() as (session, actor):
        return list_members(session, actor, workspace_id, limit=limit, cursor=cursor)


@router.patch("/{workspace_id}/members/{user_id}")
def change_member(caller: Asking, workspace_id: UUID, user_id: UUID, order: MemberRole) -> MemberView:
    """Let a member do more or less; a workspace keeps an owner."""
    with caller.transaction() as (session, actor):
        return change_role(session, actor, workspace_id, user_id, order.role)


@router.delete("/{workspace_id}/members/{user_id}", status_code=204)
def send_away(caller: Asking, workspace_id: UUID, user_id: UUID) -> None:
    """Remove a member; what they made stays with the workspace."""
    with caller.transaction() as (session, actor):
        remove_member(session, actor, workspace_id, user_id)


@router.get("/{workspace_id}/invites")
def invites(caller: Asking, workspace_id: UUID) -> InviteList:
    """Invitations that can still be accepted, the newest first."""
    with caller.transaction() as (session, actor):
        return InviteList(invites=list_open_invites(session, actor, workspace_id))


@router.post("/{workspace_id}/invites", status_code=201)
def make_invite(caller: Asking, workspace_id: UUID, order: InviteOrder) -> NewInvite:
    """Make a link that makes one person a member. Its token is shown this once."""
    with caller.transaction() as (session, actor):
        return invite(session, actor, workspace_id, order.role, order.lifetime_hours * _HOUR)


@router.delete("/{workspace_id}/invites/{invite_id}", status_code=204)
def take_back(caller: Asking, workspace_id: UUID, invite_id: UUID) -> None:
    """Revoke an invitation that nobody has accepted."""
    with caller.transaction() as (session, actor):
        revoke_invite(session, actor, workspace_id, invite_id)
