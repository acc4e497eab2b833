"""The job store on SQL: every change is a compare-and-swap, fenced by the epoch of the dispatcher's lease."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Engine, Executable, and_, bindparam, or_, union_all, update
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from cluster.jobs import (
    JobFailure,
    JobKind,
    JobOutput,
    JobProgress,
    JobRequest,
    JobState,
    PreparedAsset,
    Product,
    WaitingJob,
)
from webapp.assets import preparations
from webapp.db import insert_into, unit_of_work
from webapp.models import Lease, PreparationJob, RenderJob, utc_now
from webapp.renders import orders

_AnyJob = RenderJob | PreparationJob
_Job = TypeVar("_Job", bound=_AnyJob)
_TABLES: tuple[type[RenderJob], type[PreparationJob]] = (RenderJob, PreparationJob)
_LEASE = "dispatcher"
_LONGEST_MESSAGE = 2000
_UNREADABLE = JobFailure(
    code="invalid_input", message="This render was asked for in a form that is no longer known: ask for it again."
)


# Statements that are asked several times a second while anything runs are built once: that is a third of their cost.

_HOLDER = select(Lease.holder).where(Lease.name == _LEASE, Lease.epoch == bindparam("epoch")).with_for_update(read=True)
_RENEW = (
    update(Lease)
    .where(col(Lease.name) == _LEASE, col(Lease.holder) == bindparam("held_by"), col(Lease.epoch) == bindparam("held"))
    .values(holder=bindparam("then_by"), expires_at=bindparam("until"))
    .returning(col(Lease.epoch))
    .execution_options(synchronize_session=False)
)
_LOCKED: Mapping[type[Any], Executable] = {
    table: select(table)
    .where(col(table.id) == bindparam("id"), col(table.job_status) == bindparam("state"))
    .with_for_update()
    for table in _TABLES
}
_OPEN: Mapping[type[Any], Executable] = {
    table: sa_select(col(table.id))
    .where(
        col(table.id).in_(bindparam("ids", expanding=True)),
        or_(
            and_(col(table.job_status) == JobState.PROCESSING, col(table.epoch) == bindparam("epoch")),
            col(table.job_status) == JobState.QUEUED,
        ),
    )
    .with_for_update(skip_locked=True)
    for table in _TABLES
}
_NOT_CANCELLED = union_all(
    *(
        sa_select(col(table.id)).where(
            col(table.id).in_(bindparam("ids", expanding=True)), col(table.job_status) != JobState.CANCELLED
        )
        for table in _TABLES
    )
)


class SqlJobStore:
    """``cluster.ports.JobStore`` on SQLite and PostgreSQL.

    Args:
        clock: The time that leases are measured with.
    """

    def __init__(self, engine: Engine, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def acquire_lease(self, holder: str, ttl_s: float) -> int | None:
        """The new epoch when ``holder`` became the one dispatcher, or None while another one's lease runs."""
        with unit_of_work(self._engine) as session:
            _ensure_lease(session)
            lease = session.exec(select(Lease).where(Lease.name == _LEASE).with_for_update()).one()
            now = self._clock()
            if lease.holder != holder and lease.expires_at > now:
                return None
            lease.holder, lease.epoch = holder, lease.epoch + 1
            lease.expires_at = now + timedelta(seconds=ttl_s)
            return lease.epoch

    def renew_lease(self, holder: str, epoch: int, ttl_s: float) -> bool:
        """Extend the lease; False when it was lost."""
        return self._set_lease(holder, epoch, then_by=holder, until=self._clock() + timedelta(seconds=ttl_s))

    def release_lease(self, holder: str, epoch: int) -> None:
        """Give the lease up, so that the next dispatcher need not wait for it to run out."""
        self._set_lease(holder, epoch, then_by="", until=self._clock())

    def _set_lease(self, held_by: str, epoch: int, **values: object) -> bool:
        with unit_of_work(self._engine) as session:
            held = session.connection().execute(_RENEW, {"held_by": held_by, "held": epoch, **values})
            return held.one_or_none() is not None

    def waiting(self, limit: int) -> tuple[WaitingJob, ...]:
        """Queued jobs, oldest first; of more than ``limit`` the first of each workspace and kind."""
        with unit_of_work(self._engine, is_read_only=True) as session:
            found = [*orders.waiting(session, limit), *preparations.waiting(session, limit)]
        placed = sorted(found, key=lambda each: (each[0], each[1].queued_at))[:limit]
        return tuple(sorted((job for _place, job in placed), key=lambda job: job.queued_at))

    def claim(self, job_id: str, epoch: int) -> JobRequest | None:
        """Take a queued job (queued → processing, attempt + 1); None when it is no longer there to take."""
        with unit_of_work(self._engine) as session:
            holder = _holder(session, epoch)
            queued = JobState.QUEUED
            job = _locked(session, RenderJob, job_id, queued) or _locked(session, PreparationJob, job_id, queued)
            return None if holder is None or job is None else _take(session, job, holder, epoch)

    def take_over(self, epoch: int) -> tuple[JobRequest, ...]:
        """Jobs in processing that an earlier epoch left behind, now ours (attempt + 1)."""
        with unit_of_work(self._engine) as session:
            holder = _holder(session, epoch)
            if holder is None:
                return ()
            left: list[_AnyJob] = [job for table in _TABLES for job in _left_behind(session, table, epoch)]
            left.sort(key=lambda job: job.created_at)
            taken = (_take(session, job, holder, epoch) for job in left)
            return tuple(request for request in taken if request is not None)

    def cancelled(self, job_ids: Iterable[str]) -> frozenset[str]:
        """Which of these jobs have been cancelled meanwhile, or have gone with their workspace."""
        asked = {job_id: UUID(job_id) for job_id in job_ids}
        with unit_of_work(self._engine, is_read_only=True) as session:
            kept = set(session.connection().execute(_NOT_CANCELLED, {"ids": list(asked.values())}).scalars())
        return frozenset(job_id for job_id, key in asked.items() if key not in kept)

    def record_progress(self, progress: Sequence[JobProgress], epoch: int) -> None:
        """Write how far our running jobs are, never lowering it, and when they and queued ones are expected to end."""
        with unit_of_work(self._engine) as session:
            if _holder(session, epoch) is None:
                return
            orders.record(session, _open_among(session, RenderJob, JobKind.RENDER, progress, epoch))
            preparations.record(session, _open_among(session, PreparationJob, JobKind.PREPARE, progress, epoch))

    def complete(self, request: JobRequest, output: Product, epoch: int) -> bool:
        """Processing → completed with its output and settled usage, in one transaction."""
        with unit_of_work(self._engine) as session:
            job = _running(session, request, epoch)
            if job is None:
                return False
            job.job_status, job.completed_at = JobState.COMPLETED, utc_now()
            match job, output:
                case RenderJob(), JobOutput():
                    orders.complete(session, job, output)
                case PreparationJob(), PreparedAsset():
                    preparations.complete(session, job, output)
                case _:
                    raise TypeError(f"a {request.kind} does not end with a {type(output).__name__}")
            return True

    def fail(self, request: JobRequest, failure: JobFailure, epoch: int) -> bool:
        """Processing → failed with its reason and the reservation given back, in one transaction."""
        with unit_of_work(self._engine) as session:
            job = _running(session, request, epoch)
            if job is None:
                return False
            _fail(session, job, failure)
            return True


