"""The job store on SQL: every change is a compare-and-swap, fenced by the epoch of the dispatcher's lease."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import Engine, and_, bindparam, or_, update
from sqlmodel import Session, col, select

from cluster.jobs import JobFailure, JobOutput, JobProgress, JobState, RenderRequest, WaitingJob
from render_core.spec import RenderSpec
from webapp.billing.usage import release, settle
from webapp.db import insert_into, unit_of_work
from webapp.models import Lease, RenderJob, RenderStatus, UserVideo, Workspace, utc_now

_LEASE = "dispatcher"
_LONGEST_MESSAGE = 2000
_UNREADABLE = JobFailure(
    code="invalid_input", message="This render was asked for in a form that is no longer known: ask for it again."
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
        return self._set_lease(holder, epoch, expires_at=self._clock() + timedelta(seconds=ttl_s))

    def release_lease(self, holder: str, epoch: int) -> None:
        """Give the lease up, so that the next dispatcher need not wait for it to run out."""
        self._set_lease(holder, epoch, holder="", expires_at=self._clock())

    def _set_lease(self, held_by: str, epoch: int, **values: object) -> bool:
        with unit_of_work(self._engine) as session:
            held = session.execute(
                update(Lease)
                .where(col(Lease.name) == _LEASE, col(Lease.holder) == held_by, col(Lease.epoch) == epoch)
                .values(**values)
                .returning(col(Lease.epoch))
            ).one_or_none()
            return held is not None

    def waiting(self, limit: int) -> tuple[WaitingJob, ...]:
        """Queued jobs, oldest first."""
        with unit_of_work(self._engine, is_read_only=True) as session:
            rows = session.exec(
                select(RenderJob.id, RenderJob.workspace_id, Workspace.plan, RenderJob.created_at)
                .join(Workspace, col(Workspace.id) == col(RenderJob.workspace_id))
                .where(RenderJob.job_status == JobState.QUEUED)
                .order_by(col(RenderJob.created_at), col(RenderJob.id))
                .limit(limit)
            ).all()
        return tuple(
            WaitingJob(job_id=str(job), workspace_id=str(workspace), plan=str(plan), queued_at=queued_at)
            for job, workspace, plan, queued_at in rows
        )

    def claim(self, job_id: str, epoch: int) -> RenderRequest | None:
        """Take a queued job (queued → processing, attempt + 1); None when it is no longer there to take."""
        with unit_of_work(self._engine) as session:
            lease = _held(session, epoch)
            job = _locked(session, job_id, JobState.QUEUED)
            return None if lease is None or job is None else _take(session, job, lease)

    def take_over(self, epoch: int) -> tuple[RenderRequest, ...]:
        """Jobs in processing that an earlier epoch left behind, now ours (attempt + 1)."""
        with unit_of_work(self._engine) as session:
            lease = _held(session, epoch)
            if lease is None:
                return ()
            left = session.exec(
                select(RenderJob)
                .where(RenderJob.job_status == JobState.PROCESSING, RenderJob.epoch < epoch)
                .order_by(col(RenderJob.created_at))
                .with_for_update()
            ).all()
            taken = (_take(session, job, lease) for job in left)
            return tuple(request for request in taken if request is not None)

    def cancelled(self, job_ids: Iterable[str]) -> frozenset[str]:
        """Which of these jobs have been cancelled meanwhile."""
        asked = [UUID(job_id) for job_id in job_ids]
        with unit_of_work(self._engine, is_read_only=True) as session:
            rows = session.exec(
                select(RenderJob.id).where(col(RenderJob.id).in_(asked), RenderJob.job_status == JobState.CANCELLED)
            ).all()
        return frozenset(str(row) for row in rows)

    def record_progress(self, progress: Sequence[JobProgress], epoch: int) -> None:
        """Write how far our running jobs are, never lowering it, and when they and queued ones are expected to end."""
        with unit_of_work(self._engine) as session:
            if _held(session, epoch) is None:
                return
            still_open = _open_among(session, [UUID(each.job_id) for each in progress], epoch)
            now = utc_now()
            rows = [_progress_row(each, now) for each in progress if UUID(each.job_id) in still_open]
            if rows:
                session.connection().execute(_WRITE_PROGRESS, rows)

    def complete(self, request: RenderRequest, output: JobOutput, epoch: int) -> bool:
        """Processing → completed with its output and settled usage, in one transaction."""
        with unit_of_work(self._engine) as session:
            job = _running(session, request.job_id, epoch) if _held(session, epoch) else None
            if job is None:
                return False
            job.output_sha256 = output.sha256
            video = _end(session, job, JobState.COMPLETED, RenderStatus.COMPLETED)
            video.render_progress = 100
            video.output_path, video.output_size, video.duration = output.key, output.size_bytes, output.duration_s
            video.output_url = f"/api/video/{video.id}/download"
            video.poster_path, video.sprites_path = output.poster, output.sprites
            video.sprite_sheet = output.sheet.model_dump(mode="json") if output.sheet else None
            session.flush()
            settle(session, job.id, output.render_seconds)
            return True

    def fail(self, request: RenderRequest, failure: JobFailure, epoch: int) -> bool:
        """Processing → failed with its reason and the reservation given back, in one transaction."""
        with unit_of_work(self._engine) as session:
            job = _running(session, request.job_id, epoch) if _held(session, epoch) else None
            if job is None:
                return False
            _fail(session, job, failure)
            return True


def _ensure_lease(session: Session) -> None:
    """A row to lock; the epoch of a lease that nobody has held is 0."""
    never = {"name": _LEASE, "holder": "", "epoch": 0, "expires_at": datetime.fromtimestamp(0, UTC)}
    session.execute(insert_into(session, Lease).values(**never).on_conflict_do_nothing())


def _held(session: Session, epoch: int) -> Lease | None:
    """The lease, if it still is of this epoch. The shared lock keeps it so until the transaction ends."""
    held = select(Lease).where(Lease.name == _LEASE, Lease.epoch == epoch)
    return session.exec(held.with_for_update(read=True)).one_or_none()


def _locked(session: Session, job_id: str, state: JobState) -> RenderJob | None:
    wanted = select(RenderJob).where(RenderJob.id == UUID(job_id), RenderJob.job_status == state)
    return session.exec(wanted.with_for_update()).one_or_none()


_WRITE_PROGRESS = (
    update(UserVideo.__table__)  # type: ignore[attr-defined]  # SQLModel makes it
    .where(col(UserVideo.id) == bindparam("video"), col(UserVideo.render_progress) <= bindparam("percent"))
    .values(render_progress=bindparam("percent"), estimated_completion=bindparam("eta"), updated_at=bindparam("now"))
)


def _progress_row(progress: JobProgress, now: datetime) -> dict[str, object]:
    eta = None if progress.eta_s is None else now + timedelta(seconds=progress.eta_s)
    return {"video": UUID(progress.video_id), "percent": min(progress.percent, 99), "eta": eta, "now": now}


def _open_among(session: Session, job_ids: Sequence[UUID], epoch: int) -> set[UUID]:
    """Which of these jobs wait or run under ``epoch``. One that somebody is ending just now is left to them."""
    ours = and_(col(RenderJob.job_status) == JobState.PROCESSING, col(RenderJob.epoch) == epoch)
    wanted = select(RenderJob.id).where(
        col(RenderJob.id).in_(job_ids), or_(ours, col(RenderJob.job_status) == JobState.QUEUED)
    )
    return set(session.exec(wanted.with_for_update(skip_locked=True)).all())


def _running(session: Session, job_id: str, epoch: int) -> RenderJob | None:
    job = _locked(session, job_id, JobState.PROCESSING)
    return job if job is not None and job.epoch == epoch else None


def _take(session: Session, job: RenderJob, lease: Lease) -> RenderRequest | None:
    """Hand a job over. One that this version cannot read ends here, or it would be in everyone's way for ever."""
    try:
        spec = RenderSpec.model_validate(job.spec)
    except ValidationError:
        _fail(session, job, _UNREADABLE)
        return None
    now = utc_now()
    job.job_status, job.attempt, job.epoch = JobState.PROCESSING, job.attempt + 1, lease.epoch
    job.worker_id, job.started_at = lease.holder, job.started_at or now
    video = session.get_one(UserVideo, job.video_id)
    video.render_status, video.updated_at = RenderStatus.RENDERING, now
    video.render_started_at = video.render_started_at or now
    workspace = session.get_one(Workspace, job.workspace_id)
    return RenderRequest(
        job_id=str(job.id),
        video_id=str(job.video_id),
        workspace_id=str(job.workspace_id),
        plan=workspace.plan.value,
        attempt=job.attempt,
        spec=spec,
    )


def _fail(session: Session, job: RenderJob, failure: JobFailure) -> None:
    job.error_code, job.error_message = failure.code[:50], failure.message[:_LONGEST_MESSAGE]
    _end(session, job, JobState.FAILED, RenderStatus.FAILED)
    session.flush()
    release(session, job.id)


def _end(session: Session, job: RenderJob, state: JobState, status: RenderStatus) -> UserVideo:
    now = utc_now()
    job.job_status, job.completed_at = state, now
    video = session.get_one(UserVideo, job.video_id)
    video.render_status, video.render_completed_at = status, now
    video.estimated_completion, video.updated_at = None, now
    return video
