"""What the job of a render does to its video. The job store calls these inside its transactions."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import Executable, bindparam, select, update
from sqlmodel import Session, col

from cluster.jobs import JobOutput, JobProgress, RenderRequest, WaitingJob
from render_core.spec import RenderSpec
from webapp.billing.ledger import release, settle
from webapp.models import RenderJob, RenderStatus, UserVideo, Workspace, heads_of_queues, utc_now
from webapp.renders.events import record_end

_WRITE_PROGRESS = (
    update(UserVideo.__table__)  # type: ignore[attr-defined]  # SQLModel makes it
    .where(col(UserVideo.id) == bindparam("video"), col(UserVideo.render_progress) <= bindparam("percent"))
    .values(render_progress=bindparam("percent"), estimated_completion=bindparam("eta"), updated_at=bindparam("now"))
)


def waiting(session: Session, limit: int) -> list[tuple[int, WaitingJob]]:
    """Queued renders, each with its place among those of its workspace; the first of each come first."""
    rows = session.connection().execute(_WAITING, {"limit": limit})
    return [(place, _waiting(*facts)) for *facts, place in rows]


def _select_waiting() -> Executable:
    heads = heads_of_queues(RenderJob, bindparam("limit"))
    wanted = (RenderJob.id, RenderJob.video_id, RenderJob.workspace_id, Workspace.plan, RenderJob.created_at)
    return (
        select(*(col(column) for column in wanted), col(UserVideo.duration), heads.c.place)
        .join(heads, heads.c.id == col(RenderJob.id))
        .join(Workspace, col(Workspace.id) == col(RenderJob.workspace_id))
        .join(UserVideo, col(UserVideo.id) == col(RenderJob.video_id))
    )


_WAITING = _select_waiting()
"""Asked every second or two: built once."""


def _waiting(
    job_id: UUID, video_id: UUID, workspace_id: UUID, plan: str, queued_at: datetime, duration_s: float | None
) -> WaitingJob:
    return WaitingJob(
        job_id=str(job_id),
        video_id=str(video_id),
        workspace_id=str(workspace_id),
        plan=str(plan),
        queued_at=queued_at,
        size=duration_s or 1.0,
    )


def begin(session: Session, job: RenderJob) -> RenderRequest | None:
    """What the cluster is asked to do; None when this version cannot read the order."""
    try:
        spec = RenderSpec.model_validate(job.spec)
    except ValidationError:
        return None
    now = utc_now()
    video = session.get_one(UserVideo, job.video_id)
    video.render_status, video.updated_at = RenderStatus.RENDERING, now
    video.render_started_at = video.render_started_at or now
    return RenderRequest(
        job_id=str(job.id),
        video_id=str(job.video_id),
        workspace_id=str(job.workspace_id),
        plan=session.get_one(Workspace, job.workspace_id).plan.value,
        attempt=job.attempt,
        spec=spec,
    )


def record(session: Session, progress: Iterable[JobProgress]) -> None:
    """Write how far renders are, never lowering it, and when they are expected to end."""
    now = utc_now()
    rows = [_progress_row(each, now) for each in progress]
    if rows:
        session.connection().execute(_WRITE_PROGRESS, rows)


def _progress_row(progress: JobProgress, now: datetime) -> dict[str, object]:
    eta = None if progress.eta_s is None else now + timedelta(seconds=progress.eta_s)
    return {"video": UUID(progress.video_id), "percent": min(progress.percent, 99), "eta": eta, "now": now}


def complete(session: Session, job: RenderJob, output: JobOutput) -> None:
    """The video is there, and its usage settled."""
    job.output_sha256 = output.sha256
    video = _ended(session, job, RenderStatus.COMPLETED)
    video.render_progress = 100
    video.output_path, video.output_size, video.duration = output.key, output.size_bytes, output.duration_s
    video.output_url = f"/api/video/{video.id}/download"
    video.poster_path, video.sprites_path = output.poster, output.sprites
    video.pictures_size = output.pictures_bytes
    video.sprite_sheet = output.sheet.model_dump(mode="json") if output.sheet else None
    session.flush()
    settle(session, job.id, output.render_seconds)
    record_end(session, video, job)


def fail(session: Session, job: RenderJob) -> None:
    """There will be no video, and its reservation is given back."""
    video = _ended(session, job, RenderStatus.FAILED)
    session.flush()
    release(session, job.id)
    record_end(session, video, job)


def _ended(session: Session, job: RenderJob, status: RenderStatus) -> UserVideo:
    now = utc_now()
    video = session.get_one(UserVideo, job.video_id)
    video.render_status, video.render_completed_at = status, now
    video.estimated_completion, video.updated_at = None, now
    return video
