"""How the jobs and the dispatcher are doing, as the database says. Nothing of what is in anyone's videos."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case, func
from sqlmodel import Session, col, select

from cluster.jobs import JobKind, JobState
from webapp.models import Job, Lease, PreparationJob, RenderJob, UserVideo, VideoAsset, Workspace, utc_now

_TABLES: Mapping[JobKind, type[RenderJob | PreparationJob]] = {
    JobKind.RENDER: RenderJob,
    JobKind.PREPARE: PreparationJob,
}
_OPEN = (JobState.QUEUED, JobState.PROCESSING)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFigures:
    """The jobs of one kind and plan that have not ended.

    Attributes:
        oldest_queued_s: Age of the oldest queued one in seconds; 0 with none.
    """

    kind: JobKind
    plan: str
    queued: int
    active: int
    oldest_queued_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseFigures:
    """The dispatcher's lease; it is at work while the lease has not expired."""

    holder: str
    epoch: int
    expires_at: datetime
    is_alive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenJob:
    """A job that waits or runs.

    Attributes:
        subject_id: The video that is rendered, or the asset that is made ready; None if that was deleted meanwhile.
        age_s: Seconds since it was asked for.
        eta_s: Expected seconds until its end; None while that is not known.
    """

    kind: JobKind
    subject_id: UUID | None
    plan: str
    state: JobState
    percent: int
    attempt: int
    age_s: float
    eta_s: float | None


def count_renders(session: Session) -> dict[JobState, int]:
    """Renders by state; every state is there."""
    counted = session.exec(select(RenderJob.job_status, func.count()).group_by(col(RenderJob.job_status)))
    found = dict(counted.all())
    return {state: found.get(state, 0) for state in JobState}


def count_rejected(session: Session) -> dict[str, int]:
    """Uploads that could not be prepared, by the code of the reason."""
    code = func.coalesce(col(PreparationJob.error_code), "unknown")
    failed = select(code, func.count()).where(PreparationJob.job_status == JobState.FAILED).group_by(code)
    return dict(session.exec(failed).all())


def count_open_jobs(session: Session) -> tuple[PlanFigures, ...]:
    """Jobs that wait or run, by kind and plan; those of which there are none are left out."""
    now = utc_now()
    return tuple(figures for kind, job in _TABLES.items() for figures in _open_jobs(session, kind, job, now))


def _open_jobs(
    session: Session, kind: JobKind, job: type[RenderJob | PreparationJob], now: datetime
) -> list[PlanFigures]:
    is_queued = col(job.job_status) == JobState.QUEUED
    queued_at: Any = func.min(case((is_queued, col(job.created_at))))
    rows = session.exec(
        select(Workspace.plan, func.count(), func.count(case((is_queued, 1))), queued_at)
        .join(job, col(Workspace.id) == col(job.workspace_id))
        .where(col(job.job_status).in_(_OPEN))
        .group_by(col(Workspace.plan))
        .order_by(col(Workspace.plan))
    )
    return [
        PlanFigures(
            kind=kind,
            plan=str(plan),
            queued=queued,
            active=count - queued,
            oldest_queued_s=(now - oldest).total_seconds() if oldest else 0.0,
        )
        for plan, count, queued, oldest in rows.all()
    ]


def list_open_jobs(session: Session, limit: int) -> tuple[OpenJob, ...]:
    """Jobs that wait or run: those that run first, each the oldest first."""
    now = utc_now()
    found = [*_open_renders(session, limit, now), *_open_preparations(session, limit, now)]
    return tuple(sorted(found, key=lambda job: (job.state is JobState.QUEUED, -job.age_s))[:limit])


def _open_renders(session: Session, limit: int, now: datetime) -> Iterator[OpenJob]:
    rows = session.exec(
        select(RenderJob, Workspace.plan, UserVideo.render_progress, UserVideo.estimated_completion)
        .join(UserVideo, col(UserVideo.id) == col(RenderJob.video_id))
        .join(Workspace, col(Workspace.id) == col(RenderJob.workspace_id))
        .where(col(RenderJob.job_status).in_(_OPEN))
        .order_by(col(RenderJob.job_status) == JobState.QUEUED, col(RenderJob.created_at))
        .limit(limit)
    )
    for job, plan, percent, end in rows:
        eta_s = (end - now).total_seconds() if end else None
        yield _open_job(job, plan, now, kind=JobKind.RENDER, subject_id=job.video_id, percent=percent, eta_s=eta_s)


def _open_preparations(session: Session, limit: int, now: datetime) -> Iterator[OpenJob]:
    rows = session.exec(
        select(PreparationJob, Workspace.plan, VideoAsset.progress)
        .join(Workspace, col(Workspace.id) == col(PreparationJob.workspace_id))
        .outerjoin(VideoAsset, col(VideoAsset.id) == col(PreparationJob.asset_id))
        .where(col(PreparationJob.job_status).in_(_OPEN))
        .order_by(col(PreparationJob.job_status) == JobState.QUEUED, col(PreparationJob.created_at))
        .limit(limit)
    )
    for job, plan, percent in rows:
        yield _open_job(job, plan, now, kind=JobKind.PREPARE, subject_id=job.asset_id, percent=percent or 0, eta_s=None)


def _open_job(job: Job, plan: str, now: datetime, **facts: Any) -> OpenJob:  # noqa: ANN401 - the rest of its fields
    age_s = (now - job.created_at).total_seconds()
    return OpenJob(plan=str(plan), state=job.job_status, attempt=job.attempt, age_s=age_s, **facts)


def oldest_start(session: Session) -> datetime | None:
    """When the oldest of the renders that are at work was taken up; None with none."""
    at_work = col(RenderJob.job_status) == JobState.PROCESSING
    return session.exec(select(func.min(RenderJob.started_at)).where(at_work)).one()


def find_lease(session: Session) -> LeaseFigures | None:
    """The dispatcher's lease; None where no dispatcher has ever been."""
    lease = session.exec(select(Lease).where(Lease.epoch > 0)).one_or_none()
    if lease is None:
        return None
    is_alive = lease.holder != "" and lease.expires_at > utc_now()
    return LeaseFigures(holder=lease.holder, epoch=lease.epoch, expires_at=lease.expires_at, is_alive=is_alive)
