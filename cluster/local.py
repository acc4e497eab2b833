"""The same work without a cluster: by processes on this machine, for the command line and for tests."""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from cluster import planner, tasks
from cluster.assembly import described, draw_storyboard, join
from cluster.board import RunningRender
from cluster.cost import CostModel, family_of
from cluster.crew import LocalPlace, carry_out_all
from cluster.forecast import forecast
from cluster.jobs import CellResult, JobOutput, JobProgress, JobState, RenderRequest
from cluster.policies import PartsMissingError
from cluster.ports import ObjectStore
from cluster.work import CellSnapshot, CellsTask, RenderPlan, SoundTask, Task
from render_core.spec import AssetRef, RenderSpec
from render_core.storyboard import Storyboard


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
        jobs: Processes at work, of which this is one.
        on_progress: Told when the percentage changes.
    """
    place = LocalPlace(cells, {ref.key: locate(ref) for ref in spec.inputs})
    try:
        return _attempt(spec, place, out, jobs, on_progress)
    except PartsMissingError:  # a part that was kept has been spoilt: it is gone now, and is made again
        return _attempt(spec, place, out, jobs, on_progress)


def draw_locally(spec: RenderSpec, cells: ObjectStore) -> Storyboard:
    """The pictures that go with a video whose parts are all in ``cells``."""
    return draw_storyboard(tasks.plan_render(spec, cells), cells)


def _attempt(
    spec: RenderSpec, place: LocalPlace, out: Path, jobs: int, on_progress: Callable[[JobProgress], None]
) -> JobOutput:
    plan = tasks.plan_render(spec, place.objects)
    progress = _Progress(spec, plan, jobs, on_progress)
    todo = _tasks(spec, plan, jobs)
    for result in carry_out_all(todo, place, jobs, progress.report):
        progress.take(result)
    output = _written(plan, place.objects, out, progress.job.render_seconds)
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
    costs, family = CostModel(), family_of(spec)
    seconds = {cell: costs.seconds(plan.load_of(cell), family) for cell in missing.values()}
    for chunk in planner.chunks(seconds, jobs, costs.setup_s(family)):
        keys = tuple(key_of[cell.index] for cell in chunk)
        todo.append(CellsTask(spec=spec, keys=keys, label=f"cell:{chunk[0].index}", cells=chunk))
    return todo


class _Progress:
    """Turns snapshots and results into progress for the caller."""

    def __init__(
        self, spec: RenderSpec, plan: RenderPlan, cpus: int, on_progress: Callable[[JobProgress], None]
    ) -> None:
        request = RenderRequest(
            job_id="local", video_id="local", workspace_id="local", plan="local", attempt=1, spec=spec
        )
        self.job = RunningRender(request=request, costs=CostModel())
        self.job.take_plan(plan)
        self._cpus = cpus
        self._snapshots: dict[str, CellSnapshot] = {}
        self._on_progress = on_progress
        self._told = -1

    def report(self, snapshot: CellSnapshot) -> None:
        self._snapshots[snapshot.key] = snapshot
        progress = self._progress()
        if progress.percent > self._told:
            self._told = progress.percent
            self._on_progress(progress)

    def _progress(self) -> JobProgress:
        shares = {key: each.frames_done / max(1, each.frames_total) for key, each in self._snapshots.items()}
        now = time.monotonic()
        course = self.job.course([(key,) for key, share in shares.items() if share < 1], shares)
        self.job.ends_at = now + forecast((course,), self._cpus)["local"]
        return self.job.progress(shares, now)

    def take(self, result: CellResult) -> None:
        self.job.take_cell(result)
        self._snapshots.pop(result.key, None)

    def finish(self) -> None:
        progress = self._progress()
        self._on_progress(replace(progress, state=JobState.COMPLETED, percent=100, eta_s=0.0))


def _written(plan: RenderPlan, cells: ObjectStore, out: Path, render_seconds: float) -> JobOutput:
    """Assemble beside the target, then rename."""
    began = time.perf_counter()
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        join(plan, cells, part)
        output = replace(described(part, str(out), plan), render_seconds=render_seconds + time.perf_counter() - began)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return output
