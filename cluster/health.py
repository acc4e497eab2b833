"""How the cluster is doing at one moment: a frozen picture for the people and programs that look after it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class AlarmCode(StrEnum):
    """What somebody should look at."""

    NO_CAPACITY = "no_capacity"
    NO_DISPATCHER = "no_dispatcher"
    QUEUE_OLD = "queue_old"
    STORE_FAILING = "store_failing"
    OBJECTS_FAILING = "objects_failing"
    DISK_LOW = "disk_low"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something that will not mend itself, or not soon.

    Attributes:
        message: What is wrong and what to do, for whoever runs the cluster.
        since: When it was first seen.
    """

    code: AlarmCode
    message: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeHealth:
    """One machine of the cluster.

    Attributes:
        node_id: Its id in Ray.
        name: What people call it: host name or address.
        cpus: For tasks.
        cpus_busy: Taken by tasks now; None where that is not known.
        memory_bytes: For tasks; None where that is not known.
    """

    node_id: str
    name: str
    cpus: int
    cpus_busy: float | None = None
    memory_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterHealth:
    """What the dispatcher knows. Times in seconds unless they are moments.

    Attributes:
        at: When this was so, in UTC.
        holder: The dispatcher's process.
        epoch: Of its lease; 0 while it holds none.
        cpus: CPUs there are now.
        tasks_in_flight: Tasks that Ray has, of all kinds.
        active_by_plan: Claimed jobs.
        queued_by_plan: Jobs that wait to be claimed.
        oldest_queued_s: How long the first of them has waited; 0 without any.
        oldest_active_s: How long the oldest claimed job has been at it.
        backlog_s: CPU seconds that known work will take.
        demand_cpus: CPUs last asked of the autoscaler.
        without_cpus_s: For how long there has been work and no CPU.
        store_failing_s: For how long the database has not answered.
        alarms: What somebody should look at; found from the rest by ``cluster.alarms``.
        dispatcher_cpu_s: CPU time of the dispatcher's process since it started.
        counts: Since it started: ``cells_rendered``, ``cells_cached``, ``cells_failed``, ``retries_<cause>``.
        dashboard: Address of Ray's dashboard; empty where there is none.
    """

    at: datetime
    holder: str
    epoch: int
    cpus: int
    tasks_in_flight: int = 0
    nodes: tuple[NodeHealth, ...] = ()
    active_by_plan: Mapping[str, int] = field(default_factory=dict)
    queued_by_plan: Mapping[str, int] = field(default_factory=dict)
    oldest_queued_s: float = 0.0
    oldest_active_s: float = 0.0
    backlog_s: float = 0.0
    demand_cpus: int = 0
    without_cpus_s: float = 0.0
    store_failing_s: float = 0.0
    alarms: tuple[Alarm, ...] = ()
    dispatcher_cpu_s: float = 0.0
    counts: Mapping[str, int] = field(default_factory=dict)
    dashboard: str = ""
