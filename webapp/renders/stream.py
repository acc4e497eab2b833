"""Changes of videos and uploads as they happen, for SSE and for tabs: one's own, or a whole workspace's.

The database says what is so; it is looked at when something begins or ends, and every second, once for all who watch
in this process. In between, Redis tells how far a running job is, sooner than the rows do.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from itertools import chain
from uuid import UUID

import structlog
from sqlalchemy import Engine

from cluster.jobs import JobProgress
from webapp.ear import heard
from webapp.errors import AppError
from webapp.metrics import WATCHERS
from webapp.models import utc_now
from webapp.renders.hearsay import subject_of, update_of
from webapp.renders.news import parse_event_id, read_news
from webapp.renders.signals import PROGRESS_CHANNEL, parse_progress
from webapp.renders.updates import Update
from webapp.renders.watcher import Watcher

POLL_S = 1.0
MOST_WATCHERS = 20
_BETWEEN_LOOKS_S = 0.05
_WELCOME_S = 1.0
_MOST_STRANGERS = 10_000
_log = structlog.get_logger()


class TooManyWatchersError(AppError):
    """One user watches with more tabs or programs than one person has."""

    code = "too_many_streams"
    status = 429


class RenderStream:
    """The one source of live updates in a process. Lives in one event loop at a time.

    Args:
        redis_url: Empty means polling alone.
        poll_s: The longest time between two looks at the database, in seconds.
        most_watchers: Streams of one user at a time.
    """

    def __init__(
        self, engine: Engine, redis_url: str = "", *, poll_s: float = POLL_S, most_watchers: int = MOST_WATCHERS
    ) -> None:
        self._engine = engine
        self._redis_url = redis_url
        self._poll_s = poll_s
        self._most_watchers = most_watchers
        self._watchers: dict[UUID, set[Watcher]] = {}
        self._audience: dict[UUID, set[UUID]] = {}
        self._strangers: set[UUID] = set()
        self._is_worth_a_look = asyncio.Event()
        self._work: asyncio.Task[None] | None = None

    def require_room(self, user_id: UUID) -> None:
        """Refuse one stream too many, while it can still be refused with a status.

        Raises:
            TooManyWatchersError: The user already has as many open as allowed.
        """
        if len(self._watchers.get(user_id, ())) >= self._most_watchers:
            raise TooManyWatchersError(
                f"{self._most_watchers} streams are open already: close a tab, or end one of your programs."
            )

    async def updates(
        self,
        user_id: UUID,
        *,
        workspace_id: UUID | None = None,
        since: str | None = None,
        is_welcome: Callable[[], bool] = lambda: True,
    ) -> AsyncGenerator[Update]:
        """A snapshot of each video and upload that is under way, then every change, one by one: see ``batches``."""
        found = self.batches(user_id, workspace_id=workspace_id, since=since, is_welcome=is_welcome)
        async with aclosing(found) as batches:
            async for batch in batches:
                for update in batch:
                    yield update

    async def batches(
        self,
        user_id: UUID,
        *,
        workspace_id: UUID | None = None,
        since: str | None = None,
        is_welcome: Callable[[], bool] = lambda: True,
        tick_s: float | None = None,
    ) -> AsyncGenerator[list[Update]]:
        """What is under way, then what has changed since the last batch was taken, the newest of each.

        Every update is a snapshot: one that was missed or comes twice does no harm. Close the iterator or cancel its
        task to end it.

        Args:
            user_id: Who watches.
            workspace_id: All that happens there, as long as they are a member; None means their own everywhere.
            since: The ``event_id`` of the last update seen: what has ended meanwhile comes too.
            is_welcome: Asked now and then, in a thread; the stream ends with its first no.
            tick_s: An empty batch comes after so long without news, in seconds.

        Raises:
            TooManyWatchersError: The user already has as many open as allowed.
        """
        asked_at = float("-inf")
        watcher = Watcher(parse_event_id(since) if since else utc_now(), workspace_id)
        async with self._watching(user_id, watcher):
            while True:
                batch = await watcher.take(tick_s)
                if time.monotonic() >= asked_at + _WELCOME_S:
                    if not await _is_still(is_welcome):
                        return
                    asked_at = time.monotonic()
                yield batch

    @asynccontextmanager
    async def _watching(self, user_id: UUID, watcher: Watcher) -> AsyncIterator[None]:
        self.require_room(user_id)
        self._watchers.setdefault(user_id, set()).add(watcher)
        self._is_worth_a_look.set()
        self._work = self._work or asyncio.create_task(self._look_and_hear())
        try:
            with WATCHERS.track_inprogress():
                yield
        finally:
            self._watchers[user_id].remove(watcher)
            if not self._watchers[user_id]:
                del self._watchers[user_id]
            if not self._watchers:
                await self._stop()

    async def _stop(self) -> None:
        """Nobody watches any more: nothing is looked at, no connection is held."""
        work, self._work = self._work, None
        self._is_worth_a_look = asyncio.Event()
        if work is not None:
            work.cancel()
            await asyncio.wait([work])

    async def _look_and_hear(self) -> None:
        async with aclosing(heard(self._redis_url, PROGRESS_CHANNEL)) as messages, asyncio.TaskGroup() as group:
            await anext(messages)  # what is said after the first look is not missed
            group.create_task(self._look_for_ever())
            group.create_task(self._hear_for_ever(messages))

    async def _look_for_ever(self) -> None:
        while True:
            self._is_worth_a_look.clear()
            try:
                await self._look()
            except Exception as error:  # noqa: BLE001 - a database that is away comes back: those who watch stay
                _log.warning("stream.look_failed", error=str(error))
            await asyncio.sleep(_BETWEEN_LOOKS_S)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._poll_s):
                    await self._is_worth_a_look.wait()

    async def _look(self) -> None:
        asked = {user_id: tuple(watchers) for user_id, watchers in self._watchers.items()}
        since = min((watcher.cursor for watchers in asked.values() for watcher in watchers), default=utc_now())
        began = utc_now()
        found = await asyncio.to_thread(read_news, self._engine, asked.keys(), since)
        self._audience = {}
        for news in found:
            self._audience.setdefault(news.update.subject, set()).add(news.user_id)
        for user_id, watchers in asked.items():
            theirs = [news for news in found if news.user_id == user_id]
            for watcher in watchers:
                watcher.see(theirs, began)

    async def _hear_for_ever(self, messages: AsyncIterator[bytes | None]) -> None:
        async for message in messages:
            try:
                self._take(message)
            except ValueError as error:  # from a dispatcher of another version, in the middle of a roll-out
                _log.warning("stream.message_unread", error=str(error))

    def _take(self, message: bytes | None) -> None:
        if message is None:
            self._is_worth_a_look.set()
        else:
            progress = parse_progress(message)
            self._hear(subject_of(progress), progress)

    def _hear(self, subject: UUID, progress: JobProgress) -> None:
        """Pass on what is said to those who may see it; what may be new is looked up, strangers' jobs only once."""
        audience, update = self._audience.get(subject), update_of(progress)
        if audience is None:
            self._meet(subject)
        elif update is None:
            self._is_worth_a_look.set()
        else:
            for watcher in chain.from_iterable(self._watchers.get(user_id, ()) for user_id in audience):
                watcher.hear(update)
                if update.is_waiting and watcher.has_seen_the_end_of(subject):  # it is tried again: the rows say so
                    self._is_worth_a_look.set()

    def _meet(self, subject: UUID) -> None:
        if subject in self._strangers:
            return
        if len(self._strangers) >= _MOST_STRANGERS:
            self._strangers.clear()
        self._strangers.add(subject)
        self._is_worth_a_look.set()


async def _is_still(is_welcome: Callable[[], bool]) -> bool:
    try:
        return await asyncio.to_thread(is_welcome)
    except Exception as error:  # noqa: BLE001 - nobody is sent away because the database is
        _log.warning("stream.welcome_unknown", error=str(error))
        return True
