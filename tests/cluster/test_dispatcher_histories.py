"""Random histories: whatever happens, every job ends once and nothing is rendered twice."""

from collections import Counter
from dataclasses import dataclass, field

import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from cluster.dispatcher import Dispatcher, DispatcherOptions, Surroundings
from cluster.jobs import JobFailure, JobOutput, JobState, RenderRequest
from cluster.memory import InMemoryBell, InMemoryJobStore, InMemorySink
from cluster.storage import LocalObjectStore
from cluster.work import FaultKind
from tests.fakes import FailingStore, FakeClock, FakeRuntime, fake_request

_CURABLE = (FaultKind.NODE_LOST, FaultKind.STORAGE, FaultKind.OUT_OF_MEMORY, FaultKind.WORKER_DIED, FaultKind.CANCELLED)
_CELLS = st.text("abcdefghij", min_size=1, max_size=6)
_EVENTS = st.one_of(
    st.tuples(st.just("enqueue"), _CELLS),
    st.tuples(st.just("cancel"), st.integers(0, 9)),
    st.tuples(st.just("fault"), st.tuples(st.sampled_from("abcdefghij"), st.sampled_from(_CURABLE))),
    st.tuples(st.just("restart"), st.none()),
    st.tuples(st.just("vanish"), st.none()),
    st.tuples(st.just("database"), st.booleans()),
    st.tuples(st.just("answers"), st.booleans()),
    st.tuples(st.just("cpus"), st.integers(0, 3)),
    st.tuples(st.just("step"), st.integers(1, 5)),
)


class CountingStore(InMemoryJobStore):
    """Counts how often each job has ended."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        self.ends: Counter[str] = Counter()

    def complete(self, request: RenderRequest, output: JobOutput, epoch: int) -> bool:
        ended = super().complete(request, output, epoch)
        self.ends[request.job_id] += ended
        return ended

    def fail(self, request: RenderRequest, failure: JobFailure, epoch: int) -> bool:
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
    runtime: FakeRuntime = field(default_factory=lambda: FakeRuntime(cpus=3))
    jobs: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rows = CountingStore(self.clock)
        self.store = FailingStore(self.rows)
        self.dispatchers = 0
        self.new_dispatcher()

    def new_dispatcher(self) -> None:
        self.dispatchers += 1
        options = DispatcherOptions(holder=f"d{self.dispatchers}", clock=self.clock)
        around = Surroundings(
            store=self.store, objects=self.objects, runtime=self.runtime, sink=InMemorySink(), wake_up=InMemoryBell()
        )
        self.dispatcher = Dispatcher(around, options)

    def happen(self, event: str, detail: object) -> None:
        getattr(self, f"on_{event}")(detail)
        self.on_step(1)

    def on_enqueue(self, cells: str) -> None:
        self.jobs.append(f"j{len(self.jobs)}")
        plan = ("free", "pro", "enterprise")[len(self.jobs) % 3]
        self.rows.enqueue(fake_request(self.jobs[-1], cells, workspace_id=f"w{len(self.jobs) % 4}", plan=plan))

    def on_cancel(self, number: int) -> None:
        if number < len(self.jobs):
            self.rows.cancel(self.jobs[number])

    def on_fault(self, fault: tuple[str, FaultKind]) -> None:
        self.runtime.fail(*fault)

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

    def on_cpus(self, cpus: int) -> None:
        self.runtime.cpus = cpus

    def on_step(self, times: int) -> None:
        for _ in range(times):
            self.dispatcher.step()
            self.clock.advance(0.5)

    def finish(self) -> None:
        """Everything works again."""
        self.store.is_down = self.store.forgets_answers = False
        self.runtime.cpus = 3
        self.runtime.heal()
        self.on_step(200)


@settings(max_examples=150, deadline=None)
@given(st.lists(_EVENTS, max_size=40))
def test_every_job_ends_once_and_no_known_cell_is_rendered_twice(tmp_path_factory, events) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    try:
        history = History(LocalObjectStore(tmp_path_factory.getbasetemp() / "histories"))
        for event, detail in events:
            history.happen(event, detail)
        history.finish()
    finally:
        structlog.reset_defaults()
    assert {job_id: history.rows.ends[job_id] for job_id in history.jobs} == dict.fromkeys(history.jobs, 1)
    assert all(history.rows.row(job_id).state in _ENDS for job_id in history.jobs)
    assert all(count == 1 for count in history.runtime.rendered.values())
    assert history.runtime.most_in_flight <= 3 + 1
    assert history.runtime.in_flight() == []


_ENDS = {JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED}
