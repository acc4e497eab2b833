"""How much one caller may ask for: the generic cell rate algorithm, shared through Redis or kept in this process.

A key holds one moment: when its caller would have used up nothing, had they asked at an even pace (the theoretical
arrival time of ITU-T I.371). All of the quota may be spent at once; it comes back evenly over the window.
"""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, cast

import structlog
from redis import Redis
from redis.exceptions import RedisError

from webapp.errors import AppError

_KEY = "reelgrove:rate:"
_MOST_KEYS = 100_000
_REDIS_REST_S = 5.0
_log = structlog.get_logger()

# Redis' own clock, so that processes on several machines agree. KEYS: the caller's. ARGV: window and quota.
_TAKE = """
local told = redis.call('TIME')
local now = told[1] + told[2] / 1000000
local window, quota = tonumber(ARGV[1]), tonumber(ARGV[2])
local full_at = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
local next_at = full_at + window / quota
if next_at - window > now then
  return {0, string.format('%.6f', full_at - now)}
end
redis.call('SET', KEYS[1], string.format('%.6f', next_at), 'PX', math.ceil((next_at - now) * 1000))
return {1, string.format('%.6f', next_at - now)}
"""


class RateLimitedError(AppError):
    """More than one caller may ask for."""

    code = "rate_limited"
    status = 429


def outermost_hop(forwarded: str, trusted_proxies: int) -> str:
    """The address that the outermost of our own proxies has seen, by ``X-Forwarded-For``; empty where it tells none."""
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    return hops[-trusted_proxies] if 0 < trusted_proxies <= len(hops) else ""


@dataclass(frozen=True, slots=True)
class Quota:
    """So many requests in a window, in seconds."""

    name: str
    requests: int
    window_s: int = 60


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of asking for one more.

    Attributes:
        debt_s: Seconds until the whole quota is there again.
    """

    quota: Quota
    is_allowed: bool
    debt_s: float

    @property
    def left(self) -> int:
        """Requests that are possible at once."""
        return max(0, math.floor((self.quota.window_s - self.debt_s) * self.quota.requests / self.quota.window_s))

    @property
    def wait_s(self) -> float:
        """Seconds until the next one is possible."""
        step_s = self.quota.window_s / self.quota.requests
        return max(0.0, self.debt_s + step_s - self.quota.window_s)


class Rates(Protocol):
    """Where it is kept who has asked for how much."""

    def take(self, caller: str, quota: Quota) -> Taken:
        """Take one from the caller's quota, if there is one."""


class MemoryRates:
    """Of this process alone.

    Args:
        clock: Seconds that never go back.
        most_keys: Callers that are remembered at a time.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, *, most_keys: int = _MOST_KEYS) -> None:
        self._clock = clock
        self._most_keys = most_keys
        self._full_at: dict[tuple[str, str], float] = {}
        self._lock = threading.Lock()

    def take(self, caller: str, quota: Quota) -> Taken:
        """Take one from the caller's quota, if there is one."""
        key = (quota.name, caller)
        with self._lock:
            now = self._clock()
            full_at = max(self._full_at.get(key, now), now)
            next_at = full_at + quota.window_s / quota.requests
            if next_at - quota.window_s > now:
                return Taken(quota, is_allowed=False, debt_s=full_at - now)
            self._make_room(now)
            self._full_at[key] = next_at
            return Taken(quota, is_allowed=True, debt_s=next_at - now)

    def _make_room(self, now: float) -> None:
        if len(self._full_at) >= self._most_keys:
            self._full_at = {key: full_at for key, full_at in self._full_at.items() if full_at > now}
        if len(self._full_at) >= self._most_keys:  # a storm: nobody is bounded for a moment, nothing grows
            self._full_at.clear()


class RedisRates:
    """Shared by all processes. While Redis is away each process counts for itself: nobody is refused for that."""

    def __init__(self, redis: Redis, clock: Callable[[], float] = time.monotonic) -> None:
        self._take = redis.register_script(_TAKE)
        self._clock = clock
        self._alone = MemoryRates(clock)
        self._ask_again_at = float("-inf")

    def take(self, caller: str, quota: Quota) -> Taken:
        """Take one from the caller's quota, if there is one."""
        if self._clock() < self._ask_again_at:
            return self._alone.take(caller, quota)
        try:
            told = self._take(keys=[f"{_KEY}{quota.name}:{caller}"], args=[quota.window_s, quota.requests])
        except RedisError as error:
            _log.warning("rates.redis_failed", error=str(error))
            self._ask_again_at = self._clock() + _REDIS_REST_S
            return self._alone.take(caller, quota)
        is_allowed, debt_s = cast("tuple[int, bytes]", told)
        return Taken(quota, is_allowed=bool(is_allowed), debt_s=float(debt_s))


def rates_of(redis: Redis | None) -> Rates:
    """Shared through Redis where there is one."""
    return RedisRates(redis) if redis is not None else MemoryRates()
