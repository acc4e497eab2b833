"""Fakes with verbs: ask them to fail, hang or lose something, then look at what the code under test does."""

from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from cluster.health import NodeHealth
from cluster.jobs import CellResult, JobOutput, PreparedAsset, PrepareRequest, RenderRequest
from cluster.storage import beside, cell_key
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
class FakeRuntime:
    """A runtime that carries tasks out when polled, as many at a time as it has CPUs.

    Attributes:
        stored: Object keys that are in the store.
        rendered: How often each cell was rendered.
        cancelled: Labels of the tasks that were cancelled.
        most_in_flight: The largest number of submissions at a time, plans and assemblies aside.
    """

    cpus: int = 2
    stored: set[str] = field(default_factory=set)
    rendered: Counter[str] = field(default_factory=Counter)
    started: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    requested: list[int] = field(default_factory=list)
    most_in_flight: int = 0
    is_paused: bool = False
    latest: dict[str, CellSnapshot] = field(default_factory=dict)
    _waiting: dict[str, Task] = field(default_factory=dict)
    _faults: dict[str, deque[FaultKind]] = field(default_factory=dict)
    _hanging: set[str] = field(default_factory=set)
    _count: int = 0

    def fail(self, cell: str, *kinds: FaultKind) -> None:
        """The next attempts at this cell (or ``plan:…``, ``assemble:…``) end so."""
        self._faults.setdefault(_key(cell), deque()).extend(kinds)

    def hang(self, cell: str) -> None:
        """Work on this cell never ends."""
        self._hanging.add(_key(cell))

    def heal(self) -> None:
        """No more faults, nothing hangs."""
        self._faults.clear()
        self._hanging.clear()

    def lose(self, cell: str) -> None:
        """The cell's object vanishes from the store."""
        self.stored.discard(_key(cell))

    def in_flight(self) -> list[str]:
        """Labels of what was submitted and has not ended."""
        return [task.label for task in self._waiting.values()]

    def submit(self, task: Task) -> str:
        self._count += 1
        handle = f"h{self._count}"
        self._waiting[handle] = task
        self.started.append(task.label)
        long = [task for task in self._waiting.values() if not isinstance(task, PlanTask | AssembleTask)]
        self.most_in_flight = max(self.most_in_flight, len(long))
        return handle

    def poll(self, timeout_s: float) -> tuple[Outcome, ...]:
        if self.is_paused or not self.cpus:
            return ()
        able = [handle for handle, task in self._waiting.items() if not self._hanging & set(task.keys)]
        return tuple(self._end(handle) for handle in able[: self.cpus])

    def cancel(self, handle: str) -> None:
        self.cancelled.append(self._waiting.pop(handle).label)

    def snapshots(self) -> dict[str, CellSnapshot]:
        return self.latest

    def capacity(self) -> int:
        return self.cpus

    def nodes(self) -> tuple[NodeHealth, ...]:
        return (NodeHealth(node_id="n1", name="one", cpus=self.cpus),) if self.cpus else ()

    def request(self, cpus: int) -> None:
        self.requested.append(cpus)

    def close(self) -> None:
        self._waiting.clear()

    def _end(self, handle: str) -> Outcome:
        task = self._waiting.pop(handle)
        if isinstance(task, CellsTask):
            return self._render(handle, task)
        if queue := self._faults.get(task.keys[0]):
            return _failed(handle, queue.popleft())
        return Outcome(handle=handle, result=self._result(task))

    def _render(self, handle: str, task: CellsTask) -> Outcome:
        """Cell by cell, as workers do: those before a fault are kept and were reported."""
        results = []
        for key, cell in zip(task.keys, task.cells, strict=True):
            if queue := self._faults.get(key):
                return _failed(handle, queue.popleft())
            if key not in self.stored:
                self.rendered[cell.key] += 1
                self.stored.add(key)
            self.latest[key] = CellSnapshot(key=key, attempt=task.attempt, frames_done=60, frames_total=60)
            results.append(CellResult(index=cell.index, key=key, size_bytes=1, seconds=1.0))
        return Outcome(handle=handle, result=tuple(results))

    def _result(self, task: Task) -> Result:
        if isinstance(task, PlanTask):
            return self._plan(task.spec.config["cells"])
        if isinstance(task, AssembleTask):
            return fake_output(task.output_key, 60 * len(task.plan.cells))
        if isinstance(task, PrepareTask):
            return fake_asset(task.target)
        self.stored.update(task.keys)
        return (CellResult(index=-1, key=task.keys[0], size_bytes=1, seconds=1.0),)

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
    """

    def __init__(self, store: object) -> None:
        self._store = store
        self.is_down = False
        self.forgets_answers = False

    def __getattr__(self, name: str) -> Callable[..., object]:
        method = getattr(self._store, name)

        def call(*args: object) -> object:
            if self.is_down:
                raise ConnectionError("the database is down")
            answer = method(*args)
            if self.forgets_answers and name in _WRITES:
                raise ConnectionError("the connection was lost")
            return answer

        return call


def _key(cell: str) -> str:
    return cell if ":" in cell else cell_key(cell)


def _failed(handle: str, kind: FaultKind) -> Outcome:
    return Outcome(handle=handle, fault=Fault(kind=kind, message=f"it was {kind.value}"))
