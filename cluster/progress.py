"""Progress as snapshots: where every piece of work is, and what that means for a job."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable

from cluster.work import CellSnapshot

_MOST_SNAPSHOTS = 10_000
_EXPECTED_TRUST_S = 4.0
"""What is expected counts as much as having seen so many seconds of it."""
_FASTEST_AND_SLOWEST = (0.3, 10.0)


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

    def snapshots(self, ended: Iterable[str] = ()) -> tuple[CellSnapshot, ...]:
        """All snapshots, the latest last, but for ``ended``: nobody works on these any more, and they are dropped."""
        for key in ended:
            self._snapshots.pop(key, None)
        return tuple(self._snapshots.values())


class ProgressMeter:
    """Percentage of one job, weighed by what its parts cost. Never falls, and 100 is left to the completion.

    Args:
        percent: Where to begin: what was shown before, or 1 since the plan is known.
    """

    def __init__(self, percent: int = 1) -> None:
        self.percent = percent

    def update(self, done_s: float, total_s: float) -> None:
        """Take in that so many CPU seconds of work exist, what came from the store included."""
        if total_s > 0:
            self.percent = min(99, max(self.percent, int(100 * done_s / total_s)))


def pace(took_s: float, expected_s: float) -> float:
    """How many times as long as expected the rest of a job will take, from what its parts took so far."""
    likely = (took_s + _EXPECTED_TRUST_S) / (expected_s + _EXPECTED_TRUST_S)
    return min(_FASTEST_AND_SLOWEST[1], max(_FASTEST_AND_SLOWEST[0], likely))


class Throttle:
    """Lets a changed value through for each key, but not sooner than ``every_s`` after the last one."""

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._last: dict[str, tuple[Hashable, float]] = {}

    def is_due(self, key: str, value: Hashable, now: float) -> bool:
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
