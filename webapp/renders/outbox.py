"""What the dispatcher says through Redis: left in an outbox, and carried from there by a thread of its own."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace

import structlog
from pydantic import TypeAdapter, ValidationError
from redis import Redis
from redis.client import Pipeline
from redis.exceptions import RedisError

from cluster.health import ClusterHealth
from cluster.jobs import JobProgress
from webapp.bell import MESSAGES_CHANNEL
from webapp.renders.signals import PROGRESS_CHANNEL

HEALTH_KEY = "reelgrove:health"
HEALTH_TTL_S = 15
_MOST_LETTERS = 2000
_SILENCE_S = 2.0
_LAST_WORDS_S = 2.0
_PROGRESS = TypeAdapter(JobProgress)
_HEALTH = TypeAdapter(ClusterHealth)
_log = structlog.get_logger()

_Letter = Callable[[Pipeline], object]


class Outbox:
    """Carries commands to Redis. Leaving one costs nothing; while Redis is away the oldest get lost."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._letters: deque[_Letter] = deque(maxlen=_MOST_LETTERS)
        self._has_letters = threading.Event()
        self._is_closed = threading.Event()
        self._thread = threading.Thread(target=self._carry, name="outbox", daemon=True)
        self._thread.start()

    def leave(self, letter: _Letter) -> None:
        """Send a command soon, by calling ``letter`` with a pipeline."""
        self._letters.append(letter)
        self._has_letters.set()

    def close(self) -> None:
        """Send what is left, as far as that takes no longer than a moment."""
        self._is_closed.set()
        self._has_letters.set()
        self._thread.join(_LAST_WORDS_S)

    def _carry(self) -> None:
        while not self._is_closed.is_set():
            self._has_letters.wait()
            self._has_letters.clear()
            if not self._has_sent():
                self._is_closed.wait(_SILENCE_S)
        self._has_sent()

    def _has_sent(self) -> bool:
        with self._redis.pipeline(transaction=False) as pipeline:
            while self._letters:
                self._letters.popleft()(pipeline)
            try:
                pipeline.execute()
            except RedisError as error:
                _log.warning("redis.send_failed", error=str(error))
                return False
        return True


class RedisProgress:
    """A ``ProgressSink``: those who watch hear of it at once."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def publish(self, progress: JobProgress) -> None:
        """Tell the streams of a job's progress, and of its end the senders of webhooks."""
        message = _PROGRESS.dump_json(progress)
        self._outbox.leave(lambda pipeline: pipeline.publish(PROGRESS_CHANNEL, message))
        if progress.state.is_terminal:
            self._outbox.leave(lambda pipeline: pipeline.publish(MESSAGES_CHANNEL, b"1"))


class RedisHealth:
    """A ``HealthSink``: the present picture under one key, which goes by itself soon after its dispatcher.

    Args:
        dashboard: Address of Ray's dashboard, to be shown along with it.
    """

    def __init__(self, outbox: Outbox, dashboard: str = "") -> None:
        self._outbox = outbox
        self._dashboard = dashboard
        self._has_told = False

    def publish(self, health: ClusterHealth) -> None:
        """Show this one; a dispatcher without the lease shows nothing."""
        if health.epoch:
            text = _HEALTH.dump_json(replace(health, dashboard=self._dashboard))
            self._outbox.leave(lambda pipeline: pipeline.set(HEALTH_KEY, text, ex=HEALTH_TTL_S))
            self._has_told = True

    def withdraw(self) -> None:
        """This dispatcher ends: what it has shown goes with it."""
        if self._has_told:
            self._outbox.leave(lambda pipeline: pipeline.delete(HEALTH_KEY))


def read_health(redis: Redis) -> ClusterHealth | None:
    """What the dispatcher shows; None when there is nothing, or nothing that this version can read.

    Raises:
        RedisError: Redis does not answer.
    """
    text = redis.get(HEALTH_KEY)
    try:
        return None if text is None else _HEALTH.validate_json(text)  # type: ignore[arg-type] # redis may be async
    except ValidationError:
        return None
