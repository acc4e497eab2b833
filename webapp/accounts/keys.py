"""Keys for programs: made with scopes, shown once, recognised, listed, revoked."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, or_, update
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from webapp.accounts.service import Actor, require_session
from webapp.accounts.tokens import hash_of, new_token
from webapp.errors import ConflictError, InvalidError, NotFoundError, UnauthenticatedError
from webapp.models import ApiKey, Scope, User, utc_now
from webapp.plain import plain_line

LONGEST_NAME = 100
MOST_KEYS = 50
_PREFIX = "rg_"
_SHOWN = 10
_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewApiKey:
    """A key at the only moment when its secret is known."""

    id: UUID
    name: str
    secret: str


class KeyView(BaseModel):
    """A live key, as its user sees it.

    Attributes:
        prefix: The beginning of the secret, to tell keys apart.
        expires_at: None for keys that are good until they are revoked.
    """

    model_config = ConfigDict(frozen=True)

    id: UUID
    name: str
    prefix: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None


def create_api_key(
    session: Session,
    actor: Actor,
    name: str,
    *,
    scopes: Collection[Scope] = tuple(Scope),
    expires_at: datetime | None = None,
) -> NewApiKey:
    """Make a key for a program; its secret is never shown again.

    Raises:
        ForbiddenError: An API key asks.
        InvalidError: The name, the scopes or the time when it ends.
        ConflictError: There are too many keys already.
    """
    require_session(actor)
    name = plain_line(name, "name", LONGEST_NAME)
    _check(scopes, expires_at)
    if len(list_api_keys(session, actor)) >= MOST_KEYS:
        raise ConflictError(f"You have {MOST_KEYS} keys, which is the most: revoke one that is no longer used.", "name")
    secret = _PREFIX + new_token()
    key = ApiKey(
        user_id=actor.user_id,
        name=name,
        prefix=secret[:_SHOWN],
        key_hash=hash_of(secret),
        scopes=[scope.value for scope in Scope if scope in scopes],
        expires_at=expires_at,
    )
    session.add(key)
    session.flush()
    return NewApiKey(id=key.id, name=key.name, secret=secret)


def _check(scopes: Collection[Scope], expires_at: datetime | None) -> None:
    if not scopes:
        raise InvalidError("A key needs at least one scope: choose what the program may do.", "scopes")
    if expires_at is not None and (expires_at.tzinfo is None or expires_at <= utc_now()):
        raise InvalidError("A key must end in the future: give a later time, with its zone.", "expires_at")


def authenticate_key(session: Session, secret: str) -> Actor:
    """Who a program acts for, and in which scopes.

    Raises:
        UnauthenticatedError: Unknown, expired or revoked.
    """
    now = utc_now()
    key = session.execute(_LIVE_KEY, {"key_hash": hash_of(secret), "now": now}).one_or_none()
    if key is None:
        raise UnauthenticatedError("The API key is unknown, expired or revoked: make a new one.")
    if key.last_used_at is None or now - key.last_used_at > _SEEN_EVERY:
        session.execute(update(ApiKey).where(col(ApiKey.id) == key.id).values(last_used_at=now))
    return Actor(user_id=key.user_id, display_name=key.display_name, scopes=frozenset(map(Scope, key.scopes)))


def _is_live(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    is_unexpired = or_(col(ApiKey.expires_at).is_(None), col(ApiKey.expires_at) > now)
    return and_(col(ApiKey.revoked_at).is_(None), is_unexpired)


_LIVE_KEY = (
    select_columns(
        *(col(column) for column in (ApiKey.id, ApiKey.user_id, ApiKey.scopes, ApiKey.last_used_at, User.display_name))
    )
    .join(User, col(User.id) == col(ApiKey.user_id))
    .where(col(ApiKey.key_hash) == bindparam("key_hash"), _is_live(bindparam("now")))
)


def list_api_keys(session: Session, actor: Actor) -> tuple[KeyView, ...]:
    """One's own live keys, the newest first.

    Raises:
        ForbiddenError: An API key asks.
    """
    require_session(actor)
    own = select(ApiKey).where(ApiKey.user_id == actor.user_id, _is_live(utc_now()))
    newest_first = (col(ApiKey.created_at).desc(), col(ApiKey.id))
    return tuple(KeyView(**key.model_dump()) for key in session.exec(own.order_by(*newest_first)))


def revoke_api_key(session: Session, actor: Actor, key_id: UUID) -> None:
    """End one of one's own keys.

    Raises:
        ForbiddenError: An API key asks.
        NotFoundError: There is no such key of one's own.
    """
    require_session(actor)
    key = session.get(ApiKey, key_id)
    if key is None or key.user_id != actor.user_id:
        raise NotFoundError("There is no such API key of yours.", "key_id")
    key.revoked_at = key.revoked_at or utc_now()
