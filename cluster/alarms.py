"""Alarms: what in the picture of the cluster somebody should look at, told when it begins and when it ends."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from cluster.health import Alarm, AlarmCode, ClusterHealth
from cluster.ports import HealthSink

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmLimits:
    """Beyond these it is an alarm. Times in seconds.

    Attributes:
        disk_free: Part of the disk, 0–1, that should be free.
    """

    queue_age_s: float = 600.0
    without_cpus_s: float = 10.0
    store_failing_s: float = 5.0
    disk_free: float = 0.05


class AlarmWatch:
    """A ``HealthSink`` before another one: finds the alarms in what passes, and logs their coming and going.

    Args:
        disk_free: The free part of the disk, 0–1.
    """

    def __init__(self, then: HealthSink, limits: AlarmLimits, disk_free: Callable[[], float]) -> None:
        self._then = then
        self._limits = limits
        self._disk_free = disk_free
        self._standing: dict[AlarmCode, Alarm] = {}

    def publish(self, health: ClusterHealth) -> None:
        """Pass the picture on with its alarms."""
        self._update(find_alarms(health, self._limits, self._disk_free()), health.at)
        self._then.publish(replace(health, alarms=tuple(self._standing.values())))

    def _update(self, found: Mapping[AlarmCode, str], at: datetime) -> None:
        for code in self._standing.keys() - found.keys():
            log.info("cluster.alarm_cleared", code=code.value, lasted_s=_seconds(at, self._standing.pop(code)))
        for code, message in found.items():
            if code not in self._standing:
                log.error("cluster.alarm_raised", code=code.value, reason=message)
                self._standing[code] = Alarm(code=code, message=message, since=at)
            self._standing[code] = replace(self._standing[code], message=message)


def find_alarms(health: ClusterHealth, limits: AlarmLimits, disk_free: float) -> dict[AlarmCode, str]:
    """What is wrong now, with a sentence that says what to do."""
    found: dict[AlarmCode, str] = {}
    if health.without_cpus_s > limits.without_cpus_s:
        found[AlarmCode.NO_CAPACITY] = "Jobs wait and no machine has joined: look at Ray's workers and the autoscaler."
    if health.oldest_queued_s > limits.queue_age_s:
        waited_min = health.oldest_queued_s / 60
        found[AlarmCode.QUEUE_OLD] = f"A job has waited for {waited_min:.0f} minutes: add CPUs, or cancel what hangs."
    if health.store_failing_s > limits.store_failing_s:
        found[AlarmCode.STORE_FAILING] = "The database does not answer: work goes on, but nothing is written down."
    if disk_free < limits.disk_free:
        found[AlarmCode.DISK_LOW] = (
            f"Only {disk_free:.1%} of the disk is free: make room, for instance with `reelgrove cells prune`."
        )
    return found


def _seconds(at: datetime, alarm: Alarm) -> float:
    return round((at - alarm.since).total_seconds(), 1)
