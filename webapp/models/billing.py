"""What was used, by whom, and what was paid for."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Index, UniqueConstraint
from sqlmodel import Field

from webapp.models.base import Identified, words
from webapp.models.workspaces import PlanName


class UsageState(StrEnum):
    """What became of a reservation. It leaves ``reserved`` once."""

    RESERVED = "reserved"
    SETTLED = "settled"
    RELEASED = "released"


class UsageEntry(Identified, table=True):
    """The ledger: one line per job. It outlives the job: deleting a video gives nothing back."""

    __tablename__ = "usage_entries"
    __table_args__ = (Index("ix_usage_entries_workspace_id_period_start", "workspace_id", "period_start"),)

    job_id: UUID = Field(unique=True)
    user_id: UUID = Field(foreign_key="users.id", index=True, ondelete="CASCADE")
    workspace_id: UUID = Field(foreign_key="workspaces.id", ondelete="CASCADE")
    period_start: datetime
    state: UsageState = Field(default=UsageState.RESERVED, sa_type=words(UsageState))
    render_seconds: float = 0.0
    closed_at: datetime | None = None


class UserUsage(Identified, table=True):
    """A month of a user: a projection of the ledger, never a source."""

    __tablename__ = "user_usage"
    __table_args__ = (UniqueConstraint("user_id", "period_start"),)

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    period_start: datetime
    period_end: datetime
    videos_rendered: int = 0
    total_render_time: float = 0.0
    storage_used: int = Field(default=0, sa_type=BigInteger)


class Subscription(Identified, table=True):
    """A paid plan of a workspace, as the payment provider last described it."""

    __tablename__ = "subscriptions"

    workspace_id: UUID = Field(foreign_key="workspaces.id", unique=True, ondelete="CASCADE")
    customer_id: str = Field(max_length=100, index=True)
    subscription_id: str | None = Field(default=None, max_length=100, unique=True)
    plan: PlanName = Field(sa_type=words(PlanName))
    status: str = Field(max_length=32)
    current_period_end: datetime | None = None
    cancel_at_period_end: bool = False
    updated_at: datetime


class WebhookEvent(Identified, table=True):
    """The inbox: each event of a provider is taken in once."""

    __tablename__ = "webhook_events"
    __table_args__ = (UniqueConstraint("provider", "event_id"),)

    provider: str = Field(max_length=32)
    event_id: str = Field(max_length=200)
    event_type: str = Field(max_length=100)
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    processed_at: datetime | None = None
