"""The dispatcher and all that is around it, for tests that step it by hand."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial

from cluster.dispatcher import Dispatcher, DispatcherOptions, Surroundings
from cluster.jobs import JobState
from cluster.memory import InMemoryBell, InMemoryHealth, InMemoryJobStore, InMemorySink, JobRow
from cluster.metrics import CountingMetrics
from cluster.storage import LocalObjectStore
from tests.fakes import FailingStore, FakeClock, FakeRuntime, fake_request


@dataclass
class World:
    """A dispatcher and everything around it."""

    objects: LocalObjectStore
    clock: FakeClock = field(default_factory=FakeClock)
    runtime: FakeRuntime = field(default_factory=FakeRuntime)
    sink: InMemorySink = field(default_factory=InMemorySink)
    health: InMemoryHealth = field(default_factory=InMemoryHealth)
    metrics: CountingMetrics = field(default_factory=CountingMetrics)
    bell: InMemoryBell = field(default_factory=partial(InMemoryBell, hears=False))

    def __post_init__(self) -> None:
        self.rows = InMemoryJobStore(self.clock)
        self.store = FailingStore(self.rows)
        self.dispatcher = self.new_dispatcher("first")

    def new_dispatcher(self, holder: str) -> Dispatcher:
        options = DispatcherOptions(holder=holder, clock=self.clock)
        around = Surroundings(
            store=self.store,
            objects=self.objects,
            runtime=self.runtime,
            sink=self.sink,
            wake_up=self.bell,
            health=self.health,
            metrics=self.metrics,
        )
        return Dispatcher(around, options)

    def enqueue(self, job_id: str, cells: Iterable[str] = "abc", workspace: str = "w", plan: str = "free") -> None:
        self.rows.enqueue(fake_request(job_id, cells, workspace_id=workspace, plan=plan))

    def step(self, times: int = 1, seconds: float = 0.3) -> None:
        for _ in range(times):
            self.dispatcher.step()
            self.clock.advance(seconds)

    def run_until_ended(self, *job_ids: str, most_steps: int = 500) -> None:
        for _ in range(most_steps):
            if all(self.rows.row(job_id).state.is_terminal for job_id in job_ids):
                return
            self.step()
        raise AssertionError({job_id: self.rows.row(job_id) for job_id in job_ids})

    def row(self, job_id: str) -> JobRow:
        return self.rows.row(job_id)

    def published(self, job_id: str) -> list[tuple[JobState, int]]:
        return [(each.state, each.percent) for each in self.sink.published if each.job_id == job_id]
