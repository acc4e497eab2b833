"""Who is in a workspace: roles, going and being sent away. The last owner stays."""

from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, func, select

from webapp.accounts.service import Actor, require_session
from webapp.errors import ConflictError, NotFoundError
from webapp.models import Role, User, Workspace, WorkspaceInvite, WorkspaceMember, utc_now
from webapp.pages import behind, cut
from webapp.workspaces.policy import Action, authorize
from webapp.workspaces.views import MemberPage, MemberView


def list_members(
    session: Session, actor: Actor, workspace_id: UUID, *, limit: int = 50, cursor: str | None = None
) -> MemberPage:
    """Who is in a workspace, those who came last first."""
    authorize(session, actor, Action.READ_WORKSPACE, workspace_id)
    joined = col(WorkspaceMember.user_id) == col(User.id)
    rows = (
        select(User, WorkspaceMember).join(WorkspaceMember, joined).where(WorkspaceMember.workspace_id == workspace_id)
    )
    newest = behind(rows, col(WorkspaceMember.created_at), col(User.id), limit=limit, cursor=cursor)
    views = [MemberView.of(*row) for row in session.exec(newest)]
    page, next_cursor = cut(views, limit, lambda view: (view.joined_at, view.user_id))
    return MemberPage(members=page, next_cursor=next_cursor)


def change_role(session: Session, actor: Actor, workspace_id: UUID, user_id: UUID, role: Role) -> MemberView:
    """Let a member do more or less.

    Raises:
        ConflictError: They are the last owner.
    """
    lock_members(session, workspace_id)
    authorize(session, actor, Action.MANAGE_WORKSPACE, workspace_id)
    member = _member(session, workspace_id, user_id)
    if role is not Role.OWNER:
        _step_down(session, member)
    member.role = role
    return MemberView.of(session.get_one(User, user_id), member)


def remove_member(session: Session, actor: Actor, workspace_id: UUID, user_id: UUID) -> None:
    """Send a member away. What they made stays with the workspace, and they lose it.

    Raises:
        ConflictError: They are the last owner.
    """
    lock_members(session, workspace_id)
    authorize(session, actor, Action.MANAGE_WORKSPACE, workspace_id)
    _remove(session, _member(session, workspace_id, user_id))


def leave_workspace(session: Session, actor: Actor, workspace_id: UUID) -> None:
    """Go, as any member can. What one has made stays with the workspace.

    Raises:
        ConflictError: The actor is the last owner.
    """
    require_session(actor)
    lock_members(session, workspace_id)
    authorize(session, actor, Action.READ_WORKSPACE, workspace_id)
    _remove(session, _member(session, workspace_id, actor.user_id))


def join(session: Session, workspace_id: UUID, user_id: UUID, role: Role) -> bool:
    """Make somebody a member, or let a member do more; False when they may do as much already.

    The caller has locked the members, and has checked that whoever offered the role could.
    """
    member = session.get(WorkspaceMember, (workspace_id, user_id))
    if member is None:
        session.add(WorkspaceMember(workspace_id=workspace_id, user_id=user_id, role=role))
    elif not member.role.includes(role):
        member.role = role
    else:
        return False
    session.flush()
    return True


def lock_members(session: Session, workspace_id: UUID) -> None:
    """Until the transaction ends nobody else comes, goes or changes their role: what is counted stays true."""
    row = select(Workspace.id).where(Workspace.id == workspace_id)
    session.exec(row.with_for_update(key_share=True)).one_or_none()


def _member(session: Session, workspace_id: UUID, user_id: UUID) -> WorkspaceMember:
    member = session.get(WorkspaceMember, (workspace_id, user_id))
    if member is None:
        raise NotFoundError("There is no such member in this workspace.", "user_id")
    return member


def _remove(session: Session, member: WorkspaceMember) -> None:
    _step_down(session, member)
    session.delete(member)
    session.flush()


def _step_down(session: Session, member: WorkspaceMember) -> None:
    """Take ownership from a member, and the invitations that they have made: none is a way back."""
    if member.role is not Role.OWNER:
        return
    is_other = (WorkspaceMember.user_id != member.user_id, WorkspaceMember.role == Role.OWNER)
    here = WorkspaceMember.workspace_id == member.workspace_id
    if not session.exec(select(func.count()).select_from(WorkspaceMember).where(here, *is_other)).one():
        raise ConflictError("A workspace keeps an owner: make somebody else one first.", "user_id")
    session.execute(
        update(WorkspaceInvite)
        .where(col(WorkspaceInvite.workspace_id) == member.workspace_id)
        .where(col(WorkspaceInvite.invited_by) == member.user_id)
        .where(col(WorkspaceInvite.used_at).is_(None), col(WorkspaceInvite.revoked_at).is_(None))
        .values(revoked_at=utc_now())
    )
