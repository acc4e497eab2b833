"""A render that the dispatcher carries out: planned, its cells and its sound made, put together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cluster.board.estimate import RenderEstimate
from cluster.board.running import Outlook, RunningJob
from cluster.cost import Family, family_of
from cluster.forecast import Course
from cluster.jobs import CellResult, JobOutput, JobProgress, JobState, RenderRequest
from cluster.keys import render_key
from cluster.planner import next_chunk, part_name
from cluster.progress import ProgressMeter
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
    cells_total: int = 0
    cells_cached: int = 0
    render_seconds: float = 0.0
    _estimate: RenderEstimate | None = None
    _meter: ProgressMeter | None = None

    @property
    def is_between(self) -> bool:
        """Whether its next step is the plan or the assembly."""
        return self.plan is None or not self.missing

    @property
    def left_s(self) -> float:
        """CPU seconds that it is expected to need until it is done, work in flight included."""
        if self._estimate is None or self.plan is None:
            return _UNPLANNED_S
        return sum(map(self._estimate.part_s, self.missing)) + self._estimate.assembly_s

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
            [self._part_s(key) for key in cells],
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
            labels={**self._labels, "cells": _range(chunk)},
            cells=chunk,
        )

    @property
    def _labels(self) -> dict[str, str]:
        return {"job": self.request.job_id, "video": self.request.video_id, "plan": self.request.plan}

    def expected_s(self, task: Task) -> float:
        """CPU seconds that a task of its own will need."""
        if isinstance(task, CellsTask):
            return self.costs.setup_s(self.family) + sum(map(self._part_s, task.keys))
        if isinstance(task, AssembleTask):
            return self._estimate.assembly_s if self._estimate else 0.0
        return sum(map(self._part_s, task.keys))

    def _part_s(self, key: str) -> float:
        return self._estimate.part_s(key) if self._estimate and key in self.missing else 0.0

    def learn(self, task: Task, result: Result) -> None:
        """Tell the model what a task of its own took. What was found in the store says nothing."""
        match task, result:
            case CellsTask(), (CellResult() as first, *_) if self.plan is not None:
                rendered = [each for each in zip(task.cells, result, strict=True) if not each[1].is_cached]
                loads = [self.plan.load_of(cell) for cell, _ in rendered]
                self.costs.learn(self.family, loads, [each.seconds for _, each in rendered], first.setup_s)
                if self._estimate is not None:
                    self._estimate.saw([each.key for _, each in rendered], sum(each.seconds for _, each in rendered))
            case SoundTask(), (CellResult(is_cached=False) as sound,) if self.plan is not None:
                self.costs.learn_step("sound", float(self.plan.frame_count / self.plan.fps), sound.seconds)
            case AssembleTask(), JobOutput():
                self.costs.learn_step("assemble", result.frame_count, result.render_seconds - task.render_seconds)
                if not self.cells_cached:
                    self.costs.learn_step("render", result.duration_s, result.render_seconds)

    def take(self, result: Result) -> None:
        """The plan, or the finished file."""
        if isinstance(result, RenderPlan):
            self.take_plan(result)
        elif isinstance(result, JobOutput):
            self.product = result

    def take_plan(self, plan: RenderPlan) -> None:
        """The plan is known: begin with what the store lacks, the sound first (it is one long task)."""
        self.plan = plan
        cells = plan.distinct_cells()
        absent: dict[str, Cell | None] = {key: cell for key, cell in cells.items() if key not in plan.present}
        sound = plan.sound_object
        self.missing = absent if sound is None or sound in plan.present else {sound: None, **absent}
        self.cells_total, self.cells_cached = len(cells), len(cells) - len(absent)
        self._estimate = RenderEstimate(plan, self.family, self.costs)
        self._meter = self._meter or ProgressMeter()

    def weigh(self) -> None:
        """Look again at what its work will cost, for the model has learnt."""
        if self._estimate is not None:
            self._estimate.weigh()

    def take_cell(self, result: CellResult) -> None:
        """An object is in the store."""
        if result.key in self.missing:
            del self.missing[result.key]
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

    def course(self, running: Sequence[Sequence[str]], shares: Mapping[str, float]) -> Course:
        """What is still to be done."""
        if self.plan is None or self._estimate is None:
            return self._course(before_s=self.costs.step_s("plan", 0), waiting=(_UNPLANNED_S,))
        begun = {key for keys in running for key in keys}
        return self._course(
            running=[sum(self._rest_s(key, shares) for key in keys) for keys in running if self.missing],
            waiting=self._with_setup([self._part_s(key) for key in self.missing if key not in begun]),
            after_s=self._estimate.assembly_s,
        )

    def _with_setup(self, parts_s: list[float]) -> list[float]:
        """The setting up of tasks, shared out among their parts: towards the end a task is half of what is left."""
        setup_s, half_s = self.costs.setup_s(self.family), sum(parts_s) / 2
        return [part_s + setup_s * min(1.0, part_s / half_s) if half_s else part_s for part_s in parts_s]

    def _rest_s(self, key: str, shares: Mapping[str, float]) -> float:
        return self._part_s(key) * (1 - shares.get(key, 0.0))

    def progress(self, shares: Mapping[str, float], now: float) -> JobProgress:
        """Where it is. ``shares``: how much is done of the unfinished keys that somebody is at."""
        if self._meter is not None and self._estimate is not None:
            self._estimate.watch(shares, now)
            total_s = self._estimate.total_s
            rest_s = sum(self._rest_s(key, shares) for key in self.missing) + self._estimate.assembly_s
            self._meter.update(total_s - rest_s, total_s)
        cells_missing = sum(cell is not None for cell in self.missing.values())
        return JobProgress(
            job_id=self.request.job_id,
            video_id=self.request.video_id,
            attempt=self.request.attempt,
            state=JobState.PROCESSING,
            percent=self._meter.percent if self._meter else 0,
            cells_done=self.cells_total - cells_missing,
            cells_total=self.cells_total,
            cells_cached=self.cells_cached,
            eta_s=self.eta_s(now),
        )


def _range(chunk: Sequence[Cell]) -> str:
    first, last = chunk[0].index, chunk[-1].index
    return str(first) if first == last else f"{first}-{last}"
