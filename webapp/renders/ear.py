"""Hearing of progress through Redis, or of time passing without it."""

import asyncio
import time
from types import TracebackType
from typing import Self

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from cluster.jobs import JobProgress, JobState
from webapp.renders.signals import PROGRESS_CHANNEL, parse_progress

_RETRY_S = 5.0
_MOST_STRANGERS = 10_000
_log = structlog.get_logger()


class ProgressEar:
    """Listens on behalf of one watcher. Without Redis, or while it is away, it only lets time pass."""

    def __init__(self, redis_url: str) -> None:
        self._redis = Redis.from_url(redis_url, socket_connect_timeout=1) if redis_url else None
        self._pubsub: PubSub | None = None
        self._strangers: set[str] = set()
        self._deaf_until = 0.0

    async def __aenter__(self) -> Self:
        await self._listen()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()
        if self._redis is not None:
            await self._redis.aclose()

    async def hear(self, timeout_s: float) -> JobProgress | None:
        """The next thing said about any render, or None after at most ``timeout_s``."""
        if self._pubsub is None and time.monotonic() >= self._deaf_until:
            await self._listen()
        if self._pubsub is None:
            await asyncio.sleep(timeout_s)
            return None
        try:
            message = await self._pubsub.get_message(timeout=timeout_s)
        except (RedisError, OSError) as error:
            await self._go_deaf(error)
            return None
        return parse_progress(message["data"]) if message else None

    def is_worth_a_look(self, progress: JobProgress, *, is_known: bool) -> bool:
        """Whether the database may have news: of a known video's end, or of one never heard of, which may be new.

        Strangers' videos are looked up once.
        """
        if is_known or progress.state is JobState.QUEUED:
            return True
        is_new = progress.video_id not in self._strangers
        if len(self._strangers) >= _MOST_STRANGERS:
            self._strangers.clear()
        self._strangers.add(progress.video_id)
        return is_new

    async def _listen(self) -> None:
        if self._redis is None:
            return
        self._pubsub = self._redis.pubsub(ignore_subscribe_messages=True)
        try:
            await self._pubsub.subscribe(PROGRESS_CHANNEL)
        except (RedisError, OSError) as error:
            await self._go_deaf(error)

    async def _go_deaf(self, error: Exception) -> None:
        _log.warning("redis.listen_failed", error=str(error))
        self._deaf_until = time.monotonic() + _RETRY_S
        await self._stop()

    async def _stop(self) -> None:
        if self._pubsub is not None:
            await self._pubsub.aclose()  # type: ignore[no-untyped-call] # redis leaves it untyped
            self._pubsub = None
