"""Fakes with verbs: ask them to fail, hang or lose something, then look at what the code under test does."""

from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from cluster.health import NodeHealth
from cluster.jobs import CellResult, JobOutput, PreparedAsset, PrepareRequest, RenderRequest
from cluster.keys import beside, cell_key
from cluster.work import (
    AssembleTask,
    CellSnapshot,
    CellsTask,
    Fault,
    FaultKind,
    Outcome,
    PlanTask,
    PrepareTask,
    RenderPlan,
    Result,
    Task,
)
from render_core.cells import Cell
from render_core.spec import MediaInfo, RenderSpec


@dataclass
class FakeClock:
    """Seconds that pass when told to."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


def fake_request(
    job_id: str, cells: Iterable[str] = "abc", *, workspace_id: str = "w", plan: str = "free"
) -> RenderRequest:
    """A job whose video has these cells, each named by its digest, of 60 frames."""
    spec = RenderSpec(template="Fake", assets={}, config={"cells": list(cells)})
    return RenderRequest(
        job_id=job_id, video_id=f"video-{job_id}", workspace_id=workspace_id, plan=plan, attempt=0, spec=spec
    )


def fake_preparation(job_id: str, *, workspace_id: str = "w", plan: str = "free") -> PrepareRequest:
    """An upload that is to be made ready."""
    return PrepareRequest(
        job_id=job_id,
        asset_id=f"asset-{job_id}",
        workspace_id=workspace_id,
        plan=plan,
        attempt=0,
        asset_type="avatar",
        source=f"quarantine/{job_id}",
        target=f"user-avatars/{job_id}",
        size_bytes=1000,
    )


@dataclass
class _Run:
    """A task in the fake runtime: which of its cells it is at, and whether it has begun that one."""

    task: Task
    at: int = 0
    has_begun: bool = False
    is_stuck: bool = False
    polls: int = 0
    results: list[CellResult] = field(default_factory=list)

    @property
    def key(self) -> str:
        return self.task.keys[self.at]

    @property
    def is_short(self) -> bool:
        return isinstance(self.task, PlanTask | AssembleTask)


@dataclass
class FakeRuntime:
    """A runtime with verbs. Each poll brings as many tasks as there are CPUs on by a cell, the short ones beside them.

    Attributes:
        stored: Object keys that are in the store.
        rendered: How often each cell was rendered to its end.
        cancelled: Labels of the tasks that were cancelled.
        requested: What the autoscaler was asked for.
        most_in_flight: The largest number of submissions at a time, plans and assemblies aside.
        faults_seen: Kinds of all faults that were reported.
        broken: What must never happen: work begun that is known to be done, or that others are at.
        latest: Snapshots, as workers have reported them.
    """

    cpus: int = 2
    stored: set[str] = field(default_factory=set)
    rendered: Counter[str] = field(default_factory=Counter)
    started: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    requested: list[int] = field(default_factory=list)
    most_in_flight: int = 0
    is_paused: bool = False
    faults_seen: list[FaultKind] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    latest: dict[str, CellSnapshot] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    _runs: dict[str, _Run] = field(default_factory=dict)
    _known: set[str] = field(default_factory=set)
    _faults: dict[str, deque[FaultKind]] = field(default_factory=dict)
    _slow: dict[str, float] = field(default_factory=dict)
    _stalls: set[str] = field(default_factory=set)
    _killed: list[FaultKind] = field(default_factory=list)

    def fail(self, cell: str, *kinds: FaultKind) -> None:
        """The next attempts at this cell (or ``plan:…``, ``assemble:…``, ``prepare:…``) end so."""
        self._faults.setdefault(_key(cell), deque()).extend(kinds)

    def hang(self, cell: str) -> None:
        """No attempt at this cell ends until it heals."""
        self._slow[_key(cell)] = float("inf")

    def stall(self, cell: str) -> None:
        """The next attempt at this cell never ends; another one would."""
        self._stalls.add(_key(cell))

    def slow(self, cell: str, polls: int) -> None:
        """This cell takes so many polls."""
        self._slow[_key(cell)] = polls

    def kill_worker(self, kind: FaultKind = FaultKind.WORKER_DIED) -> None:
        """The process of the longest running task dies, or whatever else ``kind`` says of it."""
        self._killed.append(kind)

    def lose_node(self) -> None:
        """Everything that runs is lost with its machine."""
        self._killed += [FaultKind.NODE_LOST] * len(self._running())

    def heal(self) -> None:
        """No more faults, nothing hangs that did not stall already."""
        for trouble in (self._faults, self._slow, self._stalls, self._killed):
            trouble.clear()

    def lose(self, cell: str) -> None:
        """The cell's object vanishes from the store."""
        self.stored.discard(_key(cell))
        self._known.discard(_key(cell))

    def in_flight(self) -> list[str]:
        """Labels of what was submitted and has not ended."""
        return [run.task.label for run in self._runs.values()]

    def submit(self, task: Task) -> str:
        handle = f"h{len(self.started)}"
        if isinstance(task, CellsTask):
            self._check(task)
        self._runs[handle] = _Run(task)
        self.tasks[handle] = task
        self.started.append(task.label)
        self.most_in_flight = max(self.most_in_flight, sum(not run.is_short for run in self._runs.values()))
        return handle

    def _check(self, task: CellsTask) -> None:
        """One other may be at the same work: the late task that this one is to overtake."""
        if self._known.intersection(task.keys):
            self.broken.append(f"{task.label} renders what is known")
        others = [run.task for run in self._runs.values() if set(run.task.keys) & set(task.keys)]
        if len(others) > 1 or any(other.keys != task.keys for other in others):
            self.broken.append(f"{task.label} renders what others are at")

    def poll(self, timeout_s: float) -> tuple[Outcome, ...]:
        if self.is_paused or not self.cpus:
            return ()
        outcomes = (self._advance(handle) for handle in self._running())
        ended = tuple(outcome for outcome in outcomes if outcome is not None)
        self._killed.clear()
        self.faults_seen += [outcome.fault.kind for outcome in ended if outcome.fault]
        return ended

    def _running(self) -> list[str]:
        long = [handle for handle, run in self._runs.items() if not run.is_short]
        return [handle for handle, run in self._runs.items() if run.is_short] + long[: self.cpus]

    def _advance(self, handle: str) -> Outcome | None:
        run = self._runs[handle]
        if not run.has_begun:
            run.has_begun, run.polls, run.is_stuck = True, 0, run.key in self._stalls
            self._stalls.discard(run.key)
            self._report(run, 0)
        run.polls += 1
        if self._killed and not run.is_short:
            return self._end(handle, fault=self._killed.pop(0))
        if queue := self._faults.get(run.key):
            return self._end(handle, fault=queue.popleft())
        if run.is_stuck or run.polls < self._slow.get(run.key, 0):
            return None
        return self._go_on(handle, run)

    def _go_on(self, handle: str, run: _Run) -> Outcome | None:
        if not isinstance(run.task, CellsTask):
            return self._finish(handle, run.task)
        cell, is_cached = run.task.cells[run.at], run.key in self.stored
        self.rendered[cell.key] += not is_cached
        self.stored.add(run.key)
        self._report(run, 60)
        result = CellResult(index=cell.index, key=run.key, size_bytes=1, seconds=1.0, is_cached=is_cached)
        run.results.append(result)
        run.at, run.has_begun = run.at + 1, False
        if run.at < len(run.task.keys):
            return None
        self._known.update(run.task.keys)
        return self._end(handle, tuple(run.results))

    def _report(self, run: _Run, frames: int) -> None:
        if isinstance(run.task, CellsTask):
            snapshot = CellSnapshot(key=run.key, attempt=run.task.attempt, frames_done=frames, frames_total=60)
            self.latest[run.key] = snapshot

    def _finish(self, handle: str, task: Task) -> Outcome:
        if isinstance(task, PlanTask):
            return self._end(handle, self._plan(task.spec.config["cells"]))
        if isinstance(task, AssembleTask):
            if not self.stored.issuperset(task.plan.distinct_cells()):
                return self._end(handle, fault=FaultKind.PARTS_MISSING)
            return self._end(handle, fake_output(task.output_key, 60 * len(task.plan.cells)))
        if isinstance(task, PrepareTask):
            return self._end(handle, fake_asset(task.target))
        self.stored.update(task.keys)
        return self._end(handle, (CellResult(index=-1, key=task.keys[0], size_bytes=1, seconds=1.0),))

    def _end(self, handle: str, result: Result | None = None, *, fault: FaultKind | None = None) -> Outcome:
        del self._runs[handle]
        if fault is None:
            return Outcome(handle=handle, result=result)
        return Outcome(handle=handle, fault=Fault(kind=fault, message=f"it was {fault.value}"))

    def cancel(self, handle: str) -> None:
        self.cancelled.append(self._runs.pop(handle).task.label)

    def snapshots(self) -> dict[str, CellSnapshot]:
        return self.latest

    def capacity(self) -> int:
        return self.cpus

    def nodes(self) -> tuple[NodeHealth, ...]:
        return (NodeHealth(node_id="n1", name="one", cpus=self.cpus),) if self.cpus else ()

    def request(self, cpus: int) -> None:
        self.requested.append(cpus)

    def close(self) -> None:
        """What was started ends; whoever comes next knows nothing of it."""
        self._runs.clear()
        self._known.clear()

    def _plan(self, digests: list[str]) -> RenderPlan:
        cells = tuple(Cell(index=n, start=60 * n, stop=60 * n + 60, key=key) for n, key in enumerate(digests))
        present = frozenset(cell_key(key) for key in digests) & self.stored
        return RenderPlan(cells=cells, sound=None, present=present, fps=Fraction(30), megapixels=2.0)


