"""Videos and the jobs that render them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, Index, Text, text
from sqlmodel import Field

from webapp.models.base import Identified, Table, utc_now, words
from webapp.models.jobs import Job


class RenderStatus(StrEnum):
    """The life of a video as its owner sees it."""

    PENDING = "pending"
    RENDERING = "rendering"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_terminal(self) -> bool:
        """Whether nothing more will happen to it."""
        return self not in {RenderStatus.PENDING, RenderStatus.RENDERING}


_UNDER_WAY = text("render_status IN ('pending', 'rendering')")


class UserVideo(Identified, table=True):
    """A video that was asked for. Its paths (output, poster, sprites) are keys in the object store.

    Attributes:
        template_id: The saved settings that it was made from, as long as they are kept.
        search_text: Title and description as they are looked for: databases fold the case of ASCII only.
    """

    __tablename__ = "user_videos"
    __table_args__ = (
        CheckConstraint("render_progress BETWEEN 0 AND 100", name="percent"),
        Index("ix_user_videos_user_id_created_at", "user_id", "created_at"),
        Index("ix_user_videos_workspace_id_created_at", "workspace_id", "created_at"),
        Index("ix_user_videos_workspace_id_updated_at", "workspace_id", "updated_at"),
        Index("ix_user_videos_under_way", "workspace_id", sqlite_where=_UNDER_WAY, postgresql_where=_UNDER_WAY),
    )

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    workspace_id: UUID = Field(foreign_key="workspaces.id", ondelete="CASCADE")
    room_id: UUID | None = Field(default=None, foreign_key="rooms.id", index=True, ondelete="SET NULL")
    task_id: UUID | None = Field(default=None, foreign_key="tasks.id", index=True, ondelete="SET NULL")
    template_id: UUID | None = Field(default=None, foreign_key="video_templates.id", index=True, ondelete="SET NULL")
    video_title: str = Field(max_length=200)
    video_description: str = Field(default="", max_length=2000)
    search_text: str = Field(default="", sa_type=Text)
    render_status: RenderStatus = Field(default=RenderStatus.PENDING, sa_type=words(RenderStatus))
    render_progress: int = 0
    estimated_completion: datetime | None = None
    input_props: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    output_url: str | None = Field(default=None, max_length=300)
    output_path: str | None = Field(default=None, max_length=300)
    output_size: int | None = Field(default=None, sa_type=BigInteger)
    poster_path: str | None = Field(default=None, max_length=300)
    sprites_path: str | None = Field(default=None, max_length=300)
    pictures_size: int | None = Field(default=None, sa_type=BigInteger)
    sprite_sheet: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    duration: float | None = None
    render_started_at: datetime | None = None
    render_completed_at: datetime | None = None
    updated_at: datetime = Field(default_factory=utc_now)


class RenderJob(Job, table=True):
    """The order to render a video."""

    __tablename__ = "render_jobs"
    __table_args__ = (
        Index("ix_render_jobs_job_status_workspace_id_created_at", "job_status", "workspace_id", "created_at", "id"),
    )

    video_id: UUID = Field(foreign_key="user_videos.id", index=True, ondelete="CASCADE")
    spec: dict[str, Any] = Field(sa_type=JSON)
    output_sha256: str | None = Field(default=None, max_length=64)


class NoteKind(StrEnum):
    """What happens to a video beside its rendering."""

    RENAMED = "renamed"
    DELETED = "deleted"


class VideoNote(Identified, table=True):
    """That a video was renamed or deleted, for those who watch; kept for as long as somebody may come back to it.

    Attributes:
        video_id: Which one it is, or was.
        user_id: Who had asked for it.
    """

    __tablename__ = "video_notes"
    __table_args__ = (Index("ix_video_notes_workspace_id_created_at", "workspace_id", "created_at"),)

    video_id: UUID
    workspace_id: UUID = Field(foreign_key="workspaces.id", ondelete="CASCADE")
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    kind: NoteKind = Field(sa_type=words(NoteKind))
    video_title: str = Field(max_length=200)
    video_description: str = Field(default="", max_length=2000)


class Lease(Table, table=True):
    """Who is the one to do something. ``epoch`` grows each time the lease changes hands."""

    __tablename__ = "leases"

    name: str = Field(primary_key=True, max_length=50)
    holder: str = Field(max_length=200)
    epoch: int = Field(sa_type=BigInteger)
    expires_at: datetime


class IdempotencyKey(Table, table=True):
    """An order that was already accepted under this key: a repetition gets the same answer."""

    __tablename__ = "idempotency_keys"

    user_id: UUID = Field(foreign_key="users.id", primary_key=True, ondelete="CASCADE")
    key: str = Field(primary_key=True, max_length=200)
    request_hash: str = Field(max_length=64)
    video_id: UUID = Field(foreign_key="user_videos.id", index=True, ondelete="CASCADE")
    created_at: datetime = Field(default_factory=utc_now, index=True)


class VideoShare(Identified, table=True):
    """A link under which anybody may see one finished video until it expires."""

    __tablename__ = "video_shares"

    video_id: UUID = Field(foreign_key="user_videos.id", index=True, ondelete="CASCADE")
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    expires_at: datetime
    revoked_at: datetime | None = None
