"""Drafts of open tabs."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON
from sqlmodel import Field

from webapp.models.base import Table, utc_now


class TabDraft(Table, table=True):
    """What somebody has on the table in one tab of a browser.

    Attributes:
        tab: The tab's own name for itself, which nobody else knows.
    """

    __tablename__ = "tab_drafts"

    user_id: UUID = Field(foreign_key="users.id", primary_key=True, ondelete="CASCADE")
    tab: str = Field(primary_key=True, max_length=100)
    content: dict[str, Any] = Field(sa_type=JSON)
    updated_at: datetime = Field(default_factory=utc_now, index=True)