def fake_output(key: str, frames: int) -> JobOutput:
    """A finished file."""
    return JobOutput(
        key=key,
        size_bytes=1,
        sha256="0" * 64,
        frame_count=frames,
        duration_s=frames / 30,
        render_seconds=1.0,
        poster=beside(key, "poster.jpg"),
        sprites=beside(key, "sprites.jpg"),
    )


def fake_asset(key: str) -> PreparedAsset:
    """An upload that can be used."""
    info = MediaInfo(kind="video", width=360, height=640, frame_count=60, fps=Fraction(30), duration_s=Fraction(2))
    return PreparedAsset(key=key, size_bytes=1, sha256="0" * 64, mime_type="video/mp4", info=info, seconds=1.0)


_WRITES = {"acquire_lease", "claim", "take_over", "complete", "fail", "record_progress"}


class FailingStore:
    """Another store, until it is told otherwise.

    Attributes:
        is_down: Every call raises and does nothing.
        forgets_answers: Every write does its work and then raises.
        unwritable: Jobs of which no write succeeds.
    """

    def __init__(self, store: object) -> None:
        self._store = store
        self.is_down = False
        self.forgets_answers = False
        self.unwritable: set[str] = set()

    def __getattr__(self, name: str) -> Callable[..., object]:
        method = getattr(self._store, name)

        def call(*args: object) -> object:
            if self.is_down:
                raise ConnectionError("the database is down")
            if args and name in {"claim", "complete", "fail"} and _job_of(args[0]) in self.unwritable:
                raise ValueError("this row cannot be written")
            answer = method(*args)
            if self.forgets_answers and name in _WRITES:
                raise ConnectionError("the connection was lost")
            return answer

        return call


def _job_of(job: object) -> object:
    return getattr(job, "job_id", job)


def _key(cell: str) -> str:
    return cell if ":" in cell else cell_key(cell)
