"""Frozen messages between the dispatcher, its store and its workers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from render_core.spec import RenderSpec, SpriteSheet


class JobState(StrEnum):
    """The life of a render job, as its row says."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_terminal(self) -> bool:
        """Whether the job has ended for good."""
        return self in {JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED}


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingJob:
    """A queued job as the scheduler sees it."""

    job_id: str
    workspace_id: str
    plan: str
    queued_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderRequest:
    """A claimed job: everything the dispatcher needs to carry it out.

    Attributes:
        attempt: 1 for the first claim; one more each time the job is taken up again.
    """

    job_id: str
    video_id: str
    workspace_id: str
    plan: str
    attempt: int
    spec: RenderSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class CellResult:
    """One finished cell (or the sound track): its object is in the store under ``key``.

    Attributes:
        index: Position in the grid; -1 for the sound.
        seconds: Wall time of the work; 0 when the cell came from the store.
    """

    index: int
    key: str
    size_bytes: int
    seconds: float
    is_cached: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOutput:
    """The finished file of a job.

    Attributes:
        render_seconds: Wall time summed over the tasks that made it.
        poster: Object key of a picture that stands for it, a JPEG; None where none was made.
        sprites: Object key of its sheet of thumbnails, a JPEG.
        sheet: How the sheet is to be read.
    """

    key: str
    size_bytes: int
    sha256: str
    frame_count: int
    duration_s: float
    render_seconds: float
    poster: str | None = None
    sprites: str | None = None
    sheet: SpriteSheet | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """All objects that belong to it."""
        return tuple(key for key in (self.key, self.poster, self.sprites) if key is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFailure:
    """Why a job ended without a video.

    Attributes:
        code: For programs: ``invalid_input``, ``poison_cell``, ``deadline``, ``no_capacity``, ``internal``.
        message: For the user: what happened and what to do.
    """

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobProgress:
    """A snapshot of a running job: never an increment, so a retry cannot make it drift.

    Attributes:
        percent: 0–100, whole; 100 only in the message that completes the job.
        eta_s: Expected seconds until completion, or None before enough is known.
    """

    job_id: str
    video_id: str
    attempt: int
    state: JobState
    percent: int
    cells_done: int
    cells_total: int
    cells_cached: int
    eta_s: float | None = None
