"""Changes of a user's videos as they happen, for SSE and for tabs: Redis says when to look, the database what is so."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import Engine, or_
from sqlmodel import col, select

from webapp.db import unit_of_work
from webapp.errors import InvalidError
from webapp.models import RenderJob, RenderStatus, UserVideo, utc_now
from webapp.renders.ear import ProgressEar
from webapp.renders.views import RenderUpdate

POLL_S = 1.0
_ACTIVE = (RenderStatus.PENDING, RenderStatus.RENDERING)
# Writers stamp a row shortly before they commit it, and their clocks may differ: look back a little.
_SKEW = timedelta(seconds=5)


class RenderStream:
    """The one source of live updates.

    Args:
        redis_url: Empty means polling alone.
        poll_s: The longest time between two looks at the database, in seconds.
    """

    def __init__(self, engine: Engine, redis_url: str = "", *, poll_s: float = POLL_S) -> None:
        self._engine = engine
        self._redis_url = redis_url
        self._poll_s = poll_s

    async def updates(self, user_id: UUID, *, since: str | None = None) -> AsyncGenerator[RenderUpdate]:
        """A snapshot of each video that is under way, then every change, for ever.

        Every update is a snapshot: one that was missed or comes twice does no harm. With ``since``, the ``event_id``
        of the last update seen, what has ended meanwhile comes too. Close the iterator or cancel its task to end it.
        """
        cursor = _moment(since) if since else utc_now()
        sent: dict[UUID, RenderUpdate] = {}
        async with ProgressEar(self._redis_url) as ear:
            while True:
                began = utc_now()
                found = await asyncio.to_thread(self._look, user_id, cursor)
                for update in found:
                    if sent.get(update.video_id) != update:
                        yield update
                cursor, sent = began, {update.video_id: update for update in found}
                await ear.wait(sent.keys(), self._poll_s)

    def _look(self, user_id: UUID, cursor: datetime) -> list[RenderUpdate]:
        recent = col(UserVideo.updated_at) >= cursor - _SKEW
        with unit_of_work(self._engine, is_read_only=True) as session:
            rows = session.exec(
                select(UserVideo, RenderJob)
                .join(RenderJob, col(RenderJob.video_id) == col(UserVideo.id))
                .where(UserVideo.user_id == user_id, or_(col(UserVideo.render_status).in_(_ACTIVE), recent))
                .order_by(col(UserVideo.updated_at), col(RenderJob.created_at))
            ).all()
        newest = {video.id: _update(video, job) for video, job in rows}
        return list(newest.values())


def _update(video: UserVideo, job: RenderJob) -> RenderUpdate:
    return RenderUpdate(
        video_id=video.id,
        status=video.render_status,
        progress=video.render_progress,
        estimated_completion=video.estimated_completion,
        error=job.error_message,
        event_id=str(round(video.updated_at.timestamp() * 1e6)),
    )


def _moment(event_id: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(event_id) / 1e6, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise InvalidError("This is no event id of ours: leave Last-Event-ID away.", "Last-Event-ID") from error
