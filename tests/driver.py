"""A dispatcher that drives a real runtime, with its rows in memory."""

import threading

from cluster.dispatcher import Dispatcher, DispatcherOptions, Surroundings
from cluster.jobs import JobState, RenderRequest
from cluster.memory import InMemoryBell, InMemoryJobStore, InMemorySink, JobRow
from cluster.ports import Runtime
from cluster.scaling import ScalingPolicy
from cluster.storage import LocalObjectStore
from render_core.spec import RenderSpec
from tests.processes import until


class Driver:
    """A dispatcher in a thread, with its rows in memory."""

    def __init__(self, objects: LocalObjectStore, runtime: Runtime, scaling: ScalingPolicy | None = None) -> None:
        self._scaling = scaling or ScalingPolicy()
        self.objects = objects
        self._runtime = runtime
        self.rows = InMemoryJobStore()
        self.sink = InMemorySink()
        self._bell = InMemoryBell()
        self.start("first")

    def start(self, holder: str) -> None:
        options = DispatcherOptions(holder=holder, scaling=self._scaling)
        around = Surroundings(
            store=self.rows, objects=self.objects, runtime=self._runtime, sink=self.sink, wake_up=self._bell
        )
        dispatcher = Dispatcher(around, options)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=dispatcher.run, args=(self._stop,))
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._bell.ring()
        self._thread.join()

    def enqueue(self, job_id: str, spec: RenderSpec) -> None:
        self.rows.enqueue(
            RenderRequest(job_id=job_id, video_id="v", workspace_id="w", plan="free", attempt=0, spec=spec)
        )
        self._bell.ring()

    def ended(self, job_id: str) -> JobRow:
        until(lambda: self.rows.row(job_id).state.is_terminal)
        return self.rows.row(job_id)

    def rendered(self, job_id: str, spec: RenderSpec) -> str:
        """The hash of the finished file."""
        self.enqueue(job_id, spec)
        row = self.ended(job_id)
        assert row.state is JobState.COMPLETED, row.failure
        assert row.output is not None
        return row.output.sha256

    def percents(self, job_id: str, cells_done: int | None = None) -> list[int]:
        """What was told of a job; with ``cells_done`` while so many were done."""
        told = [each for each in tuple(self.sink.published) if each.job_id == job_id]
        return [each.percent for each in told if cells_done in {None, each.cells_done}]

    def forget_cells(self) -> None:
        for key in (*self.objects.keys("cells/"), *self.objects.keys("sounds/")):
            self.objects.delete(key)
