"""Deliveries: looked at, tried out, sent again by hand."""

from uuid import UUID

from sqlmodel import Session, col, select

from webapp.accounts.service import Actor
from webapp.bell import Bell
from webapp.db import after_commit
from webapp.errors import ConflictError, NotFoundError
from webapp.models import (
    DeliveryState,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookMessage,
    utc_now,
)
from webapp.pages import behind, cut
from webapp.webhooks.endpoints import find_endpoint
from webapp.webhooks.messages import body_of, record_ping
from webapp.webhooks.views import DeliveryDetail, DeliveryPage, DeliveryView
from webapp.workspaces.policy import Action

_MOST_ATTEMPTS_SHOWN = 50


def list_deliveries(
    session: Session,
    actor: Actor,
    endpoint_id: UUID,
    *,
    state: DeliveryState | None = None,
    limit: int = 20,
    cursor: str | None = None,
) -> DeliveryPage:
    """What was, is and will be sent to an endpoint, the newest first."""
    endpoint = find_endpoint(session, actor, endpoint_id, Action.READ_WEBHOOKS)
    rows = (
        select(WebhookDelivery, WebhookMessage)
        .join(WebhookMessage, col(WebhookMessage.id) == col(WebhookDelivery.message_id))
        .where(WebhookDelivery.endpoint_id == endpoint.id)
    )
    if state is not None:
        rows = rows.where(WebhookDelivery.state == state)
    newest = behind(rows, col(WebhookDelivery.created_at), col(WebhookDelivery.id), limit=limit, cursor=cursor)
    views = [DeliveryView.of(*row) for row in session.exec(newest)]
    page, next_cursor = cut(views, limit, lambda view: (view.created_at, view.id))
    return DeliveryPage(deliveries=page, next_cursor=next_cursor)


def get_delivery(session: Session, actor: Actor, endpoint_id: UUID, delivery_id: UUID) -> DeliveryDetail:
    """A delivery with its body and the log of its attempts."""
    endpoint = find_endpoint(session, actor, endpoint_id, Action.READ_WEBHOOKS)
    delivery, message = _find(session, endpoint, delivery_id)
    attempts = session.exec(
        select(WebhookAttempt)
        .where(WebhookAttempt.delivery_id == delivery.id)
        .order_by(col(WebhookAttempt.number).desc())
        .limit(_MOST_ATTEMPTS_SHOWN)
    )
    return DeliveryDetail.with_log(delivery, message, body_of(message).decode(), list(attempts))


def _find(session: Session, endpoint: WebhookEndpoint, delivery_id: UUID) -> tuple[WebhookDelivery, WebhookMessage]:
    delivery = session.get(WebhookDelivery, delivery_id)
    if delivery is None or delivery.endpoint_id != endpoint.id:
        raise NotFoundError("There is no such delivery of this webhook.", "delivery_id")
    return delivery, session.get_one(WebhookMessage, delivery.message_id)


def send_ping(session: Session, actor: Actor, endpoint_id: UUID, *, bell: Bell) -> DeliveryView:
    """Send an endpoint a message that says nothing, to try it out.

    Raises:
        ConflictError: It is switched off.
    """
    endpoint = _enabled(find_endpoint(session, actor, endpoint_id, Action.MANAGE_WEBHOOKS))
    delivery = record_ping(session, endpoint)
    after_commit(session, bell.ring_sender)
    return DeliveryView.of(delivery, session.get_one(WebhookMessage, delivery.message_id))


def resend(session: Session, actor: Actor, endpoint_id: UUID, delivery_id: UUID, *, bell: Bell) -> DeliveryView:
    """Send a message anew, under the same id, also one that has arrived; or at once what waits for its next attempt.

    Raises:
        ConflictError: The endpoint is switched off.
    """
    endpoint = _enabled(find_endpoint(session, actor, endpoint_id, Action.MANAGE_WEBHOOKS))
    delivery, message = _find(session, endpoint, delivery_id)
    now = utc_now()
    delivery.state, delivery.ended_at = DeliveryState.PENDING, None
    delivery.begun_at = delivery.next_attempt_at = now
    after_commit(session, bell.ring_sender)
    return DeliveryView.of(delivery, message)


def _enabled(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    if endpoint.disabled_at is not None:
        raise ConflictError("The webhook is switched off: switch it on first.", "webhook_id")
    return endpoint
