"""A cluster on a virtual clock, in which work takes time: for the arithmetic of shares, progress and expected ends."""

import random
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction

from cluster.board import Turn, Workboard
from cluster.cost import CostModel
from cluster.jobs import CellResult, JobOutput, RenderRequest
from cluster.metrics import SilentMetrics
from cluster.work import AssembleTask, CellSnapshot, CellsTask, Outcome, PlanTask, RenderPlan, Result, SoundTask
from render_core.cells import Cell, CellLoad
from render_core.spec import RenderSpec

_TICK_S = 0.1
_SURVEY_EVERY_S = 1.0
_LANES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualJob:
    """A render of so many cells of two seconds."""

    job_id: str
    workspace_id: str
    plan: str
    cells: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Eta:
    """What was said at one moment, and what turned out to be true.

    Attributes:
        said_s: Seconds that were expected.
        true_s: Seconds that it took.
        whole_s: Seconds from the beginning to the end.
        share_done: Of the cells' seconds, 0 … 1.
    """

    job_id: str
    said_s: float
    true_s: float
    whole_s: float
    share_done: float
    percent: int


@dataclass(slots=True)
class _Run:
    """A task on a CPU, or waiting for one."""

    turn: Turn
    parts_s: tuple[float, ...]
    setup_s: float
    began_at: float | None = None

    @property
    def needs_s(self) -> float:
        return self.setup_s + sum(self.parts_s)


