"""What workers do: plain functions of a task and a workplace."""

import hashlib
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from cluster.jobs import CellResult, JobOutput
from cluster.policies import PartsMissingError
from cluster.ports import ObjectStore
from cluster.storage import ObjectNotFoundError, cell_key, sound_key
from cluster.work import (
    SOUND_INDEX,
    AssembleTask,
    CellSnapshot,
    CellsTask,
    PlanTask,
    RenderPlan,
    Result,
    SoundTask,
    Task,
)
from render_core import cells as grid
from render_core.composition import Composition
from render_core.errors import MediaError
from render_core.media.container import can_be_opened
from render_core.media.encode import PROFILES, EncoderProfile
from render_core.media.pool import MediaPool
from render_core.render import assemble, render_cell, render_sound
from render_core.spec import AssetRef, RenderSpec
from render_core.templates import build

_LOOKS_AT_ONCE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """What a worker has around it.

    Attributes:
        objects: Where cells and sounds are kept.
        locate: Where an asset's bytes are on this machine.
        report: Takes a snapshot before every frame and after every cell; what it raises ends the work.
        scratch: Folder for temporary files; None is the system's.
    """

    objects: ObjectStore
    locate: Callable[[AssetRef], Path]
    report: Callable[[CellSnapshot], None]
    scratch: Path | None = None


def carry_out(task: Task, place: Workplace) -> Result:
    """Do any task."""
    match task:
        case PlanTask():
            return plan_render(task.spec, place.objects)
        case CellsTask():
            return render_cells(task, place)
        case SoundTask():
            return (make_sound(task, place),)
        case AssembleTask():
            return assemble_video(task, place)
        case _:
            raise TypeError(f"no worker can do a {type(task).__name__}")


def plan_render(spec: RenderSpec, objects: ObjectStore) -> RenderPlan:
    """The cells and the sound of a video, and which of them the store has already."""
    composition, profile = _composed(spec)
    cells, sound = grid.plan_cells(composition, profile), grid.sound_key(composition, profile)
    keys = dict.fromkeys(cell_key(cell.key) for cell in cells)
    if sound is not None:
        keys[sound_key(sound)] = None
    with ThreadPoolExecutor(_LOOKS_AT_ONCE) as threads:
        sizes = threads.map(objects.size, keys)
        present = frozenset(key for key, size in zip(keys, sizes, strict=True) if size is not None)
    picture = composition.format
    return RenderPlan(
        cells=cells,
        sound=sound,
        present=present,
        fps=picture.fps,
        megapixels=picture.width * picture.height / 1e6,
    )


def render_cells(task: CellsTask, place: Workplace) -> tuple[CellResult, ...]:
    """Render neighbouring cells with decoders that stay open; each is in the store as soon as it is done."""
    composition, profile = _composed(task.spec)
    with MediaPool(place.locate) as media:

        def render(cell: grid.Cell, on_frame: Callable[[int], None]) -> bytes:
            return render_cell(composition, cell, media, profile, on_frame)

        return tuple(_kept(cell, task.attempt, place, render) for cell in task.cells)


def _kept(
    cell: grid.Cell, attempt: int, place: Workplace, render: Callable[[grid.Cell, Callable[[int], None]], bytes]
) -> CellResult:
    """One cell, from the store or rendered and put there."""
    key, total, began = cell_key(cell.key), cell.stop - cell.start, time.perf_counter()

    def tell(frames_done: int) -> None:
        place.report(CellSnapshot(key=key, attempt=attempt, frames_done=frames_done, frames_total=total))

    size = place.objects.size(key)
    is_cached = size is not None
    if size is None:
        data = render(cell, tell)
        place.objects.create(key, data)
        size = len(data)
    tell(total)
    seconds = time.perf_counter() - began
    return CellResult(index=cell.index, key=key, size_bytes=size, seconds=seconds, is_cached=is_cached)


def make_sound(task: SoundTask, place: Workplace) -> CellResult:
    """The sound track, from the store or mixed, encoded and put there."""
    key, began = task.keys[0], time.perf_counter()
    size = place.objects.size(key)
    is_cached = size is not None
    if size is None:
        composition, profile = _composed(task.spec)
        with MediaPool(place.locate) as media:
            data = render_sound(composition, media, profile)
        place.objects.create(key, data)
        size = len(data)
    seconds = time.perf_counter() - began
    return CellResult(index=SOUND_INDEX, key=key, size_bytes=size, seconds=seconds, is_cached=is_cached)


def assemble_video(task: AssembleTask, place: Workplace) -> JobOutput:
    """The finished file in the store, by copying packets."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="reelgrove-", dir=place.scratch) as folder:
        out = Path(folder) / "video.mp4"
        join(task.plan, place.objects, out)
        place.objects.put_file(task.output_key, out)
        return described(out, task.output_key, task.plan, task.render_seconds + time.perf_counter() - began)


def join(plan: RenderPlan, objects: ObjectStore, out: Path) -> None:
    """Write the file of a plan whose parts are all in the store.

    Raises:
        PartsMissingError: If one of them is not there any more, or is damaged. Damaged ones are deleted.
    """
    parts = [cell_key(cell.key) for cell in plan.cells]
    sound = plan.sound_object
    try:
        files = {key: objects.materialise(key) for key in (*parts, *([] if sound is None else [sound]))}
    except ObjectNotFoundError as error:
        raise PartsMissingError(error.key, "is no longer there") from error
    try:
        assemble([files[key] for key in parts], None if sound is None else files[sound], out, plan.fps)
    except MediaError as error:
        damaged = [key for key, file in files.items() if file.name == error.source or not can_be_opened(file)]
        if not damaged:
            raise
        _drop(damaged, files, objects)
        raise PartsMissingError(damaged[0], "was damaged") from error


def _drop(keys: Iterable[str], files: Mapping[str, Path], objects: ObjectStore) -> None:
    """Delete parts that the disk has spoilt, also their local copies: they have to be made again."""
    for key in keys:
        objects.delete(key)
        files[key].unlink(missing_ok=True)


def described(file: Path, key: str, plan: RenderPlan, render_seconds: float) -> JobOutput:
    """What there is to say about a finished file."""
    with file.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    return JobOutput(
        key=key,
        size_bytes=file.stat().st_size,
        sha256=sha256,
        frame_count=plan.frame_count,
        duration_s=float(plan.frame_count / plan.fps),
        render_seconds=render_seconds,
    )


def _composed(spec: RenderSpec) -> tuple[Composition, EncoderProfile]:
    return build(spec), PROFILES[spec.quality]
