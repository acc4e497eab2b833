"""Frozen messages between the dispatcher, the runtime and the workers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from cluster.jobs import AssetType, CellResult, JobOutput, PreparedAsset
from cluster.keys import cell_key, sound_key
from render_core.cells import Cell, CellLoad
from render_core.spec import Output, RenderSpec

Handle = str
"""Names one submission of a task to a runtime."""

SOUND_INDEX = -1
"""Stands for the sound track where cells have their index."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Work for one worker.

    Attributes:
        keys: The pieces of work it does, in order: object keys, or a name where nothing is kept under a key.
        label: For people who look at the cluster: ``cell:{job}:{index}``.
        memory_factor: Doubled after each time the work ran out of memory.
        labels: What else is worth showing: job, video, plan, cells.
    """

    keys: tuple[str, ...]
    label: str
    attempt: int = 1
    memory_factor: int = 1
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderTask(Task):
    """Work on a video."""

    spec: RenderSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTask(RenderTask):
    """Find out which cells a video has and which of them the store lacks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellsTask(RenderTask):
    """Render neighbouring cells."""

    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundTask(RenderTask):
    """Mix and encode the sound track, to be kept under ``keys[0]``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssembleTask(RenderTask):
    """Put the cells and the sound into one file, to be kept under ``output_key``.

    Attributes:
        render_seconds: Wall time spent on the parts so far.
    """

    plan: "RenderPlan"
    output_key: str
    render_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareTask(Task):
    """Make an upload ready for videos: look at it, transcode it, keep what came of it under ``target``.

    Attributes:
        source: Object key of the upload as it came.
    """

    asset_type: AssetType
    source: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderPlan:
    """What a video is made of.

    Attributes:
        cells: The whole grid in order; equal cells share a key.
        sound: The sound track's digest, or None for a silent video.
        present: Object keys that the store already has.
        megapixels: Of one frame.
        loads: What there is to do for each of ``cells``; empty where nobody looked.
        output: Format of the file.
        poster_frame: The frame that stands for the video.
    """

    cells: tuple[Cell, ...]
    sound: str | None
    present: frozenset[str]
    fps: Fraction
    megapixels: float
    output: Output = "mp4"
    poster_frame: int = 0
    loads: tuple[CellLoad, ...] = ()

    @property
    def frame_count(self) -> int:
        """Frames of the whole video."""
        return self.cells[-1].stop

    @property
    def sound_object(self) -> str | None:
        """Object key of the sound track."""
        return None if self.sound is None else sound_key(self.sound, self.output)

    def object_of(self, cell: Cell) -> str:
        """Object key of a cell."""
        return cell_key(cell.key, self.output)

    def load_of(self, cell: Cell) -> CellLoad:
        """What there is to do for a cell; where nobody looked, a clip that fills the canvas is assumed."""
        if self.loads:
            return self.loads[cell.index]
        frames = cell.stop - cell.start
        return CellLoad(**dict.fromkeys(("decoded", "drawn", "encoded"), frames * self.megapixels), frames=frames)

    def distinct_cells(self) -> dict[str, Cell]:
        """Each object key with the first cell that needs it."""
        found: dict[str, Cell] = {}
        for cell in self.cells:
            found.setdefault(self.object_of(cell), cell)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class CellSnapshot:
    """How far the work on one object is: an absolute number, so that a repeated or lost message does no harm."""

    key: str
    attempt: int
    frames_done: int
    frames_total: int


class FaultKind(StrEnum):
    """Why a task gave no result."""

    INVALID_INPUT = "invalid_input"
    WORKER_DIED = "worker_died"
    NODE_LOST = "node_lost"
    OUT_OF_MEMORY = "out_of_memory"
    TIMED_OUT = "timed_out"
    STORAGE = "storage"
    DISK_FULL = "disk_full"
    PARTS_MISSING = "parts_missing"
    CANCELLED = "cancelled"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A failure as a fact.

    Attributes:
        message: For an invalid input the sentence for the user; for the rest what the log should say.
    """

    kind: FaultKind
    message: str


Result = RenderPlan | tuple[CellResult, ...] | JobOutput | PreparedAsset


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The end of a submission: a result or a fault."""

    handle: Handle
    result: Result | None = None
    fault: Fault | None = None
