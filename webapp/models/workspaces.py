"""Workspaces with their members, rooms and tasks."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Field

from webapp.models.base import Identified, Table, utc_now, words


class Role(StrEnum):
    """What a member may do: look, make, decide. Each includes those before it."""

    VIEWER = "viewer"
    EDITOR = "editor"
    OWNER = "owner"

    def includes(self, other: "Role") -> bool:
        """Whether who has this role may do all that takes the other one."""
        ranks = tuple(Role)
        return ranks.index(self) >= ranks.index(other)


class PlanName(StrEnum):
    """Plans a workspace can be on."""

    FREE = "free"
    PRO = "pro"
    ENTERPRISE = "enterprise"


class Workspace(Identified, table=True):
    """Where people work together; plans belong to it."""

    __tablename__ = "workspaces"

    name: str = Field(max_length=100)
    plan: PlanName = Field(default=PlanName.FREE, sa_type=words(PlanName))
    updated_at: datetime = Field(default_factory=utc_now)
    archived_at: datetime | None = None


class WorkspaceMember(Table, table=True):
    """One user's role in one workspace."""

    __tablename__ = "workspace_members"

    workspace_id: UUID = Field(foreign_key="workspaces.id", primary_key=True, ondelete="CASCADE")
    user_id: UUID = Field(foreign_key="users.id", primary_key=True, index=True, ondelete="CASCADE")
    role: Role = Field(sa_type=words(Role))
    created_at: datetime = Field(default_factory=utc_now)


class Room(Identified, table=True):
    """A theme in a workspace."""

    __tablename__ = "rooms"

    workspace_id: UUID = Field(foreign_key="workspaces.id", index=True, ondelete="CASCADE")
    name: str = Field(max_length=100)
    archived_at: datetime | None = None


class Task(Identified, table=True):
    """Something to be made in a room."""

    __tablename__ = "tasks"

    room_id: UUID = Field(foreign_key="rooms.id", index=True, ondelete="CASCADE")
    title: str = Field(max_length=200)
    description: str = Field(default="", max_length=2000)
    archived_at: datetime | None = None


class WorkspaceInvite(Identified, table=True):
    """A link that makes one person a member. Only the hash of its token is kept."""

    __tablename__ = "workspace_invites"

    workspace_id: UUID = Field(foreign_key="workspaces.id", index=True, ondelete="CASCADE")
    invited_by: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    token_hash: str = Field(max_length=64, unique=True)
    role: Role = Field(sa_type=words(Role))
    expires_at: datetime
    used_at: datetime | None = None
    used_by: UUID | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL")
    revoked_at: datetime | None = None
