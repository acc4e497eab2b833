"""Uploaded media, and the jobs that make them ready."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Index, Text, text
from sqlmodel import Field

from webapp.models.base import Identified, utc_now, words
from webapp.models.jobs import Job

_HAS_COME = "sha256 <> ''"


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
    """One medium of a user; default ones are everybody's to read.

    Attributes:
        file_path: Object key of the prepared file.
        file_size: What is reserved while the upload comes, then its size; of the prepared file once there is one.
        search_text: The name as it is looked for.
        progress: Percent of the preparation.
        sha256: Of the uploaded bytes: the same ones again are the same asset. Empty until all have come.
        content_sha256: Of the prepared bytes, which what is rendered depends on.
        poster_path: Object key of the picture that stands for it: a frame, a thumbnail, or a sound's waveform.
        upload_expires_at: Until when the upload may come; None once it has.
    """

    __tablename__ = "video_assets"
    __table_args__ = (
        Index(
            "ix_video_assets_user_id_asset_type_sha256_workspace_id",
            *("user_id", "asset_type", "sha256", "workspace_id"),
            unique=True,
            sqlite_where=text(_HAS_COME),
            postgresql_where=text(_HAS_COME),
        ),
        Index("ix_video_assets_workspace_id_asset_type", "workspace_id", "asset_type"),
        Index("ix_video_assets_workspace_id_created_at", "workspace_id", "created_at"),
        Index("ix_video_assets_file_path", "file_path"),
    )

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    workspace_id: UUID = Field(foreign_key="workspaces.id", ondelete="CASCADE")
    asset_type: AssetType = Field(sa_type=words(AssetType))
    asset_name: str = Field(max_length=200)
    search_text: str = Field(default="", sa_type=Text)
    file_path: str = Field(max_length=300)
    file_size: int = Field(sa_type=BigInteger)
    mime_type: str = Field(max_length=100)
    is_default: bool = Field(default=False, index=True)
    status: AssetStatus = Field(default=AssetStatus.PROCESSING, sa_type=words(AssetStatus))
    progress: int = 0
    reject_reason: str | None = Field(default=None, max_length=500)
    sha256: str = Field(default="", max_length=64)
    content_sha256: str | None = Field(default=None, max_length=64)
    duration: float | None = None
    width: int | None = None
    height: int | None = None
    poster_path: str | None = Field(default=None, max_length=300)
    poster_size: int | None = Field(default=None, sa_type=BigInteger)
    upload_expires_at: datetime | None = None
    media_info: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    updated_at: datetime = Field(default_factory=utc_now)


class PreparationJob(Job, table=True):
    """The order to make an upload ready. It outlives its asset, so that the dispatcher hears of its end.

    Attributes:
        source_path: Object key of the upload as it came.
        target_path: Object key of what is made of it.
        cleared_at: When the objects that nobody will ask for were removed.
    """

    __tablename__ = "preparation_jobs"
    __table_args__ = (
        Index(
            "ix_preparation_jobs_job_status_workspace_id_created_at", "job_status", "workspace_id", "created_at", "id"
        ),
        Index("ix_preparation_jobs_cleared_at_completed_at", "cleared_at", "completed_at"),
    )

    asset_id: UUID | None = Field(foreign_key="video_assets.id", index=True, ondelete="SET NULL")
    asset_type: AssetType = Field(sa_type=words(AssetType))
    source_path: str = Field(max_length=300, unique=True)
    target_path: str = Field(max_length=300)
    size_bytes: int = Field(sa_type=BigInteger)
    cleared_at: datetime | None = None