def _ensure_lease(session: Session) -> None:
    """A row to lock; the epoch of a lease that nobody has held is 0."""
    never = {"name": _LEASE, "holder": "", "epoch": 0, "expires_at": datetime.fromtimestamp(0, UTC)}
    session.execute(insert_into(session, Lease).values(**never).on_conflict_do_nothing())


def _holder(session: Session, epoch: int) -> str | None:
    """Who holds the lease, if it still is of this epoch. The shared lock keeps it so until the transaction ends."""
    return session.connection().execute(_HOLDER, {"epoch": epoch}).scalar_one_or_none()


def _locked(session: Session, table: type[_Job], job_id: str, state: JobState) -> _Job | None:
    job: _Job | None = session.execute(_LOCKED[table], {"id": UUID(job_id), "state": state}).scalar_one_or_none()
    return job


def _left_behind(session: Session, table: type[_Job], epoch: int) -> Sequence[_Job]:
    left = select(table).where(col(table.job_status) == JobState.PROCESSING, col(table.epoch) < epoch)
    return session.exec(left.with_for_update()).all()


def _open_among(
    session: Session, table: type[_Job], kind: JobKind, progress: Iterable[JobProgress], epoch: int
) -> list[JobProgress]:
    """What is told of jobs that wait or run under ``epoch``. One that somebody is ending just now is left to them."""
    told = {UUID(each.job_id): each for each in progress if each.kind is kind}
    if not told:
        return []
    still_open = session.connection().execute(_OPEN[table], {"ids": list(told), "epoch": epoch})
    return [told[job_id] for job_id in still_open.scalars()]


def _running(session: Session, request: JobRequest, epoch: int) -> _AnyJob | None:
    """The row of a job that runs under the present epoch."""
    if _holder(session, epoch) is None:
        return None
    table: type[_AnyJob] = RenderJob if request.kind is JobKind.RENDER else PreparationJob
    job = _locked(session, table, request.job_id, JobState.PROCESSING)
    return job if job is not None and job.epoch == epoch else None


def _take(session: Session, job: _AnyJob, holder: str, epoch: int) -> JobRequest | None:
    """Hand a job over. One that this version cannot read ends here, or it would be in everyone's way for ever."""
    job.job_status, job.attempt, job.epoch = JobState.PROCESSING, job.attempt + 1, epoch
    job.worker_id, job.started_at = holder, job.started_at or utc_now()
    request = orders.begin(session, job) if isinstance(job, RenderJob) else preparations.begin(session, job)
    if request is None:
        _fail(session, job, _UNREADABLE)
    return request


def _fail(session: Session, job: _AnyJob, failure: JobFailure) -> None:
    job.job_status, job.completed_at = JobState.FAILED, utc_now()
    job.error_code, job.error_message = failure.code[:50], failure.message[:_LONGEST_MESSAGE]
    if isinstance(job, RenderJob):
        orders.fail(session, job)
    else:
        preparations.reject(session, job, failure)
