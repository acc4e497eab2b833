"""The same work without a cluster: a process pool on this machine, for the command line and for tests."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Event
from pathlib import Path

from cluster import planner, tasks
from cluster.jobs import CellResult, JobOutput, JobProgress, JobState
from cluster.ports import ObjectStore
from cluster.progress import ProgressMeter, RenderProgress, Throttle
from cluster.work import CellSnapshot, CellsTask, RenderPlan, SoundTask, Task
from render_core.cells import Cell
from render_core.spec import AssetRef, RenderSpec

_POLL_S = 0.1


class StoppedError(Exception):
    """The render was stopped while a worker was at it."""


def render_locally(
    spec: RenderSpec,
    *,
    locate: Callable[[AssetRef], Path],
    out: Path,
    cells: ObjectStore,
    jobs: int,
    on_progress: Callable[[JobProgress], None],
) -> JobOutput:
    """Render a whole video to a file.

    Args:
        spec: What to render.
        locate: Where an asset's bytes are.
        out: The file to write; it appears complete or not at all.
        cells: Keeps the parts; those that are there already are taken from there.
        jobs: Worker processes; with 1 the work is done in this process.
        on_progress: Told when the percentage changes.
    """
    began = time.monotonic()
    plan = tasks.plan_render(spec, cells)
    progress = _Progress(plan, on_progress, began)
    place = _LocalPlace(cells, {ref.key: locate(ref) for refs in spec.assets.values() for ref in refs})
    todo = _tasks(spec, plan, jobs)
    run = _run_here if jobs == 1 or len(todo) < 2 else _run_in_pool
    seconds = sum(result.seconds for result in run(todo, place, progress, jobs))
    output = _written(plan, cells, out, seconds)
    progress.finish()
    return output


def _tasks(spec: RenderSpec, plan: RenderPlan, jobs: int) -> list[Task]:
    """The sound first: it is one long task."""
    missing = {key: cell for key, cell in plan.distinct_cells().items() if key not in plan.present}
    key_of = {cell.index: key for key, cell in missing.items()}
    sound = plan.sound_object
    todo: list[Task] = []
    if sound is not None and sound not in plan.present:
        todo.append(SoundTask(spec=spec, keys=(sound,), label="sound"))
    for chunk in planner.chunks(tuple(missing.values()), jobs):
        keys = tuple(key_of[cell.index] for cell in chunk)
        todo.append(CellsTask(spec=spec, keys=keys, label=f"cell:{chunk[0].index}", cells=chunk))
    return todo


@dataclass(frozen=True, slots=True)
class _LocalPlace:
    """A workplace that can be sent to another process, without its way to report."""

    objects: ObjectStore
    paths: Mapping[str, Path]

    def locate(self, asset: AssetRef) -> Path:
        return self.paths[asset.key]

    def work(self, task: Task, report: Callable[[CellSnapshot], None]) -> tuple[CellResult, ...]:
        place = tasks.Workplace(objects=self.objects, locate=self.locate, report=report)
        result = tasks.carry_out(task, place)
        return result if isinstance(result, tuple) else ()


def _run_here(todo: list[Task], place: _LocalPlace, progress: "_Progress", _jobs: int) -> Iterator[CellResult]:
    for task in todo:
        yield from place.work(task, progress.report)


def _run_in_pool(todo: list[Task], place: _LocalPlace, progress: "_Progress", jobs: int) -> Iterator[CellResult]:
    with _pool(jobs) as (pool, reports):
        with _sigint_held_back():
            futures = {pool.submit(_work_in_child, task, place) for task in todo}
        while futures:
            done, futures = wait(futures, timeout=_POLL_S, return_when=FIRST_COMPLETED)
            while not reports.empty():
                progress.report(reports.get())
            for future in done:
                yield from future.result()


@contextmanager
def _pool(jobs: int) -> Iterator[tuple[ProcessPoolExecutor, "SimpleQueue[CellSnapshot]"]]:
    """Processes that end with the block, within a frame if it ends early (Ctrl-C, a failure)."""
    spawn = multiprocessing.get_context("spawn")
    stop, reports = spawn.Event(), spawn.SimpleQueue()
    pool = ProcessPoolExecutor(jobs, spawn, _enter_child, (stop, reports))
    try:
        yield pool, reports
    except BaseException:
        stop.set()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
        reports.close()


@contextmanager
def _sigint_held_back() -> Iterator[None]:
    """Processes started meanwhile never see Ctrl-C: the parent tells them to stop, and nobody prints a traceback."""
    held_back = {signal.SIGINT}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, held_back)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@dataclass(slots=True)
class _Child:
    """What a pool process was given when it started."""

    stop: Event
    reports: "SimpleQueue[CellSnapshot]"
    throttle: Throttle = field(default_factory=lambda: Throttle(_POLL_S))

    def report(self, snapshot: CellSnapshot) -> None:
        if self.stop.is_set():
            raise StoppedError
        if self.throttle.is_due(snapshot.key, snapshot.frames_done, time.monotonic()):
            self.reports.put(snapshot)


_child: list[_Child] = []
"""A pool process has one entry, set by its initialiser: semaphores and pipes cannot be sent with a task."""


def _enter_child(stop: Event, reports: "SimpleQueue[CellSnapshot]") -> None:
    _child.append(_Child(stop, reports))


def _work_in_child(task: Task, place: _LocalPlace) -> tuple[CellResult, ...]:
    return place.work(task, _child[0].report)


class _Progress:
    """Turns snapshots into a percentage for the caller."""

    def __init__(self, plan: RenderPlan, on_progress: Callable[[JobProgress], None], began: float) -> None:
        cells = plan.distinct_cells()
        self._present = {key for key in cells if key in plan.present}
        self._total = len(cells)
        self._cached_frames = sum(_frames(cells[key]) for key in self._present)
        self._meter = ProgressMeter(sum(map(_frames, cells.values())), self._cached_frames, began)
        self._board = RenderProgress()
        self._on_progress = on_progress
        self._told = -1
        self._tell(JobState.PROCESSING, 0)

    def report(self, snapshot: CellSnapshot) -> None:
        self._board.report(snapshot)
        frames = sum(each.frames_done for each in self._board.snapshots())
        self._meter.update(self._cached_frames + frames, time.monotonic())
        self._tell(JobState.PROCESSING, self._meter.percent)

    def finish(self) -> None:
        self._tell(JobState.COMPLETED, 100)

    def _tell(self, state: JobState, percent: int) -> None:
        if percent == self._told:
            return
        self._told = percent
        done = sum(each.frames_done == each.frames_total for each in self._board.snapshots())
        self._on_progress(
            JobProgress(
                job_id="local",
                video_id="local",
                attempt=1,
                state=state,
                percent=percent,
                cells_done=len(self._present) + done,
                cells_total=self._total,
                cells_cached=len(self._present),
                eta_s=self._meter.eta_s,
            )
        )


def _frames(cell: Cell) -> int:
    return cell.stop - cell.start


def _written(plan: RenderPlan, cells: ObjectStore, out: Path, render_seconds: float) -> JobOutput:
    """Assemble beside the target, then rename."""
    began = time.perf_counter()
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        tasks.join(plan, cells, part)
        output = tasks.described(part, str(out), plan, render_seconds + time.perf_counter() - began)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return output
