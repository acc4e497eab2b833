"""The bell: Redis tells sooner what the database says anyway. Everything here may fail without losing anything."""

import threading
import time
from collections.abc import Callable, Mapping

import structlog
from pydantic import TypeAdapter
from redis import Redis
from redis.client import PubSub
from redis.exceptions import RedisError

from cluster.jobs import JobProgress
from webapp.bell import MESSAGES_CHANNEL

WAKE_CHANNEL = "reelgrove:wake"
PROGRESS_CHANNEL = "reelgrove:progress"
POLL_S = 0.25
_SILENCE_S = 2.0
_LISTEN_S = 0.5
_PROGRESS = TypeAdapter(JobProgress)
_log = structlog.get_logger()


class SilentBell:
    """The bell of an installation without Redis: everyone polls."""

    def publish(self, progress: JobProgress) -> None:
        """Nobody listens."""

    def ring_sender(self) -> None:
        """Nobody listens."""


class RedisBell:
    """Rings through Redis; after a failure it keeps silent for two seconds, so that callers never wait for it."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._silent_until = 0.0

    def publish(self, progress: JobProgress) -> None:
        """Wake the dispatcher, and tell the streams; of an end the senders of webhooks as well."""
        messages = {WAKE_CHANNEL: b"1", PROGRESS_CHANNEL: _PROGRESS.dump_json(progress)}
        self._send(messages | ({MESSAGES_CHANNEL: b"1"} if progress.state.is_terminal else {}))

    def ring_sender(self) -> None:
        """Wake the senders of webhooks."""
        self._send({MESSAGES_CHANNEL: b"1"})

    def _send(self, messages: Mapping[str, bytes]) -> None:
        if time.monotonic() < self._silent_until:
            return
        try:
            with self._redis.pipeline(transaction=False) as pipeline:
                for channel, message in messages.items():
                    pipeline.publish(channel, message)
                pipeline.execute()
        except RedisError as error:
            self._silent_until = time.monotonic() + _SILENCE_S
            _log.warning("redis.publish_failed", channels=[*messages], error=str(error))


class PollingWakeUp:
    """The dispatcher's ear without Redis: look again soon."""

    hears = False

    def wait(self, timeout_s: float) -> bool:
        """Wait, but never longer than the polling interval."""
        time.sleep(min(timeout_s, POLL_S))
        return False


class RedisWakeUp:
    """The dispatcher's ear. A thread listens, so that asking costs nothing and a Redis that hangs holds nobody up.

    Beginning to hear counts as a ring: one may have been missed before.

    Args:
        redis: The connections to it.
        on_ring: Called by the thread that listens.

    Attributes:
        hears: Whether rings arrive.
    """

    def __init__(self, redis: Redis, on_ring: Callable[[], None] = lambda: None) -> None:
        self._redis = redis
        self._on_ring = on_ring
        self._rung = threading.Event()
        self.hears = False
        self._is_closed = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="wake-up", daemon=True)
        self._thread.start()

    def wait(self, timeout_s: float) -> bool:
        """Return True when rung, False after ``timeout_s``; without Redis it polls."""
        is_rung = self._rung.wait(timeout_s if self.hears else min(timeout_s, POLL_S))
        if is_rung:  # else a ring that comes just now would be lost
            self._rung.clear()
        return is_rung

    def close(self) -> None:
        """Stop listening."""
        self._is_closed.set()
        self._thread.join(2 * _LISTEN_S)

    def _listen(self) -> None:
        while not self._is_closed.is_set():
            try:
                with PubSub(self._redis.connection_pool) as ear:
                    self._hear(ear)
            except (RedisError, OSError) as error:
                _log.warning("redis.wait_failed", error=str(error))
                self.hears = False
                self._is_closed.wait(_SILENCE_S)

    def _hear(self, ear: PubSub) -> None:
        ear.subscribe(WAKE_CHANNEL)  # type: ignore[no-untyped-call] # redis leaves it untyped
        while not self._is_closed.is_set():
            if ear.get_message(timeout=_LISTEN_S) is not None:
                self.hears = True
                self._rung.set()
                self._on_ring()


def parse_progress(message: bytes) -> JobProgress:
    """The progress that a message carries."""
    return _PROGRESS.validate_json(message)
