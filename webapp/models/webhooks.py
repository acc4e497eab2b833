"""Outgoing webhooks: who wants to hear, what there is to tell, and each attempt to tell it."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field

from webapp.models.base import Identified, utc_now, words


class DeliveryState(StrEnum):
    """What became of a message to one endpoint."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class WebhookEndpoint(Identified, table=True):
    """An address of a workspace's own that wants to hear of events.

    Attributes:
        secret: What messages are signed with, encrypted under the product's own secret.
        previous_secret: Signs as well until ``previous_until``, so that receivers can change over.
        failing_since: When the first attempt since the last one that was answered well has failed.
        disabled_at: When it was switched off, by a person or after failing for too long.
    """

    __tablename__ = "webhook_endpoints"

    workspace_id: UUID = Field(foreign_key="workspaces.id", index=True, ondelete="CASCADE")
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    url: str = Field(max_length=2000)
    description: str = Field(default="", max_length=200)
    event_types: list[str] = Field(default_factory=list, sa_type=JSON)
    secret: str = Field(max_length=500)
    previous_secret: str | None = Field(default=None, max_length=500)
    previous_until: datetime | None = None
    failing_since: datetime | None = None
    disabled_at: datetime | None = None
    disabled_reason: str | None = Field(default=None, max_length=500)
    updated_at: datetime = Field(default_factory=utc_now)


class WebhookMessage(Identified, table=True):
    """Something that has happened. Written in the transaction in which it happened."""

    __tablename__ = "webhook_messages"
    __table_args__ = (Index("ix_webhook_messages_created_at", "created_at"),)

    workspace_id: UUID = Field(foreign_key="workspaces.id", ondelete="CASCADE")
    event_type: str = Field(max_length=100)
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class WebhookDelivery(Identified, table=True):
    """One message to one endpoint: sent at least once, with the same id each time.

    Attributes:
        attempts: How often sending was begun, by whomever; tells those who send it apart.
        begun_at: When sending was begun, or begun anew by hand: from here on it is tried for so long.
        next_attempt_at: When it is due, or, while somebody sends it, when it is taken from them.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "message_id"),
        Index("ix_webhook_deliveries_state_next_attempt_at", "state", "next_attempt_at"),
        Index("ix_webhook_deliveries_endpoint_id_created_at", "endpoint_id", "created_at"),
    )

    endpoint_id: UUID = Field(foreign_key="webhook_endpoints.id", ondelete="CASCADE")
    message_id: UUID = Field(foreign_key="webhook_messages.id", index=True, ondelete="CASCADE")
    state: DeliveryState = Field(default=DeliveryState.PENDING, sa_type=words(DeliveryState))
    attempts: int = 0
    begun_at: datetime = Field(default_factory=utc_now)
    next_attempt_at: datetime = Field(default_factory=utc_now)
    ended_at: datetime | None = None


class WebhookAttempt(Identified, table=True):
    """One attempt, as the log shows it. ``created_at`` is when it began.

    Written before anything is sent: one with neither an answer nor an error is under way, or its sender has died.
    """

    __tablename__ = "webhook_attempts"

    delivery_id: UUID = Field(foreign_key="webhook_deliveries.id", index=True, ondelete="CASCADE")
    number: int
    status_code: int | None = None
    error: str | None = Field(default=None, max_length=500)
    answer: str = Field(default="", max_length=1000)
    duration_ms: int = 0
