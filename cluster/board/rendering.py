"""A render that the dispatcher carries out: planned, its cells and its sound made, put together."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from cluster.board.running import Outlook, RunningJob
from cluster.cost import Family, family_of
from cluster.jobs import CellResult, JobOutput, JobProgress, JobState, RenderRequest
from cluster.planner import next_chunk, part_name
from cluster.progress import ProgressMeter
from cluster.storage import render_key
from cluster.work import AssembleTask, CellsTask, FaultKind, PlanTask, RenderPlan, RenderTask, Result, SoundTask, Task
from render_core.cells import Cell

_UNPLANNED_S = 5.0
"""What a render is held to need before anyone has looked: a short one."""


@dataclass(slots=True, kw_only=True)
class RunningRender(RunningJob):
    """One claimed render.

    Attributes:
        missing: Object keys that are still to be made, with their cells; None stands for the sound.
        render_seconds: Wall time that workers have spent on it.
    """

    request: RenderRequest
    plan: RenderPlan | None = None
    missing: dict[str, Cell | None] = field(default_factory=dict)
    too_long = "The render took too long and was stopped. Try a shorter or smaller video."
    frames_done: int = 0
    cells_total: int = 0
    cells_cached: int = 0
    render_seconds: float = 0.0
    meter: ProgressMeter | None = None
    _seconds: dict[str, float] = field(default_factory=dict)
    _assembly_s: float = 0.0

    @property
    def is_between(self) -> bool:
        """Whether its next step is the plan or the assembly."""
        return self.plan is None or not self.missing

    @property
    def left_s(self) -> float:
        """CPU seconds that it is expected to need until it is done, work in flight included."""
        if self.plan is None:
            return _UNPLANNED_S
        return sum(self._seconds[key] for key in self.missing) + self._assembly_s

    @property
    def megapixels(self) -> float:
        """Of a frame; 0 where that is not known."""
        return 0.0 if self.plan is None else self.plan.megapixels

    @property
    def family(self) -> Family:
        """Videos whose cells cost alike."""
        return family_of(self.request.spec)

    @property
    def output_key(self) -> str:
        """Where its video will be."""
        return render_key(self.request.video_id, self.request.job_id, self.request.spec.output)

    def next_task(self, ready: Sequence[str], outlook: Outlook) -> RenderTask:
        """The plan, then the sound, then the cells in groups, then the assembly."""
        job_id, spec, first = self.request.job_id, self.request.spec, ready[0]
        if self.plan is None:
            return PlanTask(spec=spec, keys=(first,), label=f"plan:{job_id}", labels=self._labels)
        if not self.missing:
            return self._assembly(self.plan, first)
        if self.missing[first] is None:
            return SoundTask(spec=spec, keys=(first,), label=f"sound:{job_id}", labels=self._labels)
        return self._cells(ready, outlook)

    def _assembly(self, plan: RenderPlan, key: str) -> AssembleTask:
        return AssembleTask(
            spec=self.request.spec,
            keys=(key,),
            label=f"assemble:{self.request.job_id}",
            labels=self._labels,
            plan=plan,
            output_key=self.output_key,
            render_seconds=self.render_seconds,
        )

    def _cells(self, ready: Sequence[str], outlook: Outlook) -> CellsTask:
        cells = {key: cell for key in ready if (cell := self.missing[key]) is not None}
        chunk = next_chunk(
            tuple(cells.values()),
            [self._seconds[key] for key in cells],
            cpus=outlook.cpus,
            others_s=outlook.others_s,
            setup_s=self.costs.setup_s(self.family),
            alone={cell.key for key, cell in cells.items() if key in outlook.alone},
        )
        keys = tuple(key for key, cell in cells.items() if cell in chunk)
        return CellsTask(
            spec=self.request.spec,
            keys=keys,
            label=f"cell:{self.request.job_id}:{chunk[0].index}",
            labels={**self._labels, "cells": f"{chunk[0].index}-{chunk[-1].index}"},
            cells=chunk,
        )

    @property
    def _labels(self) -> dict[str, str]:
        return {"job": self.request.job_id, "video": self.request.video_id, "plan": self.request.plan}

    def expected_s(self, task: Task) -> float:
        """CPU seconds that a task of its own will need."""
        if isinstance(task, CellsTask):
            return self.costs.setup_s(self.family) + sum(self._seconds.get(key, 0.0) for key in task.keys)
        if isinstance(task, AssembleTask):
            return self._assembly_s
        return sum(self._seconds.get(key, 0.0) for key in task.keys)

    def learn(self, task: Task, result: Result) -> None:
        """Tell the model what a task of its own took. What was found in the store says nothing."""
        match task, result:
            case CellsTask(), (CellResult() as first, *_) if self.plan is not None:
                rendered = [each for each in zip(task.cells, result, strict=True) if not each[1].is_cached]
                loads = [self.plan.load_of(cell) for cell, _ in rendered]
                self.costs.learn(self.family, loads, [each.seconds for _, each in rendered], first.setup_s)
            case SoundTask(), (CellResult(is_cached=False) as sound,) if self.plan is not None:
                self.costs.learn_step("sound", float(self.plan.frame_count / self.plan.fps), sound.seconds)
            case AssembleTask(), JobOutput():
                self.costs.learn_step("assemble", result.frame_count, result.render_seconds - task.render_seconds)

    def take(self, result: Result, now: float) -> None:
        """The plan, or the finished file."""
        if isinstance(result, RenderPlan):
            self.take_plan(result, now)
        elif isinstance(result, JobOutput):
            self.product = result

    def take_plan(self, plan: RenderPlan, now: float) -> None:
        """The plan is known: begin with what the store lacks, the sound first (it is one long task)."""
        self.plan = plan
        cells = plan.distinct_cells()
        absent: dict[str, Cell | None] = {key: cell for key, cell in cells.items() if key not in plan.present}
        sound = plan.sound_object
        self.missing = absent if sound is None or sound in plan.present else {sound: None, **absent}
        self.weigh()
        self.cells_total, self.cells_cached = len(cells), len(cells) - len(absent)
        self.frames_done = sum(_frames(cell) for key, cell in cells.items() if key not in absent)
        shown = self.meter.percent if self.meter else 1
        self.meter = ProgressMeter(sum(_frames(cell) for cell in cells.values()), self.frames_done, now, shown)

    def weigh(self) -> None:
        """Look again at what its work will cost, for the model has learnt."""
        if self.plan is None:
            return
        plan, costs, family = self.plan, self.costs, self.family
        sound_s = costs.step_s("sound", float(plan.frame_count / plan.fps)) if plan.sound else 0.0
        self._seconds = {
            key: sound_s if cell is None else costs.seconds(plan.load_of(cell), family)
            for key, cell in self.missing.items()
        }
        self._assembly_s = costs.step_s("assemble", plan.frame_count)

    def take_cell(self, result: CellResult) -> None:
        """An object is in the store."""
        if result.key in self.missing:
            self.frames_done += _frames(self.missing.pop(result.key))
            self.render_seconds += result.seconds

    def _go_again(self, kind: FaultKind) -> None:
        """Lost parts are found out by a new plan."""
        if kind is FaultKind.PARTS_MISSING:
            self.plan = None

    def _wanted(self) -> tuple[str, ...]:
        if self.plan is None:
            return (f"plan:{self.request.job_id}",)
        return tuple(self.missing) or (f"assemble:{self.request.job_id}",)

    def part(self, key: str) -> str:
        """What a user would call the work under ``key``."""
        cell = self.missing.get(key)
        if cell is not None and self.plan is not None:
            return part_name(cell, self.plan.fps)
        return "the sound" if key in self.missing else "the video"

    def progress(self, frames: int, now: float) -> JobProgress:
        """Where it is, ``frames`` of unfinished cells included."""
        if self.meter is not None:
            self.meter.update(self.frames_done + frames, now)
        cells_missing = sum(cell is not None for cell in self.missing.values())
        return JobProgress(
            job_id=self.request.job_id,
            video_id=self.request.video_id,
            attempt=self.request.attempt,
            state=JobState.PROCESSING,
            percent=self.meter.percent if self.meter else 0,
            cells_done=self.cells_total - cells_missing,
            cells_total=self.cells_total,
            cells_cached=self.cells_cached,
            eta_s=self.meter.eta_s if self.meter else None,
        )


def _frames(cell: Cell | None) -> int:
    return 0 if cell is None else cell.stop - cell.start
