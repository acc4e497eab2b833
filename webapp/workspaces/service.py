"""The one place that answers: may this actor do this, there?"""

from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, col, select

from webapp.accounts.service import Actor
from webapp.errors import ForbiddenError, NotFoundError
from webapp.models import PlanName, Role, Room, Task, Workspace, WorkspaceMember
from webapp.workspaces.policy import Action, authorize

_RANKS = {Role.VIEWER: 0, Role.EDITOR: 1, Role.OWNER: 2}


class WorkspaceView(BaseModel):
    """A workspace as one of its members sees it."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    name: str
    plan: PlanName
    role: Role


def require_role(session: Session, actor: Actor, workspace_id: UUID, role: Role) -> Workspace:
    """The workspace, if the actor has at least this role in it.

    Raises:
        NotFoundError: Not a member: strangers do not even learn that it exists.
        ForbiddenError: A member with a lesser role.
    """
    member = session.get(WorkspaceMember, (workspace_id, actor.user_id))
    workspace = session.get(Workspace, workspace_id)
    if member is None or workspace is None or workspace.archived_at is not None:
        raise NotFoundError("There is no such workspace of yours.", "workspace_id")
    if _RANKS[member.role] < _RANKS[role]:
        raise ForbiddenError(f"This needs the role {role} in the workspace; yours is {member.role}.", "workspace_id")
    return workspace


def workspace_for(session: Session, actor: Actor, workspace_id: UUID | None, action: Action | Role) -> Workspace:
    """The workspace that was named, or the actor's own when none was, if the actor may do this there."""
    chosen = workspace_id or personal_workspace(session, actor).id
    if isinstance(action, Role):
        return require_role(session, actor, chosen, action)
    return authorize(session, actor, action, chosen)


def personal_workspace(session: Session, actor: Actor) -> Workspace:
    """The oldest workspace that the actor owns."""
    owned = session.exec(
        select(Workspace)
        .join(WorkspaceMember, col(WorkspaceMember.workspace_id) == col(Workspace.id))
        .where(WorkspaceMember.user_id == actor.user_id, WorkspaceMember.role == Role.OWNER)
        .where(col(Workspace.archived_at).is_(None))
        .order_by(col(Workspace.created_at))
        .limit(1)
    ).first()
    if owned is None:
        raise NotFoundError("You own no workspace: name one that you belong to.", "workspace_id")
    return owned


def list_workspaces(session: Session, actor: Actor) -> tuple[WorkspaceView, ...]:
    """Where the actor is a member, oldest first."""
    rows = session.exec(
        select(Workspace, WorkspaceMember)
        .join(WorkspaceMember, col(WorkspaceMember.workspace_id) == col(Workspace.id))
        .where(WorkspaceMember.user_id == actor.user_id, col(Workspace.archived_at).is_(None))
        .order_by(col(Workspace.created_at))
    )
    return tuple(WorkspaceView(id=w.id, name=w.name, plan=w.plan, role=m.role) for w, m in rows)


def require_place(session: Session, workspace_id: UUID, room_id: UUID | None, task_id: UUID | None) -> UUID | None:
    """Check that a room and a task lie in the workspace, and in each other; the room that results.

    Raises:
        NotFoundError: One of them lies elsewhere or does not exist.
    """
    task = session.get(Task, task_id) if task_id else None
    if task_id and task is None:
        raise NotFoundError("There is no such task in this workspace.", "task_id")
    if task and room_id not in {None, task.room_id}:
        raise NotFoundError("The task does not lie in this room.", "task_id")
    place = task.room_id if task else room_id
    room = session.get(Room, place) if place else None
    if place and (room is None or room.workspace_id != workspace_id):
        raise NotFoundError("There is no such room in this workspace.", "task_id" if task else "room_id")
    return place
