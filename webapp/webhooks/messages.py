"""What there is to tell. Recorded in the very transaction in which it happens, so that nothing is lost or invented."""

import json
from datetime import UTC
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from webapp.models import WebhookDelivery, WebhookEndpoint, WebhookMessage


class EventType(StrEnum):
    """What endpoints can hear of."""

    RENDER_COMPLETED = "render.completed"
    RENDER_FAILED = "render.failed"
    RENDER_CANCELLED = "render.cancelled"
    ASSET_READY = "asset.ready"
    ASSET_REJECTED = "asset.rejected"
    PING = "ping"


CHOICES = tuple(event for event in EventType if event is not EventType.PING)
"""What can be asked for. A ping is sent by hand, to one endpoint, whatever it listens to."""


def record(session: Session, workspace_id: UUID, event_type: EventType, payload: dict[str, Any]) -> None:
    """Note an event for all endpoints of the workspace that listen to it; where none does, nothing is written.

    Args:
        session: The transaction that makes the event true.
        workspace_id: Where it happened.
        event_type: What it was.
        payload: The ``data`` of the message, as JSON has it.
    """
    listening = _listening(session, workspace_id, event_type)
    if listening:
        _address(session, workspace_id, event_type, payload, listening)


def _listening(session: Session, workspace_id: UUID, event_type: EventType) -> list[UUID]:
    # Locked, or the message to an endpoint that is being deleted would undo what the transaction is about.
    wanted = (
        select(WebhookEndpoint.id, WebhookEndpoint.event_types)
        .where(WebhookEndpoint.workspace_id == workspace_id, col(WebhookEndpoint.disabled_at).is_(None))
        .with_for_update(read=True, key_share=True)
    )
    return [key for key, chosen in session.exec(wanted) if not chosen or event_type in chosen]


def record_ping(session: Session, endpoint: WebhookEndpoint) -> WebhookDelivery:
    """Note a ping to one endpoint."""
    payload = {"webhook_id": str(endpoint.id), "description": endpoint.description}
    return _address(session, endpoint.workspace_id, EventType.PING, payload, [endpoint.id])[0]


def _address(
    session: Session, workspace_id: UUID, event_type: EventType, payload: dict[str, Any], endpoints: list[UUID]
) -> list[WebhookDelivery]:
    message = WebhookMessage(workspace_id=workspace_id, event_type=event_type.value, payload=payload)
    session.add(message)
    session.flush()
    deliveries = [WebhookDelivery(endpoint_id=endpoint, message_id=message.id) for endpoint in endpoints]
    session.add_all(deliveries)
    session.flush()
    return deliveries


def public_id(message_id: UUID) -> str:
    """The ``webhook-id``: the same in every attempt, and without the full stop that separates what is signed."""
    return f"msg_{message_id.hex}"


def body_of(message: WebhookMessage) -> bytes:
    """The body, to the byte the same in every attempt."""
    moment = message.created_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    body = {"type": message.event_type, "timestamp": moment, "data": message.payload}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
