"""Lines of the cluster's benchmark, and how far expected ends were off."""

import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cluster.jobs import JobProgress, JobState

Heard = Sequence[tuple[float, JobProgress]]
"""Progress with the moment at which a subscriber had it."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One line of the table: what, how much it should be, how much it was."""

    name: str
    goal: str
    measured: str


def percentiles(seconds: Sequence[float]) -> str:
    """The median and the 95th percentile, in milliseconds."""
    ordered = sorted(seconds)
    late = ordered[max(0, -(-95 * len(ordered) // 100) - 1)]
    return f"{1000 * statistics.median(ordered):.0f} / {1000 * late:.0f} ms"


def table(figures: Iterable[Figure]) -> str:
    """All lines as Markdown."""
    rows = [f"| {each.name} | {each.goal} | {each.measured} |" for each in figures]
    return "\n".join(["| | to reach | measured |", "|---|---|---|", *rows])


def eta_error(heard: Heard, job_ids: Iterable[str]) -> str:
    """Mean over the jobs of how far the expected end was off, as a part of the time from start to end."""
    of_jobs = defaultdict[str, list[tuple[float, JobProgress]]](list)
    for at, said in heard:
        if said.state is not JobState.QUEUED:
            of_jobs[said.job_id].append((at, said))
    errors = [error for job_id in job_ids for error in _errors(of_jobs[job_id])]
    return f"{statistics.mean(errors):.1%}" if errors else "–"


def _errors(said_of_job: Heard) -> list[float]:
    """The mean error of one job's expected end after a fifth of its work; none when it was never expected."""
    if not said_of_job or said_of_job[-1][1].state is not JobState.COMPLETED:
        return []
    start, end = said_of_job[0][0], said_of_job[-1][0]
    off = [
        abs(at + said.eta_s - end) / (end - start)
        for at, said in said_of_job
        if said.eta_s is not None and said.percent >= 20
    ]
    return [statistics.mean(off)] if off else []
