"""How the renders are doing, in numbers."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session, col, select

from cluster.jobs import JobState
from webapp.models import RenderJob, utc_now


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderFigures:
    """A snapshot.

    Attributes:
        jobs: Jobs by state; every state is there.
        queue_age_s: Age of the oldest queued job in seconds; 0 with none.
    """

    jobs: Mapping[JobState, int]
    queue_age_s: float


def count_renders(session: Session) -> RenderFigures:
    """Count all jobs. Says nothing about anyone's videos."""
    counted = session.exec(select(RenderJob.job_status, func.count()).group_by(col(RenderJob.job_status)))
    found = dict(counted.all())
    jobs = {state: found.get(state, 0) for state in JobState}
    oldest = session.exec(select(func.min(RenderJob.created_at)).where(RenderJob.job_status == JobState.QUEUED)).one()
    return RenderFigures(jobs=jobs, queue_age_s=(utc_now() - oldest).total_seconds() if oldest else 0.0)
