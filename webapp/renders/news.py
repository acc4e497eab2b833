"""What the rows say of videos and uploads that are under way or have just changed: one look for all who watch."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import Engine, or_
from sqlmodel import Session, col, select

from webapp.db import unit_of_work
from webapp.errors import InvalidError
from webapp.models import AssetStatus, RenderJob, RenderStatus, UserVideo, VideoAsset
from webapp.renders.views import AssetUpdate, RenderUpdate, Update
from webapp.workspaces.policy import is_open_to

_RENDERING = (RenderStatus.PENDING, RenderStatus.RENDERING)
_PREPARING = (AssetStatus.UPLOADING, AssetStatus.PROCESSING)
# Writers stamp a row shortly before they commit it, and their clocks may differ: look back a little.
_SKEW = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """How a video or upload of somebody is now."""

    user_id: UUID
    changed_at: datetime
    update: Update

    def concerns(self, since: datetime) -> bool:
        """Whether it is under way, or has ended since a moment."""
        return not self.update.is_over or self.changed_at >= since - _SKEW


def read_news(engine: Engine, user_ids: Collection[UUID], since: datetime) -> list[News]:
    """What is under way of some users in their workspaces, and what has changed since a moment."""
    with unit_of_work(engine, is_read_only=True) as session:
        return [*_of_videos(session, user_ids, since), *_of_assets(session, user_ids, since)]


def _of_videos(session: Session, user_ids: Collection[UUID], since: datetime) -> Iterator[News]:
    changed_at = col(UserVideo.updated_at)
    status, percent, ends_at = UserVideo.render_status, UserVideo.render_progress, UserVideo.estimated_completion
    rows = session.execute(
        select(UserVideo.id, UserVideo.user_id, changed_at, status, percent, ends_at, RenderJob.error_message)  # type: ignore[call-overload] # typed for up to four columns
        .join(RenderJob, col(RenderJob.video_id) == col(UserVideo.id))
        .where(col(UserVideo.user_id).in_(user_ids), is_open_to(UserVideo.workspace_id, UserVideo.user_id))
        .where(or_(col(status).in_(_RENDERING), changed_at >= since - _SKEW))
        .order_by(changed_at, col(RenderJob.created_at))
    )
    newest = {row.id: row for row in rows}
    for row in newest.values():
        update = RenderUpdate(
            video_id=row.id,
            status=row.render_status,
            progress=row.render_progress,
            estimated_completion=row.estimated_completion,
            error=row.error_message,
            event_id=event_id_of(row.updated_at),
        )
        yield News(user_id=row.user_id, changed_at=row.updated_at, update=update)


def _of_assets(session: Session, user_ids: Collection[UUID], since: datetime) -> Iterator[News]:
    changed_at, status = col(VideoAsset.updated_at), VideoAsset.status
    rows = session.execute(
        select(VideoAsset.id, VideoAsset.user_id, changed_at, status, VideoAsset.progress, VideoAsset.reject_reason)  # type: ignore[call-overload] # as above
        .where(col(VideoAsset.user_id).in_(user_ids), is_open_to(VideoAsset.workspace_id, VideoAsset.user_id))
        .where(or_(col(status).in_(_PREPARING), changed_at >= since - _SKEW))
        .order_by(changed_at)
    )
    for row in rows:
        update = AssetUpdate(
            asset_id=row.id,
            status=row.status,
            progress=row.progress,
            error=row.reject_reason,
            event_id=event_id_of(row.updated_at),
        )
        yield News(user_id=row.user_id, changed_at=row.updated_at, update=update)


def event_id_of(moment: datetime) -> str:
    """The id of an event of that moment."""
    return str(round(moment.timestamp() * 1e6))


def parse_event_id(event_id: str) -> datetime:
    """The moment that an event id stands for.

    Raises:
        InvalidError: It is none of ours.
    """
    try:
        return datetime.fromtimestamp(int(event_id) / 1e6, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise InvalidError("This is no event id of ours: leave Last-Event-ID away.", "Last-Event-ID") from error
