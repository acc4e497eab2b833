"""Alarms: what in the picture of the cluster somebody should look at, told when it begins and when it ends."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from cluster.health import Alarm, AlarmCode, ClusterHealth
from cluster.ports import HealthSink
from cluster.work import FaultKind

log = structlog.get_logger(__name__)

_OBJECTS_FAIL = "Work fails for the object store and is tried again: look at the store, its disk and the way there."


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmLimits:
    """Beyond these it is an alarm. Times in seconds.

    Attributes:
        without_cpus_s: A machine that the autoscaler adds may take a minute or two to come.
        objects_quiet_s: The object store is well again when work has not failed for it for so long.
        disk_free_bytes: With less room on the disk, files of renders may not fit.
    """

    queue_age_s: float = 600.0
    without_cpus_s: float = 120.0
    store_failing_s: float = 5.0
    objects_quiet_s: float = 60.0
    disk_free_bytes: int = 2 << 30


class AlarmWatch:
    """A ``HealthSink`` before another one: finds the alarms in what passes, and logs their coming and going.

    Args:
        free_bytes: Says how much room the disk has.
    """

    def __init__(self, then: HealthSink, limits: AlarmLimits, free_bytes: Callable[[], int]) -> None:
        self._then = then
        self._limits = limits
        self._free_bytes = free_bytes
        self._standing: dict[AlarmCode, Alarm] = {}
        self._storage_faults = 0
        self._objects_failed_at: datetime | None = None

    def publish(self, health: ClusterHealth) -> None:
        """Pass the picture on with its alarms."""
        found = find_alarms(health, self._limits, self._free_bytes())
        if self._do_objects_fail(health):
            found[AlarmCode.OBJECTS_FAILING] = _OBJECTS_FAIL
        self._update(found, health.at)
        self._then.publish(replace(health, alarms=tuple(self._standing.values())))

    def _do_objects_fail(self, health: ClusterHealth) -> bool:
        faults = health.counts.get(f"retries_{FaultKind.STORAGE.value}", 0)
        if faults > self._storage_faults:
            self._storage_faults, self._objects_failed_at = faults, health.at
        failed_at = self._objects_failed_at
        return failed_at is not None and (health.at - failed_at).total_seconds() < self._limits.objects_quiet_s

    def _update(self, found: Mapping[AlarmCode, str], at: datetime) -> None:
        for code in self._standing.keys() - found.keys():
            log.info("cluster.alarm_cleared", code=code.value, lasted_s=_seconds(at, self._standing.pop(code)))
        for code, message in found.items():
            if code not in self._standing:
                log.error("cluster.alarm_raised", code=code.value, reason=message)
                self._standing[code] = Alarm(code=code, message=message, since=at)
            self._standing[code] = replace(self._standing[code], message=message)


def find_alarms(health: ClusterHealth, limits: AlarmLimits, free_bytes: int) -> dict[AlarmCode, str]:
    """What is wrong now, with a sentence that says what to do."""
    found: dict[AlarmCode, str] = {}
    if health.without_cpus_s > limits.without_cpus_s:
        found[AlarmCode.NO_CAPACITY] = "Jobs wait and no machine has joined: look at Ray's workers and the autoscaler."
    if health.oldest_queued_s > limits.queue_age_s:
        waited_min = health.oldest_queued_s / 60
        found[AlarmCode.QUEUE_OLD] = f"A job has waited for {waited_min:.0f} minutes: add CPUs, or cancel what hangs."
    if health.store_failing_s > limits.store_failing_s:
        found[AlarmCode.STORE_FAILING] = "The database does not answer: work goes on, but nothing is written down."
    if free_bytes < limits.disk_free_bytes:
        found[AlarmCode.DISK_LOW] = (
            f"Only {free_bytes / 1e9:.1f} GB of the disk are free: make room, for example by `reelgrove cells prune`."
        )
    return found


def _seconds(at: datetime, alarm: Alarm) -> float:
    return round((at - alarm.since).total_seconds(), 1)
