"""What is said of running jobs, as updates for those who watch. Ends are no hearsay: the rows say those."""

from datetime import datetime, timedelta
from uuid import UUID

from cluster.jobs import JobKind, JobProgress, JobState
from webapp.models import AssetStatus, RenderStatus, utc_now
from webapp.renders.news import event_id_of
from webapp.renders.updates import AssetUpdate, JobUpdate, RenderUpdate


def subject_of(progress: JobProgress) -> UUID:
    """The video or upload that is spoken of."""
    return UUID(progress.asset_id or progress.video_id)


def update_of(progress: JobProgress) -> JobUpdate | None:
    """How it is now, by what is said; None when the rows should be asked."""
    if progress.state.is_terminal:
        return None
    now = utc_now()
    ends_at = None if progress.eta_s is None else now + timedelta(seconds=progress.eta_s)
    if progress.kind is JobKind.PREPARE:
        return _of_asset(progress, now, ends_at)
    return _of_render(progress, now, ends_at)


def _of_render(progress: JobProgress, now: datetime, ends_at: datetime | None) -> RenderUpdate:
    is_waiting = progress.state is JobState.QUEUED
    return RenderUpdate(
        video_id=UUID(progress.video_id),
        status=RenderStatus.PENDING if is_waiting else RenderStatus.RENDERING,
        progress=0 if is_waiting else min(progress.percent, 99),
        estimated_completion=ends_at,
        event_id=event_id_of(now),
    )


def _of_asset(progress: JobProgress, now: datetime, ends_at: datetime | None) -> AssetUpdate:
    return AssetUpdate(
        asset_id=subject_of(progress),
        status=AssetStatus.PROCESSING,
        progress=min(progress.percent, 99),
        estimated_completion=ends_at,
        event_id=event_id_of(now),
    )
