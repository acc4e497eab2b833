"""What the dispatcher counts, for people who watch a cluster: cells, retries, queues, jobs."""

from collections import Counter
from typing import Literal, Protocol

from cluster.jobs import JobState
from cluster.work import FaultKind

CellOutcome = Literal["rendered", "cached", "failed"]
"""How a cell ended: failed ones count each time, for they may be tried again."""


class Metrics(Protocol):
    """Takes facts as they happen. Must neither raise nor block."""

    def cell(self, outcome: CellOutcome, seconds: float) -> None:
        """A cell was rendered in ``seconds``, found in the store, or failed."""

    def retry(self, cause: FaultKind) -> None:
        """Work is done again because of a fault."""

    def queue(self, plan: str, jobs: int, age_s: float) -> None:
        """So many jobs of a plan wait, the oldest for ``age_s`` seconds."""

    def job(self, outcome: JobState, seconds: float) -> None:
        """A job has ended, ``seconds`` after it was taken up."""


class SilentMetrics:
    """Takes everything and keeps nothing."""

    def cell(self, outcome: CellOutcome, seconds: float) -> None:
        """Nothing happens."""

    def retry(self, cause: FaultKind) -> None:
        """Nothing happens."""

    def queue(self, plan: str, jobs: int, age_s: float) -> None:
        """Nothing happens."""

    def job(self, outcome: JobState, seconds: float) -> None:
        """Nothing happens."""


class CountingMetrics:
    """Counts in memory, and passes everything on.

    Attributes:
        counts: ``cells_rendered``, ``retries_worker_died``, ``jobs_completed`` and the like, since the start.
        queues: Waiting jobs and the age in seconds of the oldest, by plan.
    """

    def __init__(self, then: Metrics | None = None) -> None:
        self._then = then or SilentMetrics()
        self.counts: Counter[str] = Counter()
        self.queues: dict[str, tuple[int, float]] = {}

    def cell(self, outcome: CellOutcome, seconds: float) -> None:
        """Count it."""
        self.counts[f"cells_{outcome}"] += 1
        self._then.cell(outcome, seconds)

    def retry(self, cause: FaultKind) -> None:
        """Count it."""
        self.counts[f"retries_{cause.value}"] += 1
        self._then.retry(cause)

    def queue(self, plan: str, jobs: int, age_s: float) -> None:
        """Remember the latest."""
        self.queues[plan] = (jobs, age_s)
        self._then.queue(plan, jobs, age_s)

    def job(self, outcome: JobState, seconds: float) -> None:
        """Count it."""
        self.counts[f"jobs_{outcome.value}"] += 1
        self._then.job(outcome, seconds)