@dataclass
class VirtualCluster:
    """A workboard whose tasks are carried out by the passing of time, with costs that nobody has told the model.

    Attributes:
        served_s: CPU seconds that each workspace has had.
        noise: Standard deviation of the logarithm of a cell's cost about its rate; half as much is the job's own.
    """

    cpus: int
    seed: int
    noise: float = 0.15
    now: float = 0.0
    served_s: Counter[str] = field(default_factory=Counter)
    _runs: dict[str, _Run] = field(default_factory=dict)
    _said: list[tuple[float, str, float, float, int]] = field(default_factory=list)
    _ended_at: dict[str, float] = field(default_factory=dict)
    _truth: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._rng = random.Random(self.seed)
        self._board = Workboard(CostModel(), SilentMetrics())
        self._jobs: dict[str, VirtualJob] = {}
        self._done_s: dict[str, float] = {}

    def add(self, job: VirtualJob) -> None:
        """A job is claimed now."""
        self._jobs[job.job_id] = job
        spec = RenderSpec(template="LipSyncTemplate", assets={}, config={})
        request = RenderRequest(
            job_id=job.job_id,
            video_id=f"v-{job.job_id}",
            workspace_id=job.workspace_id,
            plan=job.plan,
            attempt=1,
            spec=spec,
        )
        self._board.add(request, self.now, float("inf"))
        own = self._rng.lognormvariate(0, self.noise / 2)
        for cell in self._cells(job):
            self._truth[cell.key] = 1.3 * own * self._rng.lognormvariate(0, self.noise)

    def run(self, until_s: float = float("inf")) -> list[Eta]:
        """Until all is done, or for so long; what was said of jobs that have ended, and how it was."""
        survey_at = 0.0
        while len(self._ended_at) < len(self._jobs) and self.now < until_s:
            self._settle()
            self._fill(self.cpus + 1, between=False)
            self._fill(_LANES, between=True)
            self._begin()
            self._board.observe(self._snapshots(), self.now)
            if self.now >= survey_at:
                survey_at = self.now + _SURVEY_EVERY_S
                self._board.weigh()
                self._board.foresee((), self.cpus, _LANES, self.now)
                self._note()
            self.now += _TICK_S
        return [self._eta(*said) for said in self._said if said[1] in self._ended_at]

    def _eta(self, at: float, job_id: str, said_s: float, share: float, percent: int) -> Eta:
        ended_at = self._ended_at[job_id]
        return Eta(
            job_id=job_id, said_s=said_s, true_s=ended_at - at, whole_s=ended_at, share_done=share, percent=percent
        )

    def _note(self) -> None:
        done = dict.fromkeys(self._jobs, 0.0) | self._done_s
        for run in self._runs.values():
            if isinstance(run.turn.task, CellsTask) and run.began_at is not None:
                passed = self.now - run.began_at - run.setup_s
                done[run.turn.owner.job_id] += min(max(0.0, passed), sum(run.parts_s))
        for progress in self._board.progress(self.now):
            if progress.eta_s is not None:
                share = done[progress.job_id] / self._whole_s(progress.job_id)
                self._said.append((self.now, progress.job_id, progress.eta_s, share, progress.percent))

    def _whole_s(self, job_id: str) -> float:
        return sum(self._truth[cell.key] for cell in self._cells(self._jobs[job_id]))

    def _fill(self, bound: int, *, between: bool) -> None:
        while self._board.in_flight(between=between) < bound:
            turn = self._board.next_turn(self.cpus, self.now, between=between)
            if turn is None:
                return
            handle = f"h{len(self._runs)}-{self._rng.random()}"
            self._runs[handle] = self._run_of(turn)
            self._board.submitted(handle, turn, self.now)

    def _run_of(self, turn: Turn) -> _Run:
        match turn.task:
            case CellsTask(cells=cells):
                return _Run(turn, tuple(self._truth[cell.key] for cell in cells), setup_s=0.2)
            case SoundTask():
                return _Run(turn, (0.8,), setup_s=0.0)
            case _:
                return _Run(turn, (0.3,), setup_s=0.0)

    def _begin(self) -> None:
        """CPUs take what was submitted first; short tasks have lanes of their own."""
        waiting = [run for run in self._runs.values() if run.began_at is None]
        busy = sum(run.began_at is not None and not _is_short(run) for run in self._runs.values())
        for run in waiting:
            if _is_short(run) or busy < self.cpus:
                run.began_at = self.now
                busy += not _is_short(run)

    def _snapshots(self) -> dict[str, CellSnapshot]:
        found: dict[str, CellSnapshot] = {}
        for run in self._runs.values():
            if run.began_at is None or not isinstance(run.turn.task, CellsTask):
                continue
            passed = self.now - run.began_at - run.setup_s
            for key, part_s in zip(run.turn.task.keys, run.parts_s, strict=True):
                if passed >= 0:
                    frames = min(60, int(60 * passed / part_s))
                    attempt = run.turn.task.attempt
                    found[key] = CellSnapshot(key=key, attempt=attempt, frames_done=frames, frames_total=60)
                passed -= part_s
        return found

    def _settle(self) -> None:
        for handle, run in list(self._runs.items()):
            if run.began_at is not None and self.now >= run.began_at + run.needs_s:
                del self._runs[handle]
                if not _is_short(run):
                    self.served_s[run.turn.owner.workspace_id] += run.needs_s
                self._board.settle(Outcome(handle=handle, result=self._result(run)), self.now)
        for job_id, job in list(self._board.jobs.items()):
            if not job.is_open:
                self._ended_at[job_id] = self.now
                self._board.drop((job_id,))

    def _result(self, run: _Run) -> Result:
        task, job = run.turn.task, self._jobs[run.turn.owner.job_id]
        match task:
            case PlanTask():
                return self._plan(job)
            case AssembleTask():
                return JobOutput(
                    key=task.output_key,
                    size_bytes=1,
                    sha256="0" * 64,
                    frame_count=60 * job.cells,
                    duration_s=2.0 * job.cells,
                    render_seconds=task.render_seconds + 0.3,
                )
            case SoundTask():
                return (CellResult(index=-1, key=task.keys[0], size_bytes=1, seconds=0.8),)
            case _:
                self._done_s[job.job_id] = self._done_s.get(job.job_id, 0.0) + sum(run.parts_s)
                return _results(task.keys, run)

    def _cells(self, job: VirtualJob) -> list[Cell]:
        return [Cell(index=n, start=60 * n, stop=60 * n + 60, key=f"{job.job_id}-{n}") for n in range(job.cells)]

    def _plan(self, job: VirtualJob) -> RenderPlan:
        cells = tuple(self._cells(job))
        load = CellLoad(decoded=200, drawn=250, encoded=31, frames=60)
        return RenderPlan(
            cells=cells,
            loads=(load,) * len(cells),
            sound=f"sound-{job.job_id}",
            present=frozenset(),
            fps=Fraction(30),
            megapixels=0.5,
        )


def _is_short(run: _Run) -> bool:
    return isinstance(run.turn.task, PlanTask | AssembleTask)


def _results(keys: tuple[str, ...], run: _Run) -> tuple[CellResult, ...]:
    return tuple(
        CellResult(index=n, key=key, size_bytes=1, seconds=part_s, setup_s=run.setup_s if n == 0 else 0.0)
        for n, (key, part_s) in enumerate(zip(keys, run.parts_s, strict=True))
    )
