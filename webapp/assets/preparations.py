"""What the job of a preparation does to its asset. The job store calls these inside its transactions."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import Executable, bindparam, select, update
from sqlmodel import Session, col

from cluster.jobs import JobFailure, JobKind, JobProgress, JobState, PreparedAsset, PrepareRequest, WaitingJob
from cluster.keys import poster_key
from render_core.spec import MediaInfo
from webapp.assets.events import record_end
from webapp.bell import Bell
from webapp.billing.months import project
from webapp.models import AssetStatus, AssetType, PreparationJob, VideoAsset, Workspace, heads_of_queues, utc_now

_BYTES_A_SECOND = 500_000
"""Of a usual clip. Music has fewer, and is that much quicker prepared."""
_LONGEST_REASON = 500
_WRITE_PROGRESS = (
    update(VideoAsset.__table__)  # type: ignore[attr-defined]  # SQLModel makes it
    .where(col(VideoAsset.id) == bindparam("asset"), col(VideoAsset.progress) < bindparam("percent"))
    .values(progress=bindparam("percent"), updated_at=bindparam("now"))
)


def expected_s(asset_type: AssetType, size_bytes: int) -> float:
    """About how many seconds of video an upload is worth, by its size alone: nothing has looked into it yet."""
    return 1.0 if asset_type is AssetType.COVER else 1.0 + size_bytes / _BYTES_A_SECOND


def tell_queued(bell: Bell, job: PreparationJob) -> None:
    """Say that there is something to prepare."""
    bell.publish(
        JobProgress(
            job_id=str(job.id),
            video_id="",
            attempt=job.attempt,
            state=JobState.QUEUED,
            percent=0,
            cells_done=0,
            cells_total=1,
            cells_cached=0,
            kind=JobKind.PREPARE,
            asset_id=str(job.asset_id),
        )
    )


def waiting(session: Session, limit: int) -> list[tuple[int, WaitingJob]]:
    """Queued preparations, each with its place among those of its workspace; the first of each come first."""
    rows = session.connection().execute(_WAITING, {"limit": limit})
    return [(place, _waiting(*facts)) for *facts, place in rows]


def _select_waiting() -> Executable:
    heads, job = heads_of_queues(PreparationJob, bindparam("limit")), PreparationJob
    wanted = (job.id, job.workspace_id, Workspace.plan, job.created_at, job.asset_type, job.size_bytes)
    return (
        select(*(col(column) for column in wanted), heads.c.place)
        .join(heads, heads.c.id == col(job.id))
        .join(Workspace, col(Workspace.id) == col(job.workspace_id))
    )


_WAITING = _select_waiting()
"""Asked every second or two: built once."""


def _waiting(
    job_id: UUID, workspace_id: UUID, plan: str, queued_at: datetime, *upload: *tuple[AssetType, int]
) -> WaitingJob:
    return WaitingJob(
        job_id=str(job_id),
        workspace_id=str(workspace_id),
        plan=str(plan),
        queued_at=queued_at,
        kind=JobKind.PREPARE,
        size=expected_s(*upload),
    )


def begin(session: Session, job: PreparationJob) -> PrepareRequest | None:
    """What the cluster is asked to do; None when the asset is no longer there."""
    if job.asset_id is None:
        return None
    return PrepareRequest(
        job_id=str(job.id),
        asset_id=str(job.asset_id),
        workspace_id=str(job.workspace_id),
        plan=session.get_one(Workspace, job.workspace_id).plan.value,
        attempt=job.attempt,
        asset_type=job.asset_type.value,
        source=job.source_path,
        target=job.target_path,
        size_bytes=job.size_bytes,
    )


def record(session: Session, progress: Iterable[JobProgress]) -> None:
    """Write how far preparations are; never lowers it."""
    now = utc_now()
    rows = [
        {"asset": UUID(each.asset_id), "percent": min(each.percent, 99), "now": now}
        for each in progress
        if each.asset_id is not None
    ]
    if rows:
        session.connection().execute(_WRITE_PROGRESS, rows)


def complete(session: Session, job: PreparationJob, output: PreparedAsset) -> None:
    """The asset is ready, and from now on what is stored of it counts."""
    asset = _asset_of(session, job)
    if asset is None:  # it went with its owner: what was made for it is to be cleared
        job.job_status = JobState.CANCELLED
        return
    asset.status, asset.progress, asset.updated_at = AssetStatus.READY, 100, utc_now()
    asset.file_path, asset.file_size, asset.content_sha256 = output.key, output.size_bytes, output.sha256
    asset.mime_type = output.mime_type
    asset.poster_path, asset.poster_size = output.poster, output.poster_bytes
    describe(asset, output.info)
    session.flush()
    project(session, asset.user_id, utc_now())
    record_end(session, asset)


def _asset_of(session: Session, job: PreparationJob) -> VideoAsset | None:
    return None if job.asset_id is None else session.get(VideoAsset, job.asset_id)


def describe(asset: VideoAsset, info: MediaInfo) -> None:
    """Write what is known of the asset's file."""
    asset.media_info = info.model_dump(mode="json")
    asset.duration = float(info.duration_s) if info.kind != "image" else None
    asset.width, asset.height = info.width or None, info.height or None


def reject(session: Session, job: PreparationJob, failure: JobFailure) -> None:
    """The asset cannot be used, and takes no storage any more; its row stays, to say why."""
    asset = _asset_of(session, job)
    if asset is None:
        return
    asset.status, asset.updated_at = AssetStatus.REJECTED, utc_now()
    asset.reject_reason = failure.message[:_LONGEST_REASON]
    session.flush()
    project(session, asset.user_id, utc_now())
    record_end(session, asset)


def cancel(session: Session, asset_id: UUID) -> tuple[str, ...]:
    """End the asset's preparation, if there is one.

    Returns:
        The keys of its objects, which nobody will ask for; a worker may still be writing the last of them.
    """
    ended = session.execute(
        update(PreparationJob)
        .where(
            col(PreparationJob.asset_id) == asset_id,
            col(PreparationJob.job_status).in_([JobState.QUEUED, JobState.PROCESSING]),
        )
        .values(job_status=JobState.CANCELLED, completed_at=utc_now())
        .returning(col(PreparationJob.source_path), col(PreparationJob.asset_type), col(PreparationJob.target_path))
    ).one_or_none()
    return () if ended is None else (ended.source_path, *made_of(ended.asset_type, ended.target_path))


def made_of(asset_type: AssetType, target: str) -> tuple[str, str]:
    """The keys of what a preparation makes: the file and the picture that stands for it."""
    return target, poster_key(asset_type, target.rpartition("/")[2])
