"""The state of a job that the dispatcher carries out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cluster.fair import Candidate
from cluster.jobs import CellResult, JobFailure, JobOutput, JobProgress, JobState, RenderRequest
from cluster.planner import part_name
from cluster.policies import Decision, GiveUp
from cluster.progress import ProgressMeter
from cluster.storage import render_key
from cluster.work import CellSnapshot, FaultKind, RenderPlan
from render_core.cells import Cell


@dataclass(slots=True)
class RunningJob:
    """One claimed job: what it still wants, and how it ended.

    Attributes:
        deadline: On the dispatcher's clock.
        missing: Object keys that are still to be made, with their cells; None stands for the sound.
        render_seconds: Wall time that workers have spent on it.
    """

    request: RenderRequest
    deadline: float
    plan: RenderPlan | None = None
    missing: dict[str, Cell | None] = field(default_factory=dict)
    frames_done: int = 0
    cells_total: int = 0
    cells_cached: int = 0
    render_seconds: float = 0.0
    meter: ProgressMeter | None = None
    output: JobOutput | None = None
    failure: JobFailure | None = None

    @property
    def is_open(self) -> bool:
        """Whether there is still something to do."""
        return self.output is None and self.failure is None

    @property
    def candidate(self) -> Candidate:
        """The job as the scheduler sees it."""
        request = self.request
        return Candidate(job_id=request.job_id, workspace_id=request.workspace_id, plan=request.plan)

    @property
    def output_key(self) -> str:
        """Where its video will be."""
        return render_key(self.request.video_id, self.request.job_id, self.request.spec.output)

    @property
    def is_between(self) -> bool:
        """Whether its next step is the plan or the assembly: one short task, and nothing to share."""
        return self.plan is None or not self.missing

    def wanted(self) -> tuple[str, ...]:
        """Keys of the work that would bring it on now, in order."""
        if not self.is_open:
            return ()
        if self.plan is None:
            return (f"plan:{self.request.job_id}",)
        return tuple(self.missing) or (f"assemble:{self.request.job_id}",)

    def take_plan(self, plan: RenderPlan, now: float) -> None:
        """The plan is known: begin with what the store lacks, the sound first (it is one long task)."""
        self.plan = plan
        cells = plan.distinct_cells()
        absent: dict[str, Cell | None] = {key: cell for key, cell in cells.items() if key not in plan.present}
        sound = plan.sound_object
        self.missing = absent if sound is None or sound in plan.present else {sound: None, **absent}
        self.cells_total, self.cells_cached = len(cells), len(cells) - len(absent)
        self.frames_done = sum(_frames(cell) for key, cell in cells.items() if key not in absent)
        shown = self.meter.percent if self.meter else 1
        self.meter = ProgressMeter(sum(_frames(cell) for cell in cells.values()), self.frames_done, now, shown)

    def take_result(self, result: CellResult) -> None:
        """An object is in the store."""
        if result.key in self.missing:
            self.frames_done += _frames(self.missing.pop(result.key))
            self.render_seconds += result.seconds

    def take_fault(self, kind: FaultKind, decision: Decision) -> None:
        """Work that it wants has failed. Lost parts are found out by a new plan."""
        if isinstance(decision, GiveUp):
            self.failure = decision.failure
        elif kind is FaultKind.PARTS_MISSING:
            self.plan = None

    def part(self, key: str) -> str:
        """What a user would call the work under ``key``."""
        cell = self.missing.get(key)
        if cell is not None and self.plan is not None:
            return part_name(cell, self.plan.fps)
        return "the sound" if key in self.missing else "the video"

    def progress(self, snapshots: Mapping[str, CellSnapshot], now: float) -> JobProgress:
        """Where the job is, frames of unfinished cells included."""
        if self.meter is not None:
            within = sum(snapshot.frames_done for key, snapshot in snapshots.items() if self.missing.get(key))
            self.meter.update(self.frames_done + within, now)
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
