"""Progress as snapshots: where every piece of work is, and what that means for a job."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable

from cluster.work import CellSnapshot

_MOST_SNAPSHOTS = 10_000
_PLANNING = 0.01
"""Share of a job that is done once its plan is known."""
_ASSEMBLING = 0.02


class RenderProgress:
    """Latest snapshot of every piece of work in the cluster. Plain; the runtime makes an actor of it.

    Holds nothing that cannot be lost: workers report absolute numbers several times a second.
    """

    def __init__(self) -> None:
        self._snapshots: OrderedDict[str, CellSnapshot] = OrderedDict()

    def report(self, snapshot: CellSnapshot) -> None:
        """Take a worker's word; one of an earlier attempt, or an earlier one of the same, changes nothing."""
        known = self._snapshots.get(snapshot.key)
        if known is not None and (known.attempt, known.frames_done) > (snapshot.attempt, snapshot.frames_done):
            return
        self._snapshots[snapshot.key] = snapshot
        self._snapshots.move_to_end(snapshot.key)
        if len(self._snapshots) > _MOST_SNAPSHOTS:
            self._snapshots.popitem(last=False)

    def snapshots(self) -> tuple[CellSnapshot, ...]:
        """All snapshots, the latest last."""
        return tuple(self._snapshots.values())

    def forget(self, keys: Iterable[str]) -> None:
        """Drop what is no longer worked on."""
        for key in keys:
            self._snapshots.pop(key, None)


class ProgressMeter:
    """Percentage and expected end of one job. The percentage never falls, and 100 is left to the completion.

    Args:
        frames_total: Frames of all its cells.
        frames_cached: Frames that need no rendering.
        started_at: Seconds on any clock, as in ``update``.
        percent: Where to begin: what was shown before, or 1 since the plan is known.
    """

    def __init__(self, frames_total: int, frames_cached: int, started_at: float, percent: int = 1) -> None:
        self._total = max(1, frames_total)
        self._cached = frames_cached
        self._started_at = started_at
        self.percent = percent
        self.eta_s: float | None = None

    def update(self, frames_done: int, now: float) -> None:
        """Take in that ``frames_done`` frames exist, cached ones included."""
        share = _PLANNING + (1 - _PLANNING - _ASSEMBLING) * frames_done / self._total
        self.percent = min(99, max(self.percent, int(100 * share)))
        self.eta_s = self._expected(frames_done, now)

    def _expected(self, frames_done: int, now: float) -> float | None:
        """From the mean speed so far; None before a twentieth of the work is done."""
        rendered, needed = frames_done - self._cached, self._total - self._cached
        if rendered * 20 < needed or rendered <= 0:
            return None
        return (now - self._started_at) / rendered * (needed - rendered)


class Throttle:
    """Lets a changed value through for each key, but not sooner than ``every_s`` after the last one."""

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._last: dict[str, tuple[int, float]] = {}

    def is_due(self, key: str, value: int, now: float) -> bool:
        """Whether to pass ``value`` on now; if so, it is remembered as passed on."""
        last = self._last.get(key)
        if last is not None and (last[0] == value or now < last[1] + self._every_s):
            return False
        self._last[key] = (value, now)
        return True

    def forget(self, key: str) -> None:
        """Nothing more will come for this key."""
        self._last.pop(key, None)


class Reporter:
    """Passes a worker's snapshots on several times a second; the first and the last of each cell always."""

    def __init__(self, send: Callable[[CellSnapshot], None], every_s: float = 0.2) -> None:
        self._send = send
        self._every_s = every_s
        self._key = ""
        self._next_at = 0.0

    def __call__(self, snapshot: CellSnapshot) -> None:
        """Take a snapshot, pass it on if it is time."""
        now = time.monotonic()
        is_edge = snapshot.key != self._key or snapshot.frames_done == snapshot.frames_total
        if is_edge or now >= self._next_at:
            self._key, self._next_at = snapshot.key, now + self._every_s
            self._send(snapshot)
