"""What workers do: plain functions of a task and a workplace."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from cluster.assembly import store_video
from cluster.jobs import CellResult, JobOutput
from cluster.ports import ObjectStore
from cluster.preparation import prepare_asset
from cluster.scratch import scratch_folder
from cluster.work import (
    SOUND_INDEX,
    AssembleTask,
    CellSnapshot,
    CellsTask,
    PlanTask,
    PrepareTask,
    RenderPlan,
    Result,
    SoundTask,
    Task,
)
from render_core import cells as grid
from render_core.composition import Composition
from render_core.media.encode import require_encoders
from render_core.media.pool import MediaPool
from render_core.media.profiles import Profile, profile_of
from render_core.render import render_cell, render_sound
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
        needs_wall: Uploads are read only where the kernel can refuse their reader all other files.
    """

    objects: ObjectStore
    locate: Callable[[AssetRef], Path]
    report: Callable[[CellSnapshot], None]
    scratch: Path | None = None
    needs_wall: bool = False


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
        case PrepareTask():
            return prepare_asset(task, place)
        case _:
            raise TypeError(f"no worker can do a {type(task).__name__}")


def plan_render(spec: RenderSpec, objects: ObjectStore) -> RenderPlan:
    """The cells and the sound of a video, and which of them the store has already."""
    composition, profile = _composed(spec)
    require_encoders(profile)
    picture = composition.format
    cells, loads = zip(*grid.weigh_cells(composition, profile, spec.inputs), strict=True)
    plan = RenderPlan(
        cells=cells,
        loads=loads,
        sound=grid.sound_key(composition, profile),
        present=frozenset(),
        fps=picture.fps,
        megapixels=picture.width * picture.height / 1e6,
        output=spec.output,
        poster_frame=composition.poster_frame,
    )
    keys = [*plan.distinct_cells(), *([] if plan.sound_object is None else [plan.sound_object])]
    with ThreadPoolExecutor(_LOOKS_AT_ONCE) as threads:
        used = threads.map(objects.touch, keys)  # what is needed from now on is not to be cleared away
        present = frozenset(key for key, is_there in zip(keys, used, strict=True) if is_there)
    return replace(plan, present=present)


def render_cells(task: CellsTask, place: Workplace) -> tuple[CellResult, ...]:
    """Render neighbouring cells with decoders that stay open; each is in the store as soon as it is done."""
    began = time.perf_counter()
    composition, profile = _composed(task.spec)
    setup_s = time.perf_counter() - began
    with MediaPool(place.locate) as media:

        def render(cell: grid.Cell, on_frame: Callable[[int], None]) -> bytes:
            return render_cell(composition, cell, media, profile, on_frame)

        parts = zip(task.keys, task.cells, strict=True)
        first, *others = [_kept(key, cell, task.attempt, place, render) for key, cell in parts]
    return replace(first, setup_s=setup_s), *others


def _kept(
    key: str,
    cell: grid.Cell,
    attempt: int,
    place: Workplace,
    render: Callable[[grid.Cell, Callable[[int], None]], bytes],
) -> CellResult:
    """One cell, from the store or rendered and put there."""
    total, began = cell.stop - cell.start, time.perf_counter()

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
        size = _mixed(task, place, key)
    seconds = time.perf_counter() - began
    return CellResult(index=SOUND_INDEX, key=key, size_bytes=size, seconds=seconds, is_cached=is_cached)


def _mixed(task: SoundTask, place: Workplace, key: str) -> int:
    """Mix into a file, so that a long sound takes no more memory than a short one; its size in bytes."""
    composition, profile = _composed(task.spec)
    with scratch_folder(place.scratch) as folder:
        out = folder / "sound"
        with MediaPool(place.locate) as media:
            render_sound(composition, media, profile, out)
        place.objects.put_file(key, out)
        return out.stat().st_size


def assemble_video(task: AssembleTask, place: Workplace) -> JobOutput:
    """The finished file in the store, by copying packets, and the pictures that go with it."""
    began = time.perf_counter()
    output = store_video(task.plan, place.objects, task.output_key, place.scratch)
    return replace(output, render_seconds=task.render_seconds + time.perf_counter() - began)


def _composed(spec: RenderSpec) -> tuple[Composition, Profile]:
    return build(spec), profile_of(spec.output, spec.quality)
