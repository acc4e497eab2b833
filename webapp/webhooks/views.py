"""What goes in and what comes out of the webhooks room: frozen values, never rows."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from webapp.models import DeliveryState, WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookMessage, utc_now
from webapp.pages import Page
from webapp.webhooks.addresses import LONGEST_URL
from webapp.webhooks.messages import EventType, public_id

LONGEST_DESCRIPTION = 200
_INTERRUPTED = "The sender was interrupted before it had an answer: the message is sent again."
_EXAMPLE: dict[str, Any] = {
    "url": "https://example.com/hooks/reelgrove",
    "description": "Tells our shop when a video is ready",
    "event_types": ["render.completed", "render.failed"],
}


class EndpointDraft(BaseModel):
    """An endpoint to be made.

    Attributes:
        url: Where messages go: a public https address on port 443.
        event_types: What it wants to hear of; nothing chosen means everything, also what is added later.
        workspace_id: None means the actor's own workspace.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    url: Annotated[str, Field(max_length=LONGEST_URL)]
    description: Annotated[str, Field(max_length=LONGEST_DESCRIPTION)] = ""
    event_types: tuple[EventType, ...] = ()
    workspace_id: UUID | None = None


class EndpointChange(BaseModel):
    """What to change of an endpoint; what is left out stays.

    Attributes:
        is_enabled: True switches it on again: what waits for it is sent.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [{"is_enabled": True, "event_types": []}]}
    )

    url: Annotated[str | None, Field(max_length=LONGEST_URL)] = None
    description: Annotated[str | None, Field(max_length=LONGEST_DESCRIPTION)] = None
    event_types: tuple[EventType, ...] | None = None
    is_enabled: bool | None = None


class EndpointView(BaseModel):
    """An endpoint as an owner of its workspace sees it: without its secret.

    Attributes:
        failing_since: When attempts began to fail; None when the last one went well.
        disabled_reason: Why it was switched off; None while it is on.
        previous_secret_until: Until when messages are signed with the secret before as well.
    """

    model_config = ConfigDict(frozen=True)

    id: UUID
    workspace_id: UUID
    url: str
    description: str
    event_types: tuple[EventType, ...]
    is_enabled: bool
    disabled_at: datetime | None
    disabled_reason: str | None
    failing_since: datetime | None
    previous_secret_until: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, row: WebhookEndpoint) -> Self:
        """The view of a row."""
        is_changing = row.previous_until is not None and row.previous_until > utc_now()
        return cls(
            id=row.id,
            workspace_id=row.workspace_id,
            url=row.url,
            description=row.description,
            event_types=tuple(map(EventType, row.event_types)),
            is_enabled=row.disabled_at is None,
            disabled_at=row.disabled_at,
            disabled_reason=row.disabled_reason,
            failing_since=row.failing_since,
            previous_secret_until=row.previous_until if is_changing else None,
            created_at=row.created_at,
        )


class EndpointList(BaseModel):
    """The endpoints of a workspace, the oldest first: there are never many."""

    model_config = ConfigDict(frozen=True)

    webhooks: tuple[EndpointView, ...]


class NewSecret(BaseModel):
    """An endpoint at one of the only moments when its secret is shown.

    Attributes:
        secret: Verify signatures with it, as Standard Webhooks says. It is never shown again.
    """

    model_config = ConfigDict(frozen=True)

    webhook: EndpointView
    secret: str


class DeliveryView(BaseModel):
    """A message to one endpoint, and how far it has come.

    Attributes:
        message_id: The ``webhook-id`` that the receiver is told, the same in every attempt.
        attempts: How often sending was begun.
        next_attempt_at: When it is sent, or sent again; None when it has ended.
    """

    model_config = ConfigDict(frozen=True)

    id: UUID
    webhook_id: UUID
    message_id: str
    event_type: EventType
    state: DeliveryState
    attempts: int
    next_attempt_at: datetime | None
    ended_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, delivery: WebhookDelivery, message: WebhookMessage) -> Self:
        """The view of a delivery's rows."""
        return cls(**_facts(delivery, message))


class DeliveryPage(Page):
    """A page of deliveries, the newest first."""

    deliveries: tuple[DeliveryView, ...]


class AttemptView(BaseModel):
    """One attempt.

    Attributes:
        created_at: When it began.
        status_code: Of the answer; None when there was none.
        error: Why there was no answer; None when there was one, or while it is awaited.
        answer: The beginning of the answer's body.
    """

    model_config = ConfigDict(frozen=True)

    number: int
    created_at: datetime
    status_code: int | None
    error: str | None
    answer: str
    duration_ms: int

    @classmethod
    def of(cls, row: WebhookAttempt, *, is_under_way: bool) -> Self:
        """The view of a row; one that has neither an answer nor an error is under way, or its sender has died."""
        was_lost = row.status_code is None and row.error is None and not is_under_way
        return cls(
            number=row.number,
            created_at=row.created_at,
            status_code=row.status_code,
            error=_INTERRUPTED if was_lost else row.error,
            answer=row.answer,
            duration_ms=row.duration_ms,
        )


class DeliveryDetail(DeliveryView):
    """A delivery with all that is known of it.

    Attributes:
        body: What is sent, to the letter.
        log: Its attempts, the newest first.
    """

    body: str
    log: tuple[AttemptView, ...]

    @classmethod
    def with_log(
        cls, delivery: WebhookDelivery, message: WebhookMessage, body: str, attempts: list[WebhookAttempt]
    ) -> Self:
        """The view of a delivery's rows with those of its attempts."""
        is_sent = delivery.state is DeliveryState.PENDING and delivery.next_attempt_at > utc_now()
        log = (AttemptView.of(row, is_under_way=is_sent and row.number == delivery.attempts) for row in attempts)
        return cls(**_facts(delivery, message), body=body, log=tuple(log))


def _facts(delivery: WebhookDelivery, message: WebhookMessage) -> dict[str, Any]:
    is_pending = delivery.state is DeliveryState.PENDING
    return {
        "id": delivery.id,
        "webhook_id": delivery.endpoint_id,
        "message_id": public_id(message.id),
        "event_type": EventType(message.event_type),
        "state": delivery.state,
        "attempts": delivery.attempts,
        "next_attempt_at": delivery.next_attempt_at if is_pending else None,
        "ended_at": delivery.ended_at,
        "created_at": delivery.created_at,
    }
