"""Figures in Prometheus' text format."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from cluster.health import AlarmCode, ClusterHealth
from cluster.jobs import JobKind
from webapp.models import PlanName
from webapp.renders.figures import PlanFigures


@dataclass(frozen=True, slots=True)
class Gauges:
    """Gauges of one name; ``values`` by labels as they are written, under no labels where there is but one."""

    name: str
    text: str
    values: Mapping[str, float]

    def exposition(self) -> str:
        """In the text format."""
        name = f"reelgrove_{self.name}"
        lines = [f"{name}{{{labels}}} {n:.10g}" if labels else f"{name} {n:.10g}" for labels, n in self.values.items()]
        return "\n".join([f"# HELP {name} {self.text}", f"# TYPE {name} gauge", *lines, ""])


def gauges_of_plans(plans: Iterable[PlanFigures]) -> Iterator[Gauges]:
    """What waits and what runs, by kind and plan."""
    found = {(one.kind, one.plan): one for one in plans}
    yield Gauges("queue_jobs", "Jobs that wait.", _by_plan(found, lambda one: one.queued))
    yield Gauges("active_jobs", "Jobs at work.", _by_plan(found, lambda one: one.active))
    yield Gauges("queue_age_seconds", "Age of the oldest job that waits.", _by_plan(found, _oldest_queued_s))


def _oldest_queued_s(one: PlanFigures) -> float:
    return round(one.oldest_queued_s, 3)


def _by_plan(
    found: Mapping[tuple[JobKind, str], PlanFigures], value: Callable[[PlanFigures], float]
) -> dict[str, float]:
    """Every kind and plan is there: a series that comes and goes is hard to watch."""
    return {
        f'kind="{kind.value}",plan="{plan.value}"': value(one) if (one := found.get((kind, plan.value))) else 0
        for kind in JobKind
        for plan in PlanName
    }


def gauges_of_health(health: ClusterHealth) -> Iterator[Gauges]:
    """What the dispatcher shows of itself."""
    yield Gauges("cluster_cpus", "CPUs of the cluster.", {"": health.cpus})
    yield Gauges("cluster_demand_cpus", "CPUs asked of the autoscaler.", {"": health.demand_cpus})
    yield Gauges("tasks_in_flight", "Tasks that Ray has.", {"": health.tasks_in_flight})
    yield Gauges("backlog_seconds", "CPU seconds that known work will take.", {"": round(health.backlog_s, 3)})
    standing = {alarm.code for alarm in health.alarms}
    yield Gauges("alarm", "Alarms that stand.", {f'code="{code.value}"': int(code in standing) for code in AlarmCode})
