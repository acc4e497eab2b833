"""The one answer to: may this actor do this, in this workspace?"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, bindparam
from sqlmodel import Session, col, select

from webapp.accounts.service import Actor
from webapp.errors import AppError, ForbiddenError, NotFoundError
from webapp.models import Role, Scope, Workspace, WorkspaceMember
from webapp.trace import note


class Action(StrEnum):
    """What can be done in a workspace."""

    READ_VIDEOS = "read its videos"
    WRITE_VIDEOS = "render and change videos"
    READ_ASSETS = "read its assets"
    WRITE_ASSETS = "upload and change assets"
    READ_TEMPLATES = "read saved settings"
    WRITE_TEMPLATES = "save settings"
    READ_WORKSPACE = "look into the workspace"
    WRITE_PLACES = "make and change rooms and tasks"
    MANAGE_WORKSPACE = "change the workspace and its members"
    READ_WEBHOOKS = "see its webhooks"
    MANAGE_WEBHOOKS = "change its webhooks"


@dataclass(frozen=True, slots=True)
class Rule:
    """What an action takes: at least this role, and of an API key this scope."""

    role: Role
    scope: Scope


RULES = {
    Action.READ_VIDEOS: Rule(Role.VIEWER, Scope.VIDEOS_READ),
    Action.WRITE_VIDEOS: Rule(Role.EDITOR, Scope.VIDEOS_WRITE),
    Action.READ_ASSETS: Rule(Role.VIEWER, Scope.ASSETS_READ),
    Action.WRITE_ASSETS: Rule(Role.EDITOR, Scope.ASSETS_WRITE),
    Action.READ_TEMPLATES: Rule(Role.VIEWER, Scope.TEMPLATES_READ),
    Action.WRITE_TEMPLATES: Rule(Role.EDITOR, Scope.TEMPLATES_WRITE),
    Action.READ_WORKSPACE: Rule(Role.VIEWER, Scope.WORKSPACES_READ),
    Action.WRITE_PLACES: Rule(Role.EDITOR, Scope.WORKSPACES_WRITE),
    Action.MANAGE_WORKSPACE: Rule(Role.OWNER, Scope.WORKSPACES_WRITE),
    Action.READ_WEBHOOKS: Rule(Role.OWNER, Scope.WEBHOOKS_READ),
    Action.MANAGE_WEBHOOKS: Rule(Role.OWNER, Scope.WEBHOOKS_WRITE),
}


_MEMBERSHIP = (
    select(Workspace, WorkspaceMember)
    .join(WorkspaceMember, col(WorkspaceMember.workspace_id) == col(Workspace.id))
    .where(col(Workspace.id) == bindparam("workspace_id"), col(WorkspaceMember.user_id) == bindparam("user_id"))
)


def authorize(
    session: Session,
    actor: Actor,
    action: Action,
    workspace_id: UUID,
    *,
    unknown: AppError | None = None,
    even_archived: bool = False,
) -> Workspace:
    """The workspace, if the actor may do this there. Strangers are told ``unknown``: that what they named is not there.

    An archived workspace is there for nobody, unless it is looked at or restored with ``even_archived``.

    Raises:
        NotFoundError: Not a member, or the workspace is archived: strangers do not even learn that it exists.
        ForbiddenError: A member with a lesser role, or a key that was not made for this.
    """
    require_scope(actor, RULES[action].scope)
    asked = {"workspace_id": workspace_id, "user_id": actor.user_id}
    found = session.exec(_MEMBERSHIP, params=asked).one_or_none()
    if found is None or (found[0].archived_at is not None and not even_archived):
        raise unknown or NotFoundError("There is no such workspace of yours.", "workspace_id")
    workspace, member = found
    needed = RULES[action].role
    if not member.role.includes(needed):
        raise ForbiddenError(
            f"To {action} takes the role {needed}; yours is {member.role}. Ask an owner of the workspace.",
            "workspace_id",
        )
    note(workspace_id=workspace_id)
    return workspace


def is_open_to(workspace_id: Any, user_id: Any) -> ColumnElement[bool]:  # noqa: ANN401 - columns or values
    """For queries over many workspaces: whether the user is a member there, and it is not archived.

    What somebody has made is still theirs to see only while this is so.
    """
    return (
        select(WorkspaceMember.user_id)
        .join(Workspace, col(Workspace.id) == col(WorkspaceMember.workspace_id))
        .where(WorkspaceMember.workspace_id == workspace_id, WorkspaceMember.user_id == user_id)
        .where(col(Workspace.archived_at).is_(None))
        .exists()
    )


def memberships_of(user_ids: Collection[UUID]) -> FromClause:
    """For queries on behalf of many users: the workspaces open to them, as columns ``user_id`` and ``workspace_id``."""
    return (
        select(WorkspaceMember.user_id, WorkspaceMember.workspace_id)
        .join(Workspace, col(Workspace.id) == col(WorkspaceMember.workspace_id))
        .where(col(WorkspaceMember.user_id).in_(user_ids), col(Workspace.archived_at).is_(None))
        .subquery("memberships")
    )


def require_scope(actor: Actor, scope: Scope) -> None:
    """Refuse a key that was not made for this; sessions may do all that their user may.

    Raises:
        ForbiddenError: The key lacks the scope.
    """
    if actor.scopes is not None and scope not in actor.scopes:
        raise ForbiddenError(f"This API key lacks the scope {scope}: use one that was made with it.")
