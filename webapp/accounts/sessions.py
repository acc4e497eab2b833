"""Browsers that are logged in: opened, recognised, given new tokens, listed, ended.

A token is replaced in the life of its session. The next one is offered with every answer until the browser has come
with it, and is always the same: an answer that was lost, or came late, locks nobody out. The one before is taken for a
moment longer, for requests that were on their way. What outlives its request, a tab or a stream, proves itself once and
then asks for its session by id.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from http.cookies import CookieError, SimpleCookie
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, and_, delete, or_, update
from sqlmodel import Session, col, select

from webapp.accounts.service import Actor, require_session
from webapp.accounts.tokens import hash_of, new_token, successor
from webapp.errors import NotFoundError, UnauthenticatedError
from webapp.models import User, UserSession, utc_now
from webapp.settings import AppSettings

SESSION_COOKIE = "reelgrove_session"
SESSION_LIFETIME = timedelta(days=30)
ROTATED_AFTER = timedelta(hours=12)
GRACE = timedelta(minutes=2)
_SEEN_EVERY = timedelta(minutes=1)
_LONGEST_AGENT = 300
_LONGEST_ADDRESS = 64


class SessionEndedError(UnauthenticatedError):
    """A session that was, or never was: who can tell."""


class SessionView(BaseModel):
    """A browser that is logged in, as its user sees it.

    Attributes:
        user_agent: What the browser said it was.
        address: Where it logged in from.
        is_current: Whether this one asks.
    """

    model_config = ConfigDict(frozen=True)

    id: UUID
    user_agent: str
    address: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    is_current: bool


def cookie_name(settings: AppSettings) -> str:
    """The cookie of sessions."""
    return own_host_cookie(SESSION_COOKIE, settings)


def own_host_cookie(name: str, settings: AppSettings) -> str:
    """A cookie's name; in production one that browsers take from this very host over TLS only."""
    return name if settings.is_development else f"__Host-{name}"


def token_from_cookies(header: str, name: str = SESSION_COOKIE) -> str | None:
    """The session's token in a ``Cookie`` header, or None."""
    try:
        morsel = SimpleCookie(header).get(name)
    except CookieError:
        return None
    return morsel.value if morsel else None


def open_session(session: Session, actor: Actor, *, user_agent: str = "", address: str = "") -> str:
    """Log a browser in; the token belongs into its cookie."""
    token, now = new_token(), utc_now()
    _forget_ended(session, actor, now)
    opened = UserSession(
        user_id=actor.user_id,
        token_hash=hash_of(token),
        expires_at=now + SESSION_LIFETIME,
        last_seen_at=now,
        user_agent=user_agent[:_LONGEST_AGENT],
        address=address[:_LONGEST_ADDRESS],
    )
    session.add(opened)
    session.execute(update(User).where(col(User.id) == actor.user_id).values(last_login_at=now))
    session.flush()
    return token


def _forget_ended(session: Session, actor: Actor, now: datetime) -> None:
    is_over = or_(col(UserSession.revoked_at).is_not(None), col(UserSession.expires_at) < now)
    session.execute(delete(UserSession).where(col(UserSession.user_id) == actor.user_id, is_over))


def authenticate_session(session: Session, token: str) -> Actor:
    """Who comes with a token: the current one, the next one if it was offered, or the last one for a moment.

    Raises:
        SessionEndedError: Unknown, expired or ended.
    """
    digest, now = hash_of(token), utc_now()
    is_recent = and_(col(UserSession.previous_hash) == digest, col(UserSession.rotated_at) > now - GRACE)
    is_it = or_(col(UserSession.token_hash) == digest, col(UserSession.next_hash) == digest, is_recent)
    opened, actor = _find(session, is_it, now)
    if opened.next_hash == digest:
        opened.previous_hash, opened.token_hash, opened.next_hash = opened.token_hash, digest, None
        opened.rotated_at = now
    return actor


def actor_of_session(session: Session, session_id: UUID) -> Actor:
    """Who a session belongs to: for what has shown its token before and outlives its request.

    Raises:
        SessionEndedError: Expired or ended.
    """
    return _find(session, col(UserSession.id) == session_id, utc_now())[1]


def _find(session: Session, is_it: ColumnElement[bool], now: datetime) -> tuple[UserSession, Actor]:
    found = session.exec(
        select(UserSession, User)
        .join(User, col(User.id) == col(UserSession.user_id))
        .where(is_it, col(UserSession.revoked_at).is_(None), col(UserSession.expires_at) > now)
    ).one_or_none()
    if found is None:
        raise SessionEndedError("The session has ended: log in again.")
    opened, user = found
    if now - opened.last_seen_at > _SEEN_EVERY:
        opened.last_seen_at = now
    return opened, Actor(user_id=user.id, display_name=user.display_name, session_id=opened.id)


def rotate(session: Session, actor: Actor, token: str, secret: str) -> tuple[str, timedelta] | None:
    """The token to go on with and how long it is good for, once the current one has been used for long enough.

    Args:
        session: The transaction.
        actor: Who came with ``token``.
        token: Is still taken until the next one has been used, and for a moment after.
        secret: The server's.
    """
    opened = session.get(UserSession, actor.session_id) if actor.session_id else None
    now = utc_now()
    if opened is None or opened.token_hash != hash_of(token) or now - opened.rotated_at < ROTATED_AFTER:
        return None
    following = successor(token, secret)
    opened.next_hash = hash_of(following)
    return following, opened.expires_at - now


def list_sessions(session: Session, actor: Actor) -> tuple[SessionView, ...]:
    """One's own live sessions, the last seen first.

    Raises:
        ForbiddenError: An API key asks.
    """
    require_session(actor)
    live = select(UserSession).where(UserSession.user_id == actor.user_id, col(UserSession.revoked_at).is_(None))
    rows = session.exec(live.where(col(UserSession.expires_at) > utc_now()))
    return tuple(_view(row, actor) for row in sorted(rows, key=lambda row: row.last_seen_at, reverse=True))


def _view(row: UserSession, actor: Actor) -> SessionView:
    return SessionView(**row.model_dump(), is_current=row.id == actor.session_id)


def end_session(session: Session, actor: Actor, session_id: UUID) -> None:
    """End one of one's own sessions, the one that asks included.

    Raises:
        ForbiddenError: An API key asks.
        NotFoundError: There is no such live session of one's own.
    """
    require_session(actor)
    opened = session.get(UserSession, session_id)
    if opened is None or opened.user_id != actor.user_id or opened.revoked_at is not None:
        raise NotFoundError("There is no such session of yours.", "session_id")
    opened.revoked_at = utc_now()


def forget_token(session: Session, token: str) -> None:
    """End the session that a browser had before, if it was still alive."""
    with suppress(UnauthenticatedError):
        actor = authenticate_session(session, token)
        session.execute(delete(UserSession).where(col(UserSession.id) == actor.session_id))


def end_other_sessions(session: Session, actor: Actor) -> int:
    """End all of one's own sessions but the one that asks; how many there were.

    Raises:
        ForbiddenError: An API key asks.
    """
    others = [view for view in list_sessions(session, actor) if not view.is_current]
    for view in others:
        end_session(session, actor, view.id)
    return len(others)
