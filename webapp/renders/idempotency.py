"""A repeated order with the same key is the same order."""

import hashlib
import json
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col, select

from webapp.accounts.service import Actor
from webapp.errors import ConflictError, InvalidError
from webapp.models import IdempotencyKey, User, utc_now
from webapp.renders.views import RenderOrder

LIFETIME = timedelta(hours=24)
LONGEST_KEY = 200


def find_repetition(session: Session, actor: Actor, key: str, order: RenderOrder) -> UUID | None:
    """The video that this key has already made, or None. Orders of one user under keys wait for each other.

    Raises:
        ConflictError: The key was used for another order within its 24 hours.
    """
    if not 1 <= len(key) <= LONGEST_KEY:
        raise InvalidError(f"An Idempotency-Key has 1 to {LONGEST_KEY} characters.", "Idempotency-Key")
    session.exec(select(User.id).where(User.id == actor.user_id).with_for_update(key_share=True)).one()
    own, old = col(IdempotencyKey.user_id) == actor.user_id, col(IdempotencyKey.created_at) < utc_now() - LIFETIME
    session.execute(delete(IdempotencyKey).where(own, old))
    known = session.get(IdempotencyKey, (actor.user_id, key))
    if known is not None and known.request_hash != _digest(order):
        raise ConflictError("This Idempotency-Key was used for another order: choose a new one.", "Idempotency-Key")
    return known.video_id if known else None


def remember(session: Session, actor: Actor, key: str, order: RenderOrder, video_id: UUID) -> None:
    """Keep what an order has made under its key."""
    session.add(IdempotencyKey(user_id=actor.user_id, key=key, request_hash=_digest(order), video_id=video_id))


def _digest(order: RenderOrder) -> str:
    """The same for the same order, in whatever sequence its settings came."""
    return hashlib.sha256(json.dumps(order.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()
