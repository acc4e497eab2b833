"""The bell: Redis tells sooner what the database says anyway. Everything here may fail without losing anything."""

import time
from typing import Protocol

import structlog
from pydantic import TypeAdapter
from redis import Redis
from redis.client import PubSub
from redis.exceptions import RedisError

from cluster.jobs import JobProgress

WAKE_CHANNEL = "reelgrove:wake"
PROGRESS_CHANNEL = "reelgrove:progress"
POLL_S = 0.25
_SILENCE_S = 2.0
_PROGRESS = TypeAdapter(JobProgress)
_log = structlog.get_logger()


class Bell(Protocol):
    """What rings after a commit, and what the dispatcher tells of its work."""

    def ring(self) -> None:
        """There may be new work for the dispatcher."""

    def publish(self, progress: JobProgress) -> None:
        """A job has moved on."""


class SilentBell:
    """The bell of an installation without Redis: everyone polls."""

    def ring(self) -> None:
        """Nobody listens."""

    def publish(self, progress: JobProgress) -> None:
        """Nobody listens."""


class RedisBell:
    """Rings through Redis; after a failure it keeps silent for two seconds, so that callers never wait for it."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._silent_until = 0.0

    def ring(self) -> None:
        """Wake the dispatcher."""
        self._send(WAKE_CHANNEL, b"1")

    def publish(self, progress: JobProgress) -> None:
        """Tell the streams of a job's progress."""
        self._send(PROGRESS_CHANNEL, _PROGRESS.dump_json(progress))

    def _send(self, channel: str, message: bytes) -> None:
        if time.monotonic() < self._silent_until:
            return
        try:
            self._redis.publish(channel, message)
        except RedisError as error:
            self._silent_until = time.monotonic() + _SILENCE_S
            _log.warning("redis.publish_failed", channel=channel, error=str(error))


class PollingWakeUp:
    """The dispatcher's ear without Redis: look again soon."""

    def wait(self, timeout_s: float) -> None:
        """Wait, but never longer than the polling interval."""
        time.sleep(min(timeout_s, POLL_S))


class RedisWakeUp:
    """The dispatcher's ear: returns when the bell rang, also when it rang while nobody was waiting."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._ear: PubSub | None = None

    def wait(self, timeout_s: float) -> None:
        """Return when rung or after ``timeout_s``; without Redis it polls."""
        try:
            ear = self._listening()
            if ear.get_message(timeout=timeout_s) is not None:
                self._forget_older_rings(ear)
        except RedisError as error:
            _log.warning("redis.wait_failed", error=str(error))
            self.close()
            time.sleep(min(timeout_s, POLL_S))

    def _listening(self) -> PubSub:
        if self._ear is None:
            self._ear = PubSub(self._redis.connection_pool, ignore_subscribe_messages=True)
            self._ear.subscribe(WAKE_CHANNEL)  # type: ignore[no-untyped-call] # redis leaves it untyped
        return self._ear

    def _forget_older_rings(self, ear: PubSub) -> None:
        while ear.get_message(timeout=0) is not None:
            pass

    def close(self) -> None:
        """Stop listening."""
        if self._ear is not None:
            self._ear.close()
            self._ear = None


def parse_progress(message: bytes) -> JobProgress:
    """The progress that a message carries."""
    return _PROGRESS.validate_json(message)
