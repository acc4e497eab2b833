"""Random histories: whatever happens, every job ends once, nothing is rendered twice, nobody waits for ever."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from cluster.dispatcher import Dispatcher, DispatcherOptions, Surroundings
from cluster.jobs import JobFailure, JobProgress, JobRequest, Product
from cluster.memory import InMemoryBell, InMemoryJobStore, InMemorySink
from cluster.storage import LocalObjectStore
from cluster.work import FaultKind
from tests.fakes import FailingStore, FakeClock, FakeRuntime, fake_preparation, fake_request

_CPUS, _LOOKAHEAD = 3, 1
_PLANS = ("free", "pro", "enterprise")
_CURABLE = (FaultKind.NODE_LOST, FaultKind.STORAGE, FaultKind.OUT_OF_MEMORY, FaultKind.WORKER_DIED, FaultKind.CANCELLED)
_DEADLY = (*_CURABLE, FaultKind.INTERNAL, FaultKind.DISK_FULL, FaultKind.PARTS_MISSING)
_CELL = st.sampled_from("abcdefghij")
_STEP = st.sampled_from(("plan:j{}", "assemble:j{}", "prepare:asset-j{}"))
_JOB = st.integers(0, 9)
_CELLS = st.text("abcdefghij", min_size=1, max_size=6)
_NOTHING = st.none()
_EVENTS = st.one_of(
    st.tuples(st.just("enqueue"), _CELLS),
    st.tuples(st.just("prepare"), _NOTHING),
    st.tuples(st.just("cancel"), _JOB),
    st.tuples(st.just("trouble"), st.tuples(_STEP, _JOB, st.sampled_from(_DEADLY), st.integers(1, 9))),
    st.tuples(st.just("poison"), _CELL),
    st.tuples(st.just("fault"), st.tuples(_CELL, st.sampled_from(_CURABLE))),
    st.tuples(st.just("bad_input"), _CELL),
    st.tuples(st.just("kill_worker"), _NOTHING),
    st.tuples(st.just("lose_node"), _NOTHING),
    st.tuples(st.just("lose_object"), _CELL),
    st.tuples(st.just("stall"), _CELL),
    st.tuples(st.just("slow"), _CELL),
    st.tuples(st.just("restart"), _NOTHING),
    st.tuples(st.just("vanish"), _NOTHING),
    st.tuples(st.just("database"), st.booleans()),
    st.tuples(st.just("answers"), st.booleans()),
    st.tuples(st.just("unwritable"), _JOB),
    st.tuples(st.just("rival"), st.integers(1, 20)),
    st.tuples(st.just("cpus"), st.integers(0, _CPUS)),
    st.tuples(st.just("step"), st.integers(1, 20)),
)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    yield
    structlog.reset_defaults()


class CountingStore(InMemoryJobStore):
    """Counts how often each job has ended."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        self.ends: Counter[str] = Counter()

    def complete(self, request: JobRequest, output: Product, epoch: int) -> bool:
        ended = super().complete(request, output, epoch)
        self.ends[request.job_id] += ended
        return ended

    def fail(self, request: JobRequest, failure: JobFailure, epoch: int) -> bool:
        ended = super().fail(request, failure, epoch)
        self.ends[request.job_id] += ended
        return ended

    def cancel(self, job_id: str) -> bool:
        ended = super().cancel(job_id)
        self.ends[job_id] += ended
        return ended


