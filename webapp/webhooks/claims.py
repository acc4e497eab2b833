"""Who sends what, and what came of it: each change is a compare-and-swap, for several processes send at the same time.

A claim is a lease. Whoever dies with it loses it, and the message is sent again, by whoever looks next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import false, func, not_, or_, select, update
from sqlmodel import Session, col

from webapp.models import DeliveryState, WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookMessage
from webapp.webhooks.endpoints import disable
from webapp.webhooks.messages import body_of, public_id
from webapp.webhooks.retries import PATIENCE, Answer, next_attempt

LEASE = timedelta(seconds=60)
"""Three times as long as an attempt can take."""
MOST_AT_ONCE = 4
"""Messages under way to one endpoint from one process: a slow one holds up nobody else."""
_GONE = "The receiver has answered 410 Gone: it wants to hear no more."
_TIRED = f"Nothing that was sent has arrived for {PATIENCE.days} days."


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A message that is ours to send now.

    Attributes:
        number: Of the attempt: tells it from those of other processes.
        sealed_secrets: What to sign with, as they are stored.
    """

    delivery_id: UUID
    endpoint_id: UUID
    attempt_id: UUID
    number: int
    url: str
    message_id: str
    body: bytes
    sealed_secrets: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A delivery whose time has come, as it was seen."""

    delivery_id: UUID
    endpoint_id: UUID
    next_attempt_at: datetime


def find_due(session: Session, now: datetime, busy: Mapping[UUID, int], limit: int) -> list[Due]:
    """What is to be sent, something for everybody first.

    Args:
        session: A transaction that only reads.
        now: The time.
        busy: How many messages are under way from here, by endpoint.
        limit: How many more can be.
    """
    delivery = WebhookDelivery
    place = func.row_number().over(partition_by=col(delivery.endpoint_id), order_by=col(delivery.next_attempt_at))
    waiting = (
        select(col(delivery.id), col(delivery.endpoint_id), col(delivery.next_attempt_at), place.label("place"))
        .join(WebhookEndpoint, col(WebhookEndpoint.id) == col(delivery.endpoint_id))
        .where(col(delivery.state) == DeliveryState.PENDING, col(delivery.next_attempt_at) <= now)
        .where(col(WebhookEndpoint.disabled_at).is_(None))
        .subquery()
    )
    too_many = (
        (waiting.c.endpoint_id == key) & (waiting.c.place > MOST_AT_ONCE - count) for key, count in busy.items()
    )
    heads = (
        select(waiting.c.id, waiting.c.endpoint_id, waiting.c.next_attempt_at)
        .where(waiting.c.place <= MOST_AT_ONCE, not_(or_(false(), *too_many)))
        .order_by(waiting.c.place, waiting.c.next_attempt_at)
    )
    return [
        Due(delivery_id=key, endpoint_id=endpoint, next_attempt_at=moment)
        for key, endpoint, moment in session.execute(heads.limit(limit))
    ]


def next_due(session: Session, now: datetime) -> datetime | None:
    """When the next time comes for something that waits."""
    upcoming: datetime | None = session.execute(
        select(func.min(WebhookDelivery.next_attempt_at))
        .join(WebhookEndpoint, col(WebhookEndpoint.id) == col(WebhookDelivery.endpoint_id))
        .where(col(WebhookDelivery.state) == DeliveryState.PENDING, col(WebhookDelivery.next_attempt_at) > now)
        .where(col(WebhookEndpoint.disabled_at).is_(None))
    ).scalar_one()
    return upcoming


def claim(session: Session, seen: Sequence[Due], now: datetime) -> list[Claim]:
    """Take what is still as it was seen; what others have taken meanwhile is theirs."""
    # All in the same order, so that two who want the same wait for each other once and never in a circle.
    claims = (_claim(session, due, now) for due in sorted(seen, key=lambda due: due.delivery_id))
    return [each for each in claims if each is not None]


def _claim(session: Session, due: Due, now: datetime) -> Claim | None:
    number = session.execute(
        update(WebhookDelivery)
        .where(col(WebhookDelivery.id) == due.delivery_id, col(WebhookDelivery.state) == DeliveryState.PENDING)
        .where(col(WebhookDelivery.next_attempt_at) == due.next_attempt_at)
        .values(next_attempt_at=now + LEASE, attempts=WebhookDelivery.attempts + 1)
        .returning(col(WebhookDelivery.attempts))
    ).scalar_one_or_none()
    if number is None:
        return None
    delivery = session.get_one(WebhookDelivery, due.delivery_id)
    endpoint = session.get_one(WebhookEndpoint, due.endpoint_id)
    message = session.get_one(WebhookMessage, delivery.message_id)
    attempt = WebhookAttempt(delivery_id=delivery.id, number=number, created_at=now)
    session.add(attempt)
    return Claim(
        delivery_id=delivery.id,
        endpoint_id=endpoint.id,
        attempt_id=attempt.id,
        number=number,
        url=endpoint.url,
        message_id=public_id(message.id),
        body=body_of(message),
        sealed_secrets=_secrets_of(endpoint, now),
    )


def _secrets_of(endpoint: WebhookEndpoint, now: datetime) -> tuple[str, ...]:
    is_changing = endpoint.previous_until is not None and endpoint.previous_until > now
    previous = endpoint.previous_secret if is_changing else None
    return (endpoint.secret,) if previous is None else (endpoint.secret, previous)


def settle(session: Session, claimed: Claim, answer: Answer, now: datetime, *, jitter: float) -> None:
    """Write down what came of an attempt, and what follows from it for the delivery and its endpoint."""
    # Locked as for any change of what is no key: those who record events for the endpoint need not wait.
    endpoint = session.get(WebhookEndpoint, claimed.endpoint_id, with_for_update={"key_share": True})
    delivery = session.get(WebhookDelivery, claimed.delivery_id, with_for_update={"key_share": True})
    if endpoint is None or delivery is None:  # removed meanwhile
        return
    _log(session, claimed, answer)
    if answer.is_success:
        endpoint.failing_since = None
        _end(delivery, DeliveryState.DELIVERED, now)
        return
    endpoint.failing_since = endpoint.failing_since or now
    if delivery.attempts == claimed.number:
        _go_on(delivery, endpoint, answer, now, jitter)


def _log(session: Session, claimed: Claim, answer: Answer) -> None:
    session.execute(
        update(WebhookAttempt)
        .where(col(WebhookAttempt.id) == claimed.attempt_id)
        .values(status_code=answer.status_code, error=answer.error, answer=answer.text, duration_ms=answer.duration_ms)
    )


def _go_on(delivery: WebhookDelivery, endpoint: WebhookEndpoint, answer: Answer, now: datetime, jitter: float) -> None:
    """After a failure: later again, or never."""
    if answer.is_farewell:
        disable(endpoint, _GONE)
        _end(delivery, DeliveryState.FAILED, now)
        return
    again = next_attempt(delivery.begun_at, now, jitter=jitter, retry_after=answer.retry_after)
    if again is not None:
        delivery.next_attempt_at = again
        return
    _end(delivery, DeliveryState.FAILED, now)
    if endpoint.failing_since is not None and now - endpoint.failing_since >= PATIENCE:
        disable(endpoint, _TIRED)


def _end(delivery: WebhookDelivery, state: DeliveryState, now: datetime) -> None:
    if delivery.state is DeliveryState.PENDING:
        delivery.state, delivery.ended_at = state, now
