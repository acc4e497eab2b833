"""Jobs that wait to be claimed, as far as they can be foreseen."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from math import ceil

from cluster.cost import CostModel
from cluster.fair import queues_of, weight_of
from cluster.forecast import Course
from cluster.jobs import JobKind, JobProgress, JobState, WaitingJob
from render_core.cells import CELL_SECONDS

_MEGABYTES_PER_S = 0.5
"""Of an upload; the size of one that waits is given in seconds."""


def courses(queue: Sequence[WaitingJob], costs: CostModel) -> Iterator[Course]:
    """What waiting jobs will need, those of a workspace in the order in which they will be taken up."""
    before_s, pieces = costs.step_s("plan", 0), cache(partial(_pieces, costs))
    for group, jobs in queues_of(queue).items():
        for job in jobs:
            yield Course(
                job_id=job.job_id,
                group=group,
                weight=weight_of(job.plan, job.kind),
                before_s=before_s,
                waiting=pieces(job.kind, job.size),
            )


def _pieces(costs: CostModel, kind: JobKind, size: float) -> tuple[float, ...]:
    if kind is JobKind.PREPARE:
        return (costs.step_s("prepare", size * _MEGABYTES_PER_S),)
    count = ceil(size / CELL_SECONDS)
    return (costs.step_s("render", size) / count,) * count


def expectations(queue: Sequence[WaitingJob], ends: Mapping[str, float]) -> tuple[JobProgress, ...]:
    """When the renders that wait will have ended: all that there is to say of them."""
    return tuple(
        JobProgress(
            job_id=job.job_id,
            video_id=job.video_id,
            attempt=0,
            state=JobState.QUEUED,
            percent=0,
            cells_done=0,
            cells_total=0,
            cells_cached=0,
            eta_s=ends.get(job.job_id),
        )
        for job in queue
        if job.kind is JobKind.RENDER
    )
