"""What rows and the dispatcher tell, in Prometheus' text format: the same whichever process is asked."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from cluster.health import AlarmCode, ClusterHealth
from cluster.jobs import JobKind, JobState
from webapp.models import PlanName
from webapp.renders.figures import PlanFigures


class _Told(Collector):
    def __init__(self, families: Iterable[GaugeMetricFamily]) -> None:
        self._families = tuple(families)

    def collect(self) -> Iterable[GaugeMetricFamily]:
        return self._families


def exposition_of(families: Iterable[GaugeMetricFamily]) -> str:
    """Gauges in the text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Told(families))
    return generate_latest(registry).decode()


def gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    """A gauge of which there is but one."""
    return GaugeMetricFamily(f"reelgrove_{name}", text, value=value)


def gauges_by(name: str, text: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    """Gauges by one label."""
    family = GaugeMetricFamily(f"reelgrove_{name}", text, labels=[label])
    for word, value in values.items():
        family.add_metric([word], value)
    return family


def gauges_of_renders(renders: Mapping[JobState, int], rejected: Mapping[str, int]) -> Iterator[GaugeMetricFamily]:
    """How renders and the preparations of uploads have ended."""
    yield gauges_by("render_jobs", "Render jobs by state.", "state", {state.value: n for state, n in renders.items()})
    yield gauges_by("uploads_rejected", "Uploads whose preparation failed, by reason.", "reason", rejected)


def gauges_of_plans(plans: Iterable[PlanFigures]) -> Iterator[GaugeMetricFamily]:
    """What waits and what runs, by kind and plan."""
    found = {(one.kind, one.plan): one for one in plans}
    yield _by_plan("queue_jobs", "Jobs that wait.", found, lambda one: one.queued)
    yield _by_plan("active_jobs", "Jobs at work.", found, lambda one: one.active)
    yield _by_plan("queue_age_seconds", "Age of the oldest job that waits.", found, lambda one: one.oldest_queued_s)


def _by_plan(
    name: str, text: str, found: Mapping[tuple[JobKind, str], PlanFigures], value: Callable[[PlanFigures], float]
) -> GaugeMetricFamily:
    """Every kind and plan is there: a series that comes and goes is hard to watch."""
    family = GaugeMetricFamily(f"reelgrove_{name}", text, labels=["kind", "plan"])
    for kind in JobKind:
        for plan in PlanName:
            one = found.get((kind, plan.value))
            family.add_metric([kind.value, plan.value], round(value(one), 3) if one else 0)
    return family


def gauges_of_health(health: ClusterHealth) -> Iterator[GaugeMetricFamily]:
    """What the dispatcher shows of itself."""
    yield gauge("cluster_cpus", "CPUs of the cluster.", health.cpus)
    yield gauge("cluster_demand_cpus", "CPUs asked of the autoscaler.", health.demand_cpus)
    yield gauge("tasks_in_flight", "Tasks that Ray has.", health.tasks_in_flight)
    yield gauge("backlog_seconds", "CPU seconds that known work will take.", round(health.backlog_s, 3))
    standing = {alarm.code for alarm in health.alarms}
    yield gauges_by("alarm", "Alarms that stand.", "code", {code.value: int(code in standing) for code in AlarmCode})
