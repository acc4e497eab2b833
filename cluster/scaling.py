"""How many CPUs to ask the autoscaler for: up at once, down slowly, nothing when there is nothing to do. Pure."""

from collections import deque
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What there is to do at one moment.

    Attributes:
        busy: CPUs that are at work.
        ready: Pieces of work that could begin now if there were CPUs for them; a job without a plan is one.
        backlog_s: Seconds that all known work, begun and waiting, would take one CPU.
    """

    busy: int
    ready: int
    backlog_s: float

    @property
    def is_idle(self) -> bool:
        """Whether nobody needs a CPU."""
        return not self.busy and not self.ready


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingPolicy:
    """When it is worth another CPU. Times in seconds.

    Attributes:
        most_cpus: Never ask for more; what a machine costs is bounded by it, and by the autoscaler's own limit.
        finish_in_s: Enough CPUs are those that would be done with all known work in this time. Shorter than a new
            machine takes to come would only buy CPUs that find nothing left.
        patience_s: CPUs are given back when none of them was wanted for so long.
    """

    most_cpus: int = 256
    finish_in_s: float = 30.0
    patience_s: float = 60.0

    def cpus_for(self, demand: Demand) -> int:
        """CPUs that the work of this moment is worth: no more than can be used at once, at least one for any work."""
        if demand.is_idle:
            return 0
        useful = demand.busy + demand.ready
        return max(1, min(useful, ceil(demand.backlog_s / self.finish_in_s), self.most_cpus))


class Scaler:
    """Turns demand into requests that do not flap: the most that was wanted within the patience is kept.

    A request holds until the next one, also when whoever made it has died; so the first decision is always told.
    """

    def __init__(self, policy: ScalingPolicy) -> None:
        self._policy = policy
        self._asked: int | None = None
        self._wanted: deque[tuple[float, int]] = deque()

    def decide(self, demand: Demand, now: float) -> int | None:
        """CPUs to ask for from now on; None when the last request still holds. Times in seconds on any clock."""
        asked = self._most_wanted(self._policy.cpus_for(demand), now)
        if asked == self._asked:
            return None
        self._asked = asked
        return asked

    def _most_wanted(self, wanted: int, now: float) -> int:
        """The maximum over the window, of which only what may still become it is kept. Nothing to do empties it."""
        if not wanted:
            self._wanted.clear()
            return 0
        while self._wanted and self._wanted[-1][1] <= wanted:
            self._wanted.pop()
        self._wanted.append((now, wanted))
        while self._wanted[0][0] <= now - self._policy.patience_s:
            self._wanted.popleft()
        return self._wanted[0][1]
