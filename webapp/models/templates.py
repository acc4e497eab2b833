"""Saved configurations of templates."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, UniqueConstraint, text
from sqlmodel import Field

from webapp.models.base import Identified, utc_now


class VideoTemplate(Identified, table=True):
    """A template with somebody's settings: the newest of its versions.

    Attributes:
        is_public: Whether all members of its workspace see it.
        is_default: Whether its maker's drafts begin with it: one of each template.
        version: Number of the newest version, from 1 on.
        user_assets: Ids of assets by input, as in an order.
    """

    __tablename__ = "video_templates"
    __table_args__ = (
        Index(
            "uq_video_templates_default",
            "user_id",
            "template_name",
            unique=True,
            sqlite_where=text("is_default"),
            postgresql_where=text("is_default"),
        ),
    )

    template_name: str = Field(max_length=100)
    template_version: str = Field(default="1.0", max_length=16)
    title: str = Field(default="", max_length=200)
    user_id: UUID = Field(foreign_key="users.id", index=True, ondelete="CASCADE")
    workspace_id: UUID = Field(foreign_key="workspaces.id", index=True, ondelete="CASCADE")
    is_public: bool = False
    is_default: bool = False
    version: int = 1
    config: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    user_assets: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    updated_at: datetime = Field(default_factory=utc_now)


class VideoTemplateVersion(Identified, table=True):
    """Settings as they once were. Versions are never changed."""

    __tablename__ = "video_template_versions"
    __table_args__ = (UniqueConstraint("template_id", "version"),)

    template_id: UUID = Field(foreign_key="video_templates.id", ondelete="CASCADE")
    version: int
    user_id: UUID | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL")
    template_version: str = Field(default="1.0", max_length=16)
    title: str = Field(default="", max_length=200)
    config: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    user_assets: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
