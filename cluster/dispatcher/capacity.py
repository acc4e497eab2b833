"""CPUs: how many there are, how many to ask for, and since when there are none."""

from cluster.ports import Runtime
from cluster.scaling import Demand, Scaler, ScalingPolicy

_ASK_EVERY_S = 2.0


class Capacity:
    """Keeps an eye on the machines of a runtime. Times are seconds on the dispatcher's clock."""

    def __init__(self, runtime: Runtime, policy: ScalingPolicy, now: float) -> None:
        self._runtime = runtime
        self._scaler = Scaler(policy)
        self._had_cpus_at = now
        self._ask_at = float("-inf")
        self.cpus = 0
        self.asked = 0

    def look(self, now: float, *, has_work: bool) -> None:
        """Count the CPUs. Without work nobody misses them."""
        self.cpus = self._runtime.capacity()
        if self.cpus or not has_work:
            self._had_cpus_at = now

    def without_s(self, now: float) -> float:
        """For how long there has been work and no CPU."""
        return now - self._had_cpus_at

    def is_ask_due(self, now: float) -> bool:
        """Whether it is time to look at the demand again."""
        return now >= self._ask_at

    def ask(self, demand: Demand, now: float) -> None:
        """Tell the autoscaler what the demand is worth, when that has changed."""
        self._ask_at = now + _ASK_EVERY_S
        cpus = self._scaler.decide(demand, now)
        if cpus is not None:
            self.asked = cpus
            self._runtime.request(cpus)

    def release(self) -> None:
        """Nobody needs anything any more."""
        self.asked = 0
        self._runtime.request(0)
