"""Frozen messages between the dispatcher, its store and its workers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from render_core.spec import MediaInfo, RenderSpec, SpriteSheet

AssetType = Literal["avatar", "cover", "background", "music"]
"""What an upload is for."""


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


class JobKind(StrEnum):
    """What a job is for: a video, or an upload that is made ready for videos."""

    RENDER = "render"
    PREPARE = "prepare"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingJob:
    """A queued job as the scheduler sees it.

    Attributes:
        size: Seconds of the video that is asked for, or of the upload.
        video_id: Of a render.
    """

    job_id: str
    workspace_id: str
    plan: str
    queued_at: datetime
    kind: JobKind = JobKind.RENDER
    size: float = 1.0
    video_id: str = ""


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

    @property
    def kind(self) -> JobKind:
        """A video is asked for."""
        return JobKind.RENDER


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareRequest:
    """A claimed upload that is to be made ready.

    Attributes:
        attempt: As for a render.
        source: Object key of the upload as it came.
        target: Object key of what is made of it.
        size_bytes: Of the upload.
    """

    job_id: str
    asset_id: str
    workspace_id: str
    plan: str
    attempt: int
    asset_type: AssetType
    source: str
    target: str
    size_bytes: int

    @property
    def kind(self) -> JobKind:
        """An upload is to be made ready."""
        return JobKind.PREPARE


JobRequest = RenderRequest | PrepareRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class CellResult:
    """One finished cell (or the sound track): its object is in the store under ``key``.

    Attributes:
        index: Position in the grid; -1 for the sound.
        seconds: Wall time of the work; 0 when the cell came from the store.
        setup_s: Wall time that its task took before it could begin; on the first result of a task, else 0.
    """

    index: int
    key: str
    size_bytes: int
    seconds: float
    is_cached: bool = False
    setup_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOutput:
    """The finished file of a job.

    Attributes:
        render_seconds: Wall time summed over the tasks that made it.
        poster: Object key of a picture that stands for it, a JPEG; None where none was made.
        sprites: Object key of its sheet of thumbnails, a JPEG.
        sheet: How the sheet is to be read.
        pictures_bytes: Size of both pictures together.
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
    pictures_bytes: int = 0

    @property
    def keys(self) -> tuple[str, ...]:
        """All objects that belong to it."""
        return tuple(key for key in (self.key, self.poster, self.sprites) if key is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedAsset:
    """An upload that can be used: what preparing one gives.

    Attributes:
        key: Object key of the file that was made.
        sha256: Hex digest of its bytes.
        info: What a probe says of it.
        seconds: Wall time of the work.
        poster: Object key of the picture that stands for it: see ``cluster.keys.poster_key``.
        poster_bytes: Size of that picture.
    """

    key: str
    size_bytes: int
    sha256: str
    mime_type: str
    info: MediaInfo
    seconds: float
    poster: str | None = None
    poster_bytes: int = 0


Product = JobOutput | PreparedAsset
"""What a job ends with when it ends well."""


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
        video_id: Of a render; empty for a preparation.
        asset_id: Of a preparation.
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
    kind: JobKind = JobKind.RENDER
    asset_id: str | None = None
