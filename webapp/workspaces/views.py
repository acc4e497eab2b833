"""What the edges see of workspaces, their members and places: frozen values, never rows."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from webapp.models import PlanName, Role, Room, Task, User, Workspace, WorkspaceInvite, WorkspaceMember
from webapp.pages import Page


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class WorkspaceView(_View):
    """A workspace as one of its members sees it.

    Attributes:
        role: The member's own.
    """

    id: UUID
    name: str
    plan: PlanName
    role: Role
    created_at: datetime
    archived_at: datetime | None

    @classmethod
    def of(cls, workspace: Workspace, member: WorkspaceMember) -> Self:
        """The view of a workspace for one member."""
        return cls(
            id=workspace.id,
            name=workspace.name,
            plan=workspace.plan,
            role=member.role,
            created_at=workspace.created_at,
            archived_at=workspace.archived_at,
        )


class WorkspacePage(Page):
    """A page of workspaces, the newest first."""

    workspaces: tuple[WorkspaceView, ...]


class MemberView(_View):
    """A person in a workspace."""

    user_id: UUID
    display_name: str
    username: str | None
    picture_url: str | None
    role: Role
    joined_at: datetime

    @classmethod
    def of(cls, user: User, member: WorkspaceMember) -> Self:
        """The view of a user as a member."""
        return cls(
            user_id=user.id,
            display_name=user.display_name,
            username=user.username,
            picture_url=user.picture_url,
            role=member.role,
            joined_at=member.created_at,
        )


class MemberPage(Page):
    """A page of members, those who came last first."""

    members: tuple[MemberView, ...]


class RoomView(_View):
    """A theme in a workspace."""

    id: UUID
    workspace_id: UUID
    name: str
    created_at: datetime
    archived_at: datetime | None

    @classmethod
    def of(cls, room: Room) -> Self:
        """The view of a row."""
        return cls(**{name: getattr(room, name) for name in cls.model_fields})


class RoomPage(Page):
    """A page of rooms, the newest first."""

    rooms: tuple[RoomView, ...]


class TaskView(_View):
    """Something to be made in a room."""

    id: UUID
    room_id: UUID
    workspace_id: UUID
    title: str
    description: str
    created_at: datetime
    archived_at: datetime | None

    @classmethod
    def of(cls, task: Task, room: Room) -> Self:
        """The view of a task in its room."""
        own = {name: getattr(task, name) for name in cls.model_fields if name != "workspace_id"}
        return cls(**own, workspace_id=room.workspace_id)


class TaskPage(Page):
    """A page of tasks, the newest first."""

    tasks: tuple[TaskView, ...]


class InviteView(_View):
    """An invitation that nobody has accepted yet.

    Attributes:
        invited_by: The name of who has made it.
    """

    id: UUID
    workspace_id: UUID
    role: Role
    invited_by: str
    created_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, invite: WorkspaceInvite, inviter: str) -> Self:
        """The view of a row."""
        own = {name: getattr(invite, name) for name in cls.model_fields if name != "invited_by"}
        return cls(**own, invited_by=inviter)


class NewInvite(InviteView):
    """An invitation at the only moment when its token is known.

    Attributes:
        path: Of the page that accepts it; behind the product's address it is the link to pass on.
    """

    token: str
    path: str


class InviteOffer(_View):
    """What the bearer of an invitation is offered.

    Attributes:
        current_role: The bearer's own in the workspace; None for those who are no member.
    """

    workspace_id: UUID
    workspace_name: str
    invited_by: str
    role: Role
    expires_at: datetime
    current_role: Role | None
