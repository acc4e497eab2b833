"""Saved configurations of templates."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON
from sqlmodel import Field

from webapp.models.base import Identified, utc_now


class VideoTemplate(Identified, table=True):
    """A template with somebody's settings."""

    __tablename__ = "video_templates"

    template_name: str = Field(max_length=100)
    template_version: str = Field(default="1.0", max_length=16)
    title: str = Field(default="", max_length=200)
    user_id: UUID = Field(foreign_key="users.id", index=True, ondelete="CASCADE")
    workspace_id: UUID = Field(foreign_key="workspaces.id", index=True, ondelete="CASCADE")
    is_public: bool = False
    is_default: bool = False
    config: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    updated_at: datetime = Field(default_factory=utc_now)
