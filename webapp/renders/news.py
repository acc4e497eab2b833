"""What the rows say of videos and uploads that are under way or have just changed: one look for all who watch."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, FromClause, or_
from sqlmodel import Session, col, select

from webapp.db import unit_of_work
from webapp.errors import InvalidError
from webapp.models import (
    AssetStatus,
    RenderJob,
    RenderStatus,
    UserVideo,
    VideoAsset,
    VideoNote,
)
from webapp.renders.updates import AssetUpdate, RenderUpdate, Update, VideoUpdate
from webapp.workspaces.policy import memberships_of

_RENDERING = (RenderStatus.PENDING, RenderStatus.RENDERING)
_PREPARING = (AssetStatus.UPLOADING, AssetStatus.PROCESSING)
# Writers stamp a row shortly before they commit it, and their clocks may differ: look back a little.
_SKEW = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """How a video or upload is now, for one who may see it.

    Attributes:
        user_id: Who may.
        maker_id: Whose it is.
    """

    user_id: UUID
    maker_id: UUID
    workspace_id: UUID
    changed_at: datetime
    update: Update

    def concerns(self, since: datetime) -> bool:
        """Whether it is under way, or has ended since a moment."""
        return not self.update.is_over or self.changed_at >= since - _SKEW


def read_news(engine: Engine, user_ids: Collection[UUID], since: datetime) -> list[News]:
    """What is under way in the workspaces of some users, and what has changed there since a moment."""
    with unit_of_work(engine, is_read_only=True) as session:
        members = memberships_of(user_ids)
        return [news for read in (_of_videos, _of_assets, _of_notes) for news in read(session, members, since)]


def _of_videos(session: Session, members: FromClause, since: datetime) -> Iterator[News]:
    changed_at, place = col(UserVideo.updated_at), col(UserVideo.workspace_id)
    status, percent, ends_at = UserVideo.render_status, UserVideo.render_progress, UserVideo.estimated_completion
    maker: Any = col(UserVideo.user_id).label("maker_id")
    rows = session.execute(
        select(
            UserVideo.id,
            members.c.user_id,
            maker,
            place,
            changed_at,
            status,
            percent,
            ends_at,
            RenderJob.error_message,
        )  # type: ignore[call-overload] # typed for up to four columns
        .join(RenderJob, col(RenderJob.video_id) == col(UserVideo.id))
        .join(members, members.c.workspace_id == place)
        .where(or_(col(status).in_(_RENDERING), changed_at >= since - _SKEW))
        .order_by(changed_at, col(RenderJob.created_at))
    )
    newest = {(row.id, row.user_id): row for row in rows}
    for row in newest.values():
        update = RenderUpdate(
            video_id=row.id,
            status=row.render_status,
            progress=row.render_progress,
            estimated_completion=row.estimated_completion,
            error=row.error_message,
            event_id=event_id_of(row.updated_at),
        )
        yield _news(row, row.updated_at, update)


def _of_assets(session: Session, members: FromClause, since: datetime) -> Iterator[News]:
    changed_at, status, place = col(VideoAsset.updated_at), VideoAsset.status, col(VideoAsset.workspace_id)
    maker: Any = col(VideoAsset.user_id).label("maker_id")
    percent = VideoAsset.progress
    rows = session.execute(
        select(VideoAsset.id, members.c.user_id, maker, place, changed_at, status, percent, VideoAsset.reject_reason)  # type: ignore[call-overload] # as above
        .join(members, members.c.workspace_id == place)
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
        yield _news(row, row.updated_at, update)


def _of_notes(session: Session, members: FromClause, since: datetime) -> Iterator[News]:
    place = col(VideoNote.workspace_id)
    rows = session.execute(
        select(VideoNote, members.c.user_id)
        .join(members, members.c.workspace_id == place)
        .where(col(VideoNote.created_at) >= since - _SKEW)
        .order_by(col(VideoNote.created_at))
    )
    for note, user_id in rows:
        update = VideoUpdate(
            note_id=note.id,
            video_id=note.video_id,
            kind=note.kind,
            video_title=note.video_title,
            video_description=note.video_description,
            event_id=event_id_of(note.created_at),
        )
        whose = {"user_id": user_id, "maker_id": note.user_id, "workspace_id": note.workspace_id}
        yield News(**whose, changed_at=note.created_at, update=update)


def _news(row: Any, changed_at: datetime, update: Update) -> News:  # noqa: ANN401 - a row of these columns
    whose = {"user_id": row.user_id, "maker_id": row.maker_id, "workspace_id": row.workspace_id}
    return News(**whose, changed_at=changed_at, update=update)


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
