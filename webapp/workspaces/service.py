"""Workspaces: made, named, put away and taken out again."""

from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import Select

from webapp.accounts.service import Actor, require_session
from webapp.errors import ConflictError, NotFoundError
from webapp.models import PlanName, Role, Scope, User, Workspace, WorkspaceMember, utc_now
from webapp.pages import behind, cut
from webapp.plain import plain_line
from webapp.settings import AppSettings
from webapp.trace import note
from webapp.workspaces.policy import RULES, Action, authorize, require_scope
from webapp.workspaces.views import WorkspacePage, WorkspaceView

LONGEST_NAME = 100
MOST_OWNED = 20


_OLDEST_OWNED = (
    select(Workspace)
    .join(WorkspaceMember, col(WorkspaceMember.workspace_id) == col(Workspace.id))
    .where(col(WorkspaceMember.user_id) == bindparam("user_id"), WorkspaceMember.role == Role.OWNER)
    .where(col(Workspace.archived_at).is_(None))
    .order_by(col(Workspace.created_at), col(Workspace.id))
    .limit(1)
)


def workspace_for(session: Session, actor: Actor, workspace_id: UUID | None, action: Action) -> Workspace:
    """The workspace that was named, or the actor's own when none was, if the actor may do this there."""
    if workspace_id is not None:
        return authorize(session, actor, action, workspace_id)
    require_scope(actor, RULES[action].scope)
    own = personal_workspace(session, actor)  # where there is no role above theirs
    note(workspace_id=own.id)
    return own


def personal_workspace(session: Session, actor: Actor) -> Workspace:
    """The oldest workspace that the actor owns.

    Raises:
        NotFoundError: There is none.
    """
    owned = session.exec(_OLDEST_OWNED, params={"user_id": actor.user_id}).one_or_none()
    if owned is None:
        raise NotFoundError("You own no workspace: name one that you belong to.", "workspace_id")
    return owned


def list_workspaces(
    session: Session, actor: Actor, *, with_archived: bool = False, limit: int = 50, cursor: str | None = None
) -> WorkspacePage:
    """Where the actor is a member, the newest first."""
    require_scope(actor, Scope.WORKSPACES_READ)
    rows = _memberships(actor)
    if not with_archived:
        rows = rows.where(col(Workspace.archived_at).is_(None))
    newest = behind(rows, col(Workspace.created_at), col(Workspace.id), limit=limit, cursor=cursor)
    views = [WorkspaceView.of(*row) for row in session.exec(newest)]
    page, next_cursor = cut(views, limit, lambda view: (view.created_at, view.id))
    return WorkspacePage(workspaces=page, next_cursor=next_cursor)


def _memberships(actor: Actor) -> Select[Workspace, WorkspaceMember]:
    return (
        select(Workspace, WorkspaceMember)
        .join(WorkspaceMember, col(WorkspaceMember.workspace_id) == col(Workspace.id))
        .where(WorkspaceMember.user_id == actor.user_id)
    )


def get_workspace(session: Session, actor: Actor, workspace_id: UUID) -> WorkspaceView:
    """A workspace of the actor's, an archived one as well."""
    return _view(session, actor, authorize(session, actor, Action.READ_WORKSPACE, workspace_id, even_archived=True))


def _view(session: Session, actor: Actor, workspace: Workspace) -> WorkspaceView:
    return WorkspaceView.of(workspace, session.get_one(WorkspaceMember, (workspace.id, actor.user_id)))


def create_workspace(session: Session, actor: Actor, name: str, *, plan: PlanName = PlanName.FREE) -> WorkspaceView:
    """Make a workspace that the actor owns.

    Raises:
        InvalidError: The name cannot be shown.
        ConflictError: The actor owns as many as one person can.
    """
    require_scope(actor, Scope.WORKSPACES_WRITE)
    line = plain_line(name, "name", LONGEST_NAME)
    _lock_owner(session, actor)
    if _count_owned(session, actor) >= MOST_OWNED:
        raise ConflictError(f"You own {MOST_OWNED} workspaces, archived ones counted: nobody can own more.", "name")
    workspace = Workspace(name=line, plan=plan)
    session.add(workspace)
    session.flush()
    session.add(WorkspaceMember(workspace_id=workspace.id, user_id=actor.user_id, role=Role.OWNER))
    session.flush()
    return _view(session, actor, workspace)


def first_plan(settings: AppSettings) -> PlanName:
    """The plan of workspaces that are made: on one's own machine one that is enough to try things out."""
    return PlanName(settings.development_plan) if settings.is_development else PlanName.FREE


def _lock_owner(session: Session, actor: Actor) -> None:
    # Two requests at once would each count what the other one has not committed yet.
    session.exec(select(User.id).where(User.id == actor.user_id).with_for_update(key_share=True)).one()


def _count_owned(session: Session, actor: Actor, *, but: UUID | None = None) -> int:
    """How many workspaces the actor owns; with ``but``, how many open ones beside that."""
    rows = _memberships(actor).where(col(WorkspaceMember.role) == Role.OWNER)
    if but is not None:
        rows = rows.where(col(Workspace.archived_at).is_(None), col(Workspace.id) != but)
    return session.exec(select(func.count()).select_from(rows.subquery())).one()


def rename_workspace(session: Session, actor: Actor, workspace_id: UUID, name: str) -> WorkspaceView:
    """Give a workspace another name."""
    workspace = authorize(session, actor, Action.MANAGE_WORKSPACE, workspace_id)
    workspace.name = plain_line(name, "name", LONGEST_NAME)
    workspace.updated_at = utc_now()
    return _view(session, actor, workspace)


def archive_workspace(session: Session, actor: Actor, workspace_id: UUID) -> WorkspaceView:
    """Put a workspace away with all that is in it; what is being rendered is finished. Twice is once.

    Raises:
        ConflictError: It is the only one that the actor owns: there would be no place left for their videos.
    """
    require_session(actor)
    workspace = authorize(session, actor, Action.MANAGE_WORKSPACE, workspace_id, even_archived=True)
    _lock_owner(session, actor)
    if workspace.archived_at is None and not _count_owned(session, actor, but=workspace_id):
        raise ConflictError("This is the only workspace that you own: make another one first.", "workspace_id")
    workspace.archived_at = workspace.archived_at or utc_now()
    return _view(session, actor, workspace)


def restore_workspace(session: Session, actor: Actor, workspace_id: UUID) -> WorkspaceView:
    """Take an archived workspace out again. Twice is once."""
    require_session(actor)
    workspace = authorize(session, actor, Action.MANAGE_WORKSPACE, workspace_id, even_archived=True)
    workspace.archived_at = None
    return _view(session, actor, workspace)
