"""The dispatcher's counts as Ray's metrics: on its metrics port under ``ray_reelgrove_…``, some seconds later."""

from ray.util.metrics import Counter, Gauge, Histogram

from cluster.jobs import JobState
from cluster.metrics import CellOutcome
from cluster.work import FaultKind

_CELL_S = [0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0]
_JOB_S = [1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0]


class RayMetrics:
    """``Metrics`` on Ray. One in a process, made after the cluster was joined; without one it counts for nobody."""

    def __init__(self) -> None:
        self._cells = Counter("reelgrove_cells", "Cells by how they ended.", ("outcome",))
        self._cell_seconds = Histogram("reelgrove_cell_seconds", "Wall time of a rendered cell.", _CELL_S)
        self._retries = Counter("reelgrove_retries", "Work that was done again, by the fault before.", ("cause",))
        self._queued = Gauge("reelgrove_jobs_queued", "Jobs that wait to be taken up.", ("plan",))
        self._queue_age = Gauge("reelgrove_queue_age_seconds", "How long the oldest of them has waited.", ("plan",))
        self._jobs = Counter("reelgrove_jobs", "Jobs by how they ended.", ("outcome",))
        self._job_seconds = Histogram("reelgrove_job_seconds", "From the claim to the end.", _JOB_S, ("outcome",))

    def cell(self, outcome: CellOutcome, seconds: float) -> None:
        """Count a cell; only rendered ones say something about speed."""
        self._cells.inc(1, {"outcome": outcome})
        if outcome == "rendered":
            self._cell_seconds.observe(seconds)

    def retry(self, cause: FaultKind) -> None:
        """Count a retry."""
        self._retries.inc(1, {"cause": cause.value})

    def queue(self, plan: str, jobs: int, age_s: float) -> None:
        """Show a plan's queue as it is now."""
        self._queued.set(jobs, {"plan": plan})
        self._queue_age.set(age_s, {"plan": plan})

    def job(self, outcome: JobState, seconds: float) -> None:
        """Count a job."""
        self._jobs.inc(1, {"outcome": outcome.value})
        self._job_seconds.observe(seconds, {"outcome": outcome.value})
