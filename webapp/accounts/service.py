"""People: who acts, and who an issuer of identities vouches for."""

import ipaddress
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, select

from webapp.errors import ForbiddenError, InvalidError
from webapp.models import PlanName, Role, Scope, User, Workspace, WorkspaceMember
from webapp.settings import AppSettings

_DEVELOPMENT_ISSUER = "development"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks.

    Attributes:
        session_id: The browser's session; None for programs.
        scopes: What an API key was made for; None for sessions, which may do all that the user may.
    """

    user_id: UUID
    display_name: str
    session_id: UUID | None = None
    scopes: frozenset[Scope] | None = None


def require_session(actor: Actor) -> None:
    """Refuse API keys where only the person at the browser may act: keys and sessions themselves.

    Raises:
        ForbiddenError: The actor is a program.
    """
    if actor.scopes is not None:
        raise ForbiddenError("This takes a login in the browser: an API key cannot do it.")


def login_development(session: Session, settings: AppSettings, *, client_host: str, name: str = "demo") -> Actor:
    """The user of that name, on one's own machine.

    ``client_host`` is the peer's address as the socket knows it, never a forwarded header.

    Raises:
        ForbiddenError: In production, or when the request came over a network.
    """
    if not settings.is_development:
        raise ForbiddenError("The development login does not exist in production.")
    if not _is_loopback(client_host):
        raise ForbiddenError("The development login works on the machine itself only: open it through localhost.")
    if not 1 <= len(name.strip()) <= 50:
        raise InvalidError("A name has 1 to 50 characters.", "name")
    return ensure_user(session, _DEVELOPMENT_ISSUER, name.strip(), PlanName(settings.development_plan))


def _is_loopback(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def ensure_user(session: Session, issuer: str, subject: str, plan: PlanName = PlanName.FREE) -> Actor:
    """The user whom an issuer of identities calls ``subject``; a new one gets a workspace of their own on ``plan``."""
    user = session.exec(select(User).where(User.issuer == issuer, User.subject == subject)).one_or_none()
    user = user or _create_user(session, issuer, subject, plan)
    return Actor(user_id=user.id, display_name=user.display_name)


def _create_user(session: Session, issuer: str, subject: str, plan: PlanName) -> User:
    user = User(issuer=issuer, subject=subject, display_name=subject)
    workspace = Workspace(name=f"{subject}'s workspace", plan=plan)
    session.add_all([user, workspace])
    session.flush()
    session.add(WorkspaceMember(workspace_id=workspace.id, user_id=user.id, role=Role.OWNER))
    session.flush()
    return user
