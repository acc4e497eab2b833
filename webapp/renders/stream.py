"""Changes of a user's videos as they happen, for SSE and for tabs.

The database says what is so; it is looked at when something begins or ends, and every second. In between, Redis tells
how far a running render is, sooner than the rows do.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import Engine, or_
from sqlmodel import col, select

from cluster.jobs import JobProgress, JobState
from webapp.db import unit_of_work
from webapp.errors import AppError, InvalidError
from webapp.models import RenderJob, RenderStatus, UserVideo, utc_now
from webapp.renders.ear import ProgressEar
from webapp.renders.views import RenderUpdate

POLL_S = 1.0
MOST_WATCHERS = 20
_ACTIVE = (RenderStatus.PENDING, RenderStatus.RENDERING)
# Writers stamp a row shortly before they commit it, and their clocks may differ: look back a little.
_SKEW = timedelta(seconds=5)


class TooManyWatchersError(AppError):
    """One user watches with more tabs or programs than one person has."""

    code = "too_many_streams"
    status = 429


class RenderStream:
    """The one source of live updates.

    Args:
        redis_url: Empty means polling alone.
        poll_s: The longest time between two looks at the database, in seconds.
        most_watchers: Streams of one user at a time; each costs a connection to Redis and a look a second.
    """

    def __init__(
        self, engine: Engine, redis_url: str = "", *, poll_s: float = POLL_S, most_watchers: int = MOST_WATCHERS
    ) -> None:
        self._engine = engine
        self._redis_url = redis_url
        self._poll_s = poll_s
        self._most_watchers = most_watchers
        self._watchers: Counter[UUID] = Counter()

    def require_room(self, user_id: UUID) -> None:
        """Refuse one stream too many, while it can still be refused with a status.

        Raises:
            TooManyWatchersError: The user already has as many open as allowed.
        """
        if self._watchers[user_id] >= self._most_watchers:
            raise TooManyWatchersError(
                f"{self._most_watchers} streams are open already: close a tab, or end one of your programs."
            )

    @contextmanager
    def _counted(self, user_id: UUID) -> Iterator[None]:
        self.require_room(user_id)
        self._watchers[user_id] += 1
        try:
            yield
        finally:
            self._watchers -= Counter({user_id: 1})  # users with none are forgotten

    async def updates(self, user_id: UUID, *, since: str | None = None) -> AsyncGenerator[RenderUpdate]:
        """A snapshot of each video that is under way, then every change, for ever.

        Every update is a snapshot: one that was missed or comes twice does no harm. With ``since``, the ``event_id``
        of the last update seen, what has ended meanwhile comes too. Close the iterator or cancel its task to end it.
        """
        cursor = parse_event_id(since) if since else utc_now()
        sent: dict[UUID, RenderUpdate] = {}
        async with AsyncExitStack() as open_things:
            open_things.enter_context(self._counted(user_id))
            ear = await open_things.enter_async_context(ProgressEar(self._redis_url))
            while True:
                began = utc_now()
                found = await asyncio.to_thread(self._look, user_id, cursor)
                for update in found:
                    if _is_news(update, sent.get(update.video_id)):
                        sent[update.video_id] = update
                        yield update
                cursor, sent = began, {update.video_id: sent[update.video_id] for update in found}
                async for update in self._hear(ear, sent):
                    sent[update.video_id] = update
                    yield update

    async def _hear(self, ear: ProgressEar, sent: dict[UUID, RenderUpdate]) -> AsyncGenerator[RenderUpdate]:
        """What is said of running renders, until it is time to look at the database again."""
        deadline = time.monotonic() + self._poll_s
        while (left := deadline - time.monotonic()) > 0:
            progress = await ear.hear(left)
            if progress is None:
                continue
            known = sent.get(UUID(progress.video_id))
            if known is not None and not known.status.is_terminal and progress.state is JobState.PROCESSING:
                update = _advanced(known, progress)
                if _is_news(update, known):
                    yield update
            elif ear.is_worth_a_look(progress, is_known=known is not None):
                return

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
        event_id=_event_id(video.updated_at),
    )


def _advanced(known: RenderUpdate, progress: JobProgress) -> RenderUpdate:
    now = utc_now()
    return known.model_copy(
        update={
            "status": RenderStatus.RENDERING,
            "progress": min(progress.percent, 99),
            "estimated_completion": None if progress.eta_s is None else now + timedelta(seconds=progress.eta_s),
            "event_id": _event_id(now),
        }
    )


def _is_news(update: RenderUpdate, sent: RenderUpdate | None) -> bool:
    """Whether to send it. Rows lag behind what was heard: that is no step back."""
    if sent is None:
        return True
    if update.status != sent.status:
        return update.status is not RenderStatus.PENDING
    return update.progress > sent.progress or update.error != sent.error


def _event_id(moment: datetime) -> str:
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