@dataclass
class History:
    """A dispatcher to which things happen."""

    objects: LocalObjectStore
    clock: FakeClock = field(default_factory=FakeClock)
    runtime: FakeRuntime = field(default_factory=lambda: FakeRuntime(cpus=_CPUS))
    sink: InMemorySink = field(default_factory=InMemorySink)
    jobs: list[str] = field(default_factory=list)
    lost: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.rows = CountingStore(self.clock)
        self.store = FailingStore(self.rows)
        self.dispatchers = 0
        self.new_dispatcher()

    def new_dispatcher(self) -> None:
        self.dispatchers += 1
        options = DispatcherOptions(holder=f"d{self.dispatchers}", clock=self.clock, lookahead=_LOOKAHEAD)
        around = Surroundings(
            store=self.store, objects=self.objects, runtime=self.runtime, sink=self.sink, wake_up=InMemoryBell()
        )
        self.dispatcher = Dispatcher(around, options)

    def happen(self, event: str, detail: object) -> None:
        getattr(self, f"on_{event}")(detail)
        self.on_step(1)

    def _new_job(self) -> dict[str, str]:
        self.jobs.append(f"j{len(self.jobs)}")
        workspace = len(self.jobs) % 4
        return {"job_id": self.jobs[-1], "workspace_id": f"w{workspace}", "plan": _PLANS[workspace % 3]}

    def on_enqueue(self, cells: str) -> None:
        self.rows.enqueue(fake_request(cells=cells, **self._new_job()))

    def on_prepare(self, _: None) -> None:
        self.rows.enqueue(fake_preparation(**self._new_job()))

    def on_cancel(self, number: int) -> None:
        if number < len(self.jobs):
            self.rows.cancel(self.jobs[number])

    def on_fault(self, fault: tuple[str, FaultKind]) -> None:
        self.runtime.fail(*fault)

    def on_bad_input(self, cell: str) -> None:
        self.runtime.fail(cell, FaultKind.INVALID_INPUT)

    def on_trouble(self, trouble: tuple[str, int, FaultKind, int]) -> None:
        step, number, kind, times = trouble
        self.runtime.fail(step.format(number), *[kind] * times)

    def on_poison(self, cell: str) -> None:
        self.runtime.fail(cell, *[FaultKind.WORKER_DIED] * 9)

    def on_kill_worker(self, _: None) -> None:
        self.runtime.kill_worker()

    def on_lose_node(self, _: None) -> None:
        self.runtime.lose_node()

    def on_lose_object(self, cell: str) -> None:
        self.lost[cell] += 1
        self.runtime.lose(cell)

    def on_stall(self, cell: str) -> None:
        self.runtime.stall(cell)

    def on_slow(self, cell: str) -> None:
        self.runtime.slow(cell, 40)

    def on_restart(self, _: None) -> None:
        self.dispatcher.close()
        self.new_dispatcher()

    def on_vanish(self, _: None) -> None:
        self.runtime.close()
        self.new_dispatcher()

    def on_database(self, is_down: bool) -> None:  # noqa: FBT001 - an event's detail
        self.store.is_down = is_down

    def on_answers(self, are_lost: bool) -> None:  # noqa: FBT001 - an event's detail
        self.store.forgets_answers = are_lost

    def on_unwritable(self, number: int) -> None:
        self.store.unwritable.add(f"j{number}")

    def on_rival(self, seconds: int) -> None:
        """Another dispatcher, whose clock is ahead, takes the lease for a while and does nothing with it."""
        now, self.clock.now = self.clock.now, self.clock.now + 60
        self.rows.acquire_lease("rival", seconds - 60)
        self.clock.now = now

    def on_cpus(self, cpus: int) -> None:
        self.runtime.cpus = cpus

    def on_step(self, times: int) -> None:
        for _ in range(times):
            self.dispatcher.step()
            self.clock.advance(0.5)

    def finish(self) -> None:
        """Everything works again, but what has stalled."""
        self.store.is_down = self.store.forgets_answers = False
        self.store.unwritable.clear()
        self.runtime.cpus = _CPUS
        self.runtime.heal()
        for _ in range(1000):
            if all(self.rows.row(job_id).state.is_terminal for job_id in self.jobs):
                break
            self.on_step(1)
        self.on_step(4)
        self.dispatcher.close()

    def last_words(self) -> dict[str, JobProgress]:
        return {progress.job_id: progress for progress in self.sink.published}


@settings(max_examples=120, deadline=None)
@given(st.lists(_EVENTS, max_size=40))
def test_every_job_ends_once_and_no_known_cell_is_rendered_twice(tmp_path_factory, events) -> None:
    history = History(LocalObjectStore(tmp_path_factory.mktemp("history")))
    for event, detail in events:
        history.happen(event, detail)
    history.finish()
    rows = {job_id: history.rows.row(job_id) for job_id in history.jobs}
    assert history.rows.ends == Counter(history.jobs)
    assert all(row.state.is_terminal for row in rows.values())
    assert history.runtime.broken == []
    assert all(count <= 1 + history.lost[cell] for cell, count in history.runtime.rendered.items())
    assert history.runtime.most_in_flight <= _CPUS + _LOOKAHEAD
    assert history.runtime.in_flight() == []
    assert history.runtime.requested[-1] == 0
    assert all(row.failure.message.endswith(".") for row in rows.values() if row.failure)


@settings(max_examples=25, deadline=None)
@given(
    crowd=st.lists(st.tuples(st.sampled_from(_PLANS), st.integers(1, 60)), min_size=1, max_size=30),
    head_start=st.integers(0, 30),
    plan=st.sampled_from(_PLANS),
)
def test_nobody_starves_whoever_came_before(tmp_path_factory, crowd, head_start, plan) -> None:
    history = History(LocalObjectStore(tmp_path_factory.mktemp("crowd")))
    for number, (crowd_plan, cells) in enumerate(crowd):
        names = [f"{number}-{cell}" for cell in range(cells)]
        workspace = f"crowd{number % 3}"
        history.rows.enqueue(fake_request(f"c{number}", names, workspace_id=workspace, plan=crowd_plan))
    history.on_step(head_start)
    history.rows.enqueue(fake_request("small", ["z"], workspace_id="newcomer", plan=plan))
    history.on_step(60)
    assert history.rows.row("small").state.is_terminal


def test_the_fakes_tell_when_work_is_done_twice(tmp_path: Path) -> None:
    history = History(LocalObjectStore(tmp_path))
    history.on_enqueue("a")
    history.on_step(3)
    [task] = [task for task in history.runtime.tasks.values() if task.label.startswith("cell:")]
    history.runtime.submit(task)
    history.runtime.submit(task)
    assert history.runtime.broken != []
