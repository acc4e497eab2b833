"""One's own account: who one is, where one is logged in, and keys for programs."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from webapp.accounts.keys import LONGEST_NAME, KeyView, create_api_key, list_api_keys, revoke_api_key
from webapp.accounts.service import Profile, profile_of
from webapp.accounts.sessions import SessionView, end_other_sessions, end_session, list_sessions
from webapp.api.edge import Asking
from webapp.models import Scope
from webapp.plain import Moment

router = APIRouter(prefix="/api/auth", tags=["auth"])


class Sessions(BaseModel):
    """Where one is logged in, the last seen first."""

    sessions: tuple[SessionView, ...]


class Ended(BaseModel):
    """How many sessions have ended."""

    ended: int


class Keys(BaseModel):
    """One's live keys, the newest first."""

    api_keys: tuple[KeyView, ...]


class KeyOrder(BaseModel):
    """A key to make.

    Attributes:
        scopes: What the program may do; everything unless said otherwise.
        expires_at: None for a key that is good until it is revoked.
    """

    name: Annotated[str, Field(max_length=LONGEST_NAME, examples=["nightly build"])]
    scopes: Annotated[tuple[Scope, ...], Field(max_length=100)] = tuple(Scope)
    expires_at: Moment | None = None


class NewKey(BaseModel):
    """A new key; its secret is shown this once."""

    id: UUID
    name: str
    secret: str


@router.get("/me")
def me(caller: Asking) -> Profile:
    """Who asks, and with an API key also what it may do."""
    with caller.transaction() as (session, actor):
        return profile_of(session, actor)


@router.get("/sessions")
def sessions(caller: Asking) -> Sessions:
    """Where you are logged in. Takes a login in the browser, as everything about sessions and keys does."""
    with caller.transaction() as (session, actor):
        return Sessions(sessions=list_sessions(session, actor))


@router.delete("/sessions")
def end_others(caller: Asking) -> Ended:
    """End all sessions but the one that asks."""
    with caller.transaction() as (session, actor):
        return Ended(ended=end_other_sessions(session, actor))


@router.delete("/sessions/{session_id}", status_code=204)
def end_one(caller: Asking, session_id: UUID) -> None:
    """End a session."""
    with caller.transaction() as (session, actor):
        end_session(session, actor, session_id)


@router.get("/api-keys")
def keys(caller: Asking) -> Keys:
    """Your keys, without their secrets."""
    with caller.transaction() as (session, actor):
        return Keys(api_keys=list_api_keys(session, actor))


@router.post("/api-keys", status_code=201)
def new_key(caller: Asking, order: KeyOrder) -> NewKey:
    """Make a key for a program. Its secret is in this answer and nowhere else."""
    with caller.transaction() as (session, actor):
        key = create_api_key(session, actor, order.name, scopes=order.scopes, expires_at=order.expires_at)
    return NewKey(id=key.id, name=key.name, secret=key.secret)


@router.delete("/api-keys/{key_id}", status_code=204)
def revoke_key(caller: Asking, key_id: UUID) -> None:
    """End a key."""
    with caller.transaction() as (session, actor):
        revoke_api_key(session, actor, key_id)
