"""Uploaded media."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Index
from sqlmodel import Field

from webapp.models.base import Identified, utc_now, words


class AssetType(StrEnum):
    """What a medium is for."""

    AVATAR = "avatar"
    COVER = "cover"
    MUSIC = "music"
    BACKGROUND = "background"


class AssetStatus(StrEnum):
    """How far a medium is from being usable."""

    UPLOADING = "uploading"
    PROCESSING = "processing"
    READY = "ready"
    REJECTED = "rejected"


class VideoAsset(Identified, table=True):
    """One medium of a user. ``file_path`` is its key in the object store; default ones are everybody's to read."""

    __tablename__ = "video_assets"
    __table_args__ = (
        Index("ix_video_assets_user_id_asset_type_sha256", "user_id", "asset_type", "sha256", unique=True),
        Index("ix_video_assets_workspace_id_asset_type", "workspace_id", "asset_type"),
    )

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    workspace_id: UUID = Field(foreign_key="workspaces.id", ondelete="CASCADE")
    asset_type: AssetType = Field(sa_type=words(AssetType))
    asset_name: str = Field(max_length=200)
    file_path: str = Field(max_length=300)
    file_size: int = Field(sa_type=BigInteger)
    mime_type: str = Field(max_length=100)
    is_default: bool = Field(default=False, index=True)
    status: AssetStatus = Field(default=AssetStatus.READY, sa_type=words(AssetStatus))
    reject_reason: str | None = Field(default=None, max_length=500)
    sha256: str = Field(max_length=64)
    duration: float | None = None
    width: int | None = None
    height: int | None = None
    media_info: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    updated_at: datetime = Field(default_factory=utc_now)
