"""The job store, the sink and the bell in memory: for tests and for trying things out. Nothing outlives the process."""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from cluster.health import ClusterHealth
from cluster.jobs import JobFailure, JobProgress, JobRequest, JobState, Product, RenderRequest, WaitingJob


@dataclass(slots=True)
class JobRow:
    """A job as a database would hold it.

    Attributes:
        request: Its ``attempt`` is that of the last claim.
        epoch: Of the dispatcher that holds it.
        size: As a waiting job tells it.
    """

    request: JobRequest
    queued_at: datetime
    size: float = 1.0
    state: JobState = JobState.QUEUED
    epoch: int = 0
    percent: int = 0
    eta_s: float | None = None
    output: Product | None = None
    failure: JobFailure | None = None


class InMemoryJobStore:
    """A ``JobStore`` behind one lock.

    Args:
        clock: Seconds that only grow; leases are measured with it.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._rows: dict[str, JobRow] = {}
        self._holder = ""
        self._epoch = 0
        self._lease_ends = float("-inf")

    def enqueue(self, request: JobRequest, size: float = 1.0) -> None:
        """Add a queued job."""
        with self._lock:
            self._rows[request.job_id] = JobRow(replace(request, attempt=0), datetime.now(UTC), size)

    def cancel(self, job_id: str) -> bool:
        """Ask that a job end; False when it already has."""
        with self._lock:
            row = self._rows[job_id]
            if row.state.is_terminal:
                return False
            row.state = JobState.CANCELLED
            return True

    def row(self, job_id: str) -> JobRow:
        """A copy of what is known about a job."""
        with self._lock:
            return replace(self._rows[job_id])

    def acquire_lease(self, holder: str, ttl_s: float) -> int | None:
        """The new epoch when ``holder`` became the one dispatcher, or None while another one's lease runs."""
        with self._lock:
            if self._holder != holder and self._clock() < self._lease_ends:
                return None
            self._holder, self._epoch, self._lease_ends = holder, self._epoch + 1, self._clock() + ttl_s
            return self._epoch

    def renew_lease(self, holder: str, epoch: int, ttl_s: float) -> bool:
        """Extend the lease; False when it was lost."""
        with self._lock:
            if (self._holder, self._epoch) != (holder, epoch):
                return False
            self._lease_ends = self._clock() + ttl_s
            return True

    def release_lease(self, holder: str, epoch: int) -> None:
        """Give the lease up."""
        with self._lock:
            if (self._holder, self._epoch) == (holder, epoch):
                self._holder, self._lease_ends = "", float("-inf")

    def waiting(self, limit: int) -> tuple[WaitingJob, ...]:
        """Queued jobs, oldest first."""
        with self._lock:
            queued = [row for row in self._rows.values() if row.state is JobState.QUEUED]
            return tuple(_waiting(row) for row in sorted(queued, key=lambda row: row.queued_at)[:limit])

    def claim(self, job_id: str, epoch: int) -> JobRequest | None:
        """Take a queued job; None when it is no longer there to take."""
        with self._lock:
            row = self._rows.get(job_id)
            if row is None or row.state is not JobState.QUEUED or epoch != self._epoch:
                return None
            return _taken(row, epoch)

    def take_over(self, epoch: int) -> tuple[JobRequest, ...]:
        """Jobs in processing that an earlier epoch left behind, now ours."""
        with self._lock:
            if epoch != self._epoch:
                return ()
            left = [row for row in self._rows.values() if row.state is JobState.PROCESSING and row.epoch < epoch]
            return tuple(_taken(row, epoch) for row in left)

    def cancelled(self, job_ids: Iterable[str]) -> frozenset[str]:
        """Which of these jobs have been cancelled meanwhile."""
        with self._lock:
            return frozenset(i for i in job_ids if i in self._rows and self._rows[i].state is JobState.CANCELLED)

    def record_progress(self, progress: Sequence[JobProgress], epoch: int) -> None:
        """Write how far our running jobs are, never lowering it, and when they and queued ones are expected to end."""
        with self._lock:
            for each in progress:
                row = self._rows.get(each.job_id)
                if row is None or epoch != self._epoch:
                    continue
                if row.state is JobState.QUEUED or self._held(each.job_id, epoch):
                    row.percent, row.eta_s = max(row.percent, each.percent), each.eta_s

    def complete(self, request: JobRequest, output: Product, epoch: int) -> bool:
        """Processing → completed with its output."""
        with self._lock:
            row = self._held(request.job_id, epoch)
            if row is None:
                return False
            row.state, row.output, row.percent = JobState.COMPLETED, output, 100
            return True

    def fail(self, request: JobRequest, failure: JobFailure, epoch: int) -> bool:
        """Processing → failed with its reason."""
        with self._lock:
            row = self._held(request.job_id, epoch)
            if row is None:
                return False
            row.state, row.failure = JobState.FAILED, failure
            return True

    def _held(self, job_id: str, epoch: int) -> JobRow | None:
        """The row, if ``epoch`` is the present one and holds the job in processing."""
        row = self._rows.get(job_id)
        if row is None or row.state is not JobState.PROCESSING or not row.epoch == epoch == self._epoch:
            return None
        return row


def _taken(row: JobRow, epoch: int) -> JobRequest:
    row.state, row.epoch = JobState.PROCESSING, epoch
    row.request = replace(row.request, attempt=row.request.attempt + 1)
    return row.request


def _waiting(row: JobRow) -> WaitingJob:
    request = row.request
    return WaitingJob(
        job_id=request.job_id,
        workspace_id=request.workspace_id,
        plan=request.plan,
        queued_at=row.queued_at,
        kind=request.kind,
        size=row.size,
        video_id=request.video_id if isinstance(request, RenderRequest) else "",
    )


class InMemorySink:
    """Keeps every message it was given."""

    def __init__(self) -> None:
        self.published: list[JobProgress] = []

    def publish(self, progress: JobProgress) -> None:
        """Tell subscribers: whoever reads ``published``."""
        self.published.append(progress)


class InMemoryHealth:
    """Keeps the last picture of the cluster."""

    def __init__(self) -> None:
        self.latest: ClusterHealth | None = None

    def publish(self, health: ClusterHealth) -> None:
        """Show this instead of the last one."""
        self.latest = health


class InMemoryBell:
    """A ``WakeUp`` between threads of one process.

    Args:
        hears: Whether whoever has news rings.
    """

    def __init__(self, *, hears: bool = True) -> None:
        self.hears = hears
        self._rung = threading.Event()

    def ring(self) -> None:
        """Wake whoever waits, or the next who will."""
        self._rung.set()

    def wait(self, timeout_s: float) -> bool:
        """Return True when rung, False after ``timeout_s``."""
        is_rung = self._rung.wait(timeout_s)
        if is_rung:  # else a ring that comes just now would be lost
            self._rung.clear()
        return is_rung
