"""What those who watch are told: frozen values, each a snapshot."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from webapp.models import AssetStatus, NoteKind, RenderStatus


class RenderUpdate(BaseModel):
    """One change of a video, for those who watch.

    Attributes:
        event_id: Send it back as ``Last-Event-ID`` to hear what happened since. Microseconds, of when it was so.
    """

    model_config = ConfigDict(frozen=True)

    video_id: UUID
    status: RenderStatus
    progress: int
    estimated_completion: datetime | None = None
    error: str | None = None
    event_id: str

    @property
    def subject(self) -> UUID:
        """What it is about."""
        return self.video_id

    @property
    def is_waiting(self) -> bool:
        """Whether nothing has been done yet."""
        return self.status is RenderStatus.PENDING

    @property
    def is_over(self) -> bool:
        """Whether no other change will come."""
        return self.status.is_terminal


class AssetUpdate(BaseModel):
    """One change of an upload that is being made ready, for those who watch.

    Attributes:
        error: Why it was rejected, for people.
        event_id: As for a render.
    """

    model_config = ConfigDict(frozen=True)

    asset_id: UUID
    status: AssetStatus
    progress: int = 0
    estimated_completion: datetime | None = None
    error: str | None = None
    event_id: str

    @property
    def subject(self) -> UUID:
        """What it is about."""
        return self.asset_id

    @property
    def is_waiting(self) -> bool:
        """Whether its bytes have not arrived yet."""
        return self.status is AssetStatus.UPLOADING

    @property
    def is_over(self) -> bool:
        """Whether no other change will come."""
        return self.status in {AssetStatus.READY, AssetStatus.REJECTED}


class VideoUpdate(BaseModel):
    """That a video was renamed or deleted, for those who watch.

    Attributes:
        note_id: Of this one change: a video can be renamed many times.
        event_id: As for a render.
    """

    model_config = ConfigDict(frozen=True)

    note_id: UUID
    video_id: UUID
    kind: NoteKind
    video_title: str
    video_description: str
    event_id: str

    @property
    def subject(self) -> UUID:
        """What it is about."""
        return self.note_id

    @property
    def is_over(self) -> bool:
        """It has been done, and nothing more comes of it."""
        return True


JobUpdate = RenderUpdate | AssetUpdate
"""Of what takes its time."""
Update = JobUpdate | VideoUpdate
