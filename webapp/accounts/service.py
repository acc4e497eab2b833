"""Logging in, being recognised, logging out."""

import hashlib
import ipaddress
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http.cookies import CookieError, SimpleCookie
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from webapp.errors import ForbiddenError, InvalidError, NotFoundError, UnauthenticatedError
from webapp.models import ApiKey, PlanName, Role, Scope, User, UserSession, Workspace, WorkspaceMember, utc_now
from webapp.settings import AppSettings

SESSION_COOKIE = "reelgrove_session"
SESSION_LIFETIME = timedelta(days=30)
_API_KEY_PREFIX = "rg_"
_DEVELOPMENT_ISSUER = "development"
_SEEN_EVERY = timedelta(minutes=1)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class NewApiKey:
    """A key at the only moment when its secret is known."""

    id: UUID
    name: str
    secret: str


def login_development(
    session: Session, settings: AppSettings, *, client_host: str, name: str = "demo"
) -> tuple[Actor, str]:
    """Log in by name alone, on one's own machine; the token belongs into the session cookie.

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
    actor = ensure_user(session, _DEVELOPMENT_ISSUER, name.strip(), PlanName(settings.development_plan))
    return _open_session(session, actor)


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


def _open_session(session: Session, actor: Actor) -> tuple[Actor, str]:
    token = secrets.token_urlsafe(32)
    now = utc_now()
    opened = UserSession(
        user_id=actor.user_id, token_hash=_hash(token), expires_at=now + SESSION_LIFETIME, last_seen_at=now
    )
    session.add(opened)
    session.execute(update(User).where(col(User.id) == actor.user_id).values(last_login_at=now))
    session.flush()
    return replace(actor, session_id=opened.id), token


def _hash(secret: str) -> str:
    # Both secrets have 256 random bits: a fast hash is enough, and it can be looked up.
    return hashlib.sha256(secret.encode()).hexdigest()


def authenticate(session: Session, *, session_token: str | None = None, api_key: str | None = None) -> Actor:
    """Who the bearer of a session's token or of an API key is.

    Raises:
        UnauthenticatedError: Unknown, expired or revoked.
    """
    if api_key:
        return _by_api_key(session, api_key, utc_now())
    if session_token:
        return _by_session(session, session_token, utc_now())
    raise UnauthenticatedError("Log in first, or send an API key as 'Authorization: Bearer …'.")


def _by_session(session: Session, token: str, now: datetime) -> Actor:
    found = session.exec(
        select(UserSession, User)
        .join(User, col(User.id) == col(UserSession.user_id))
        .where(UserSession.token_hash == _hash(token), col(UserSession.revoked_at).is_(None))
        .where(UserSession.expires_at > now)
    ).one_or_none()
    if found is None:
        raise UnauthenticatedError("The session has ended: log in again.")
    opened, user = found
    if now - opened.last_seen_at > _SEEN_EVERY:
        opened.last_seen_at = now
    return Actor(user_id=user.id, display_name=user.display_name, session_id=opened.id)


def _by_api_key(session: Session, secret: str, now: datetime) -> Actor:
    found = session.exec(
        select(ApiKey, User)
        .join(User, col(User.id) == col(ApiKey.user_id))
        .where(ApiKey.key_hash == _hash(secret), col(ApiKey.revoked_at).is_(None))
        .where(col(ApiKey.expires_at).is_(None) | (col(ApiKey.expires_at) > now))
    ).one_or_none()
    if found is None:
        raise UnauthenticatedError("The API key is unknown or revoked: make a new one.")
    key, user = found
    if key.last_used_at is None or now - key.last_used_at > _SEEN_EVERY:
        key.last_used_at = now
    return Actor(user_id=user.id, display_name=user.display_name, scopes=frozenset(map(Scope, key.scopes)))


def token_from_cookies(header: str) -> str | None:
    """The session's token in a ``Cookie`` header, or None."""
    try:
        morsel = SimpleCookie(header).get(SESSION_COOKIE)
    except CookieError:
        return None
    return morsel.value if morsel else None


def log_out(session: Session, actor: Actor) -> None:
    """End the session that asks; nothing happens to API keys."""
    opened = session.get(UserSession, actor.session_id) if actor.session_id else None
    if opened is not None:
        opened.revoked_at = utc_now()


def create_api_key(session: Session, actor: Actor, name: str) -> NewApiKey:
    """Make a key for a program; its secret is never shown again."""
    if not 1 <= len(name.strip()) <= 100:
        raise InvalidError("A key's name has 1 to 100 characters.", "name")
    secret = _API_KEY_PREFIX + secrets.token_urlsafe(32)
    key = ApiKey(
        user_id=actor.user_id, name=name.strip(), prefix=secret[:10], key_hash=_hash(secret), scopes=[*map(str, Scope)]
    )
    session.add(key)
    session.flush()
    return NewApiKey(id=key.id, name=key.name, secret=secret)


def revoke_api_key(session: Session, actor: Actor, key_id: UUID) -> None:
    """End one of one's own keys."""
    key = session.get(ApiKey, key_id)
    if key is None or key.user_id != actor.user_id:
        raise NotFoundError("There is no such API key of yours.", "key_id")
    key.revoked_at = key.revoked_at or utc_now()
