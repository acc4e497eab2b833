"""Invitations by link: each makes one person a member, once, for a while, and only its hash is kept."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import Select

from webapp.accounts.service import Actor, require_session
from webapp.accounts.tokens import hash_of, new_token
from webapp.errors import ConflictError, InvalidError, NotFoundError
from webapp.models import Role, User, Workspace, WorkspaceInvite, WorkspaceMember, utc_now
from webapp.plain import require_plain
from webapp.workspaces.members import join, lock_members
from webapp.workspaces.policy import Action, authorize
from webapp.workspaces.service import get_workspace
from webapp.workspaces.views import InviteOffer, InviteView, NewInvite, WorkspaceView

LIFETIME = timedelta(days=7)
LONGEST_LIFETIME = timedelta(days=30)
MOST_OPEN = 100
_SHORTEST_LIFETIME = timedelta(minutes=1)
_UNKNOWN = "This invitation does not exist: look whether the link is whole, or ask for a new one."


def invite(session: Session, actor: Actor, workspace_id: UUID, role: Role, lifetime: timedelta = LIFETIME) -> NewInvite:
    """Make a link that makes one person a member.

    Raises:
        InvalidError: It would live too shortly or too long.
        ConflictError: Too many are open already.
    """
    lock_members(session, workspace_id)
    authorize(session, actor, Action.MANAGE_WORKSPACE, workspace_id)
    if not _SHORTEST_LIFETIME <= lifetime <= LONGEST_LIFETIME:
        raise InvalidError(f"An invitation lives for 1 minute to {LONGEST_LIFETIME.days} days.", "lifetime")
    if session.exec(select(func.count()).select_from(_open(workspace_id).subquery())).one() >= MOST_OPEN:
        raise ConflictError(f"{MOST_OPEN} invitations are open already: revoke one first.", "workspace_id")
    token = new_token()
    made = WorkspaceInvite(
        workspace_id=workspace_id,
        invited_by=actor.user_id,
        token_hash=hash_of(token),
        role=role,
        expires_at=utc_now() + lifetime,
    )
    session.add(made)
    session.flush()
    view = InviteView.of(made, actor.display_name)
    return NewInvite(**view.model_dump(), token=token, path=f"/join/{token}")


def list_open_invites(session: Session, actor: Actor, workspace_id: UUID) -> tuple[InviteView, ...]:
    """Invitations that can still be accepted, the newest first; there are never more than ``MOST_OPEN``."""
    authorize(session, actor, Action.MANAGE_WORKSPACE, workspace_id)
    newest = _open(workspace_id).order_by(col(WorkspaceInvite.created_at).desc())
    return tuple(InviteView.of(*row) for row in session.exec(newest))


def _open(workspace_id: UUID) -> Select[WorkspaceInvite, str]:
    return (
        select(WorkspaceInvite, User.display_name)
        .join(User, col(User.id) == col(WorkspaceInvite.invited_by))
        .where(WorkspaceInvite.workspace_id == workspace_id, col(WorkspaceInvite.expires_at) > utc_now())
        .where(col(WorkspaceInvite.used_at).is_(None), col(WorkspaceInvite.revoked_at).is_(None))
    )


def revoke_invite(session: Session, actor: Actor, workspace_id: UUID, invite_id: UUID) -> None:
    """Take an invitation back that nobody has accepted. Twice is once.

    Raises:
        ConflictError: Somebody has: remove the member instead.
    """
    lock_members(session, workspace_id)
    authorize(session, actor, Action.MANAGE_WORKSPACE, workspace_id)
    found = session.get(WorkspaceInvite, invite_id)
    if found is None or found.workspace_id != workspace_id:
        raise NotFoundError("There is no such invitation to this workspace.", "invite_id")
    if found.used_at is not None:
        raise ConflictError("Somebody has accepted this invitation: remove the member instead.", "invite_id")
    found.revoked_at = found.revoked_at or utc_now()


def show_invite(session: Session, actor: Actor, token: str) -> InviteOffer:
    """What the bearer of an invitation is offered.

    Raises:
        NotFoundError: It is over; the text says why.
    """
    require_session(actor)
    found = _find(session, token)
    _require_good(session, found)
    workspace = session.get_one(Workspace, found.workspace_id)
    member = session.get(WorkspaceMember, (workspace.id, actor.user_id))
    return InviteOffer(
        workspace_id=workspace.id,
        workspace_name=workspace.name,
        invited_by=session.get_one(User, found.invited_by).display_name,
        role=found.role,
        expires_at=found.expires_at,
        current_role=member.role if member else None,
    )


def accept_invite(session: Session, actor: Actor, token: str) -> WorkspaceView:
    """Become a member. A member keeps a greater role, and the invitation is left for somebody else.

    Of two people at once one gets in; whoever accepts the same twice is told the same twice.

    Raises:
        NotFoundError: It is over; the text says why.
    """
    require_session(actor)
    found = _find(session, token)
    lock_members(session, found.workspace_id)
    session.refresh(found)  # as it is now that nobody else can accept it
    member = session.get(WorkspaceMember, (found.workspace_id, actor.user_id))
    if member is None or found.used_by != actor.user_id:
        _require_good(session, found)
        if join(session, found.workspace_id, actor.user_id, found.role):
            found.used_at, found.used_by = utc_now(), actor.user_id
    return get_workspace(session, actor, found.workspace_id)


def _find(session: Session, token: str) -> WorkspaceInvite:
    require_plain(token, "token")
    found = session.exec(select(WorkspaceInvite).where(WorkspaceInvite.token_hash == hash_of(token))).one_or_none()
    if found is None:
        raise NotFoundError(_UNKNOWN, "token")
    return found


def _require_good(session: Session, found: WorkspaceInvite) -> None:
    """Who has the token may learn what became of it."""
    workspace = session.get_one(Workspace, found.workspace_id)
    reasons = {
        "has been accepted already": found.used_at is not None,
        "was taken back": found.revoked_at is not None or workspace.archived_at is not None,
        "has expired": found.expires_at <= utc_now(),
    }
    for reason, is_so in reasons.items():
        if is_so:
            raise NotFoundError(f"This invitation {reason}: ask whoever sent it for a new one.", "token")
