"""Finished stills, kept for a while: in this process, and in Redis where other web processes are asked for them."""

from collections import OrderedDict
from threading import Lock

from redis import Redis, RedisError

from webapp.previews.still import Still

_KEPT_IN_REDIS_S = 300


class StillCache:
    """Least recently used first out. Stills are filed under their owner, so that nobody else's digest opens them.

    Args:
        capacity: Stills kept in this process (about 60 kB each).
        redis: Shares them with other web processes; what Redis loses is painted again.
    """

    def __init__(self, capacity: int = 256, redis: "Redis | None" = None) -> None:
        self._capacity = capacity
        self._redis = redis
        self._kept: OrderedDict[tuple[str, str], Still] = OrderedDict()
        self._lock = Lock()

    def put(self, owner: str, digest: str, still: Still) -> None:
        """Keep a still."""
        with self._lock:
            self._kept[owner, digest] = still
            self._kept.move_to_end((owner, digest))
            while len(self._kept) > self._capacity:
                self._kept.popitem(last=False)
        self._share(owner, digest, still)

    def find(self, owner: str, digest: str) -> Still | None:
        """The owner's still, if this process has it."""
        with self._lock:
            still = self._kept.get((owner, digest))
            if still is not None:
                self._kept.move_to_end((owner, digest))
            return still

    def jpeg(self, owner: str, digest: str) -> bytes | None:
        """The owner's picture from wherever it is, or None when it was let go."""
        still = self.find(owner, digest)
        if still is not None or self._redis is None:
            return None if still is None else still.jpeg
        try:
            jpeg = self._redis.get(_name(owner, digest))
        except RedisError:
            return None
        return jpeg if isinstance(jpeg, bytes) else None

    def _share(self, owner: str, digest: str, still: Still) -> None:
        if self._redis is None:
            return
        try:
            self._redis.set(_name(owner, digest), still.jpeg, ex=_KEPT_IN_REDIS_S)
        except RedisError:
            return  # the process that painted it still has it


def _name(owner: str, digest: str) -> str:
    return f"reelgrove:still:{owner}:{digest}"
