"""What `reelgrove cluster` shows to people."""

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from cluster.health import ClusterHealth, NodeHealth
from webapp.commands.words import age_words, size_words
from webapp.renders.figures import LeaseFigures, OpenJob, PlanFigures
from webapp.renders.overview import Overview


def overview_tables(overview: Overview) -> Group:
    """Facts first, then what waits and runs, the machines, and last what somebody should look at."""
    return Group(*_parts(overview))


def _parts(overview: Overview) -> Iterator[RenderableType]:
    yield _facts(overview)
    if overview.plans:
        yield _plans(overview.plans)
    if overview.snapshot and overview.snapshot.nodes:
        yield _nodes(overview.snapshot.nodes)
    for sentence in overview.missing:
        yield f"[yellow]{escape(sentence)}[/yellow]"
    for alarm in overview.alarms:
        age = age_words((overview.at - alarm.since).total_seconds())
        yield f"[red]{alarm.code.value}[/red] for {age}: {escape(alarm.message)}"
    if overview.is_healthy:
        yield "[green]healthy[/green]"


def _facts(overview: Overview) -> Table:
    facts = Table.grid(padding=(0, 2))
    facts.add_row("dispatcher", _dispatcher(overview.lease))
    if overview.plans is not None and not overview.plans:
        facts.add_row("jobs", "none")
    if overview.snapshot:
        for name, value in _snapshot_facts(overview.snapshot):
            facts.add_row(name, value)
        facts.add_row("snapshot", f"{age_words((overview.at - overview.snapshot.at).total_seconds())} old")
    return facts


def _dispatcher(lease: LeaseFigures | None) -> str:
    if lease is None:
        return "not known to have ever been at work"
    state = "at work" if lease.is_alive else "gone"
    return escape(f"{lease.holder or 'nobody'}, epoch {lease.epoch}, {state}")


def _snapshot_facts(health: ClusterHealth) -> Iterator[tuple[str, str]]:
    yield "CPUs", f"{health.cpus} in {len(health.nodes)} machines, {health.demand_cpus} asked of the autoscaler"
    yield "tasks", f"{health.tasks_in_flight} in flight, {age_words(health.backlog_s)} of CPU time to do"
    yield (
        "oldest job",
        f"at work for {age_words(health.oldest_active_s)}, waiting for {age_words(health.oldest_queued_s)}",
    )
    yield "since start", ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in health.counts.items()) or "–"
    yield "its CPU time", age_words(health.dispatcher_cpu_s)
    if health.dashboard:
        yield "dashboard", escape(health.dashboard)


def _plans(plans: Iterable[PlanFigures]) -> Table:
    table = Table("plan", "kind", "running", "waiting", "oldest waiting")
    for one in plans:
        oldest = age_words(one.oldest_queued_s) if one.queued else "–"
        table.add_row(one.plan, one.kind.value, str(one.active), str(one.queued), oldest)
    return table


def _nodes(nodes: Iterable[NodeHealth]) -> Table:
    table = Table("machine", "CPUs", "busy", "memory for tasks")
    for node in nodes:
        busy = "–" if node.cpus_busy is None else f"{node.cpus_busy:g}"
        memory = "–" if node.memory_bytes is None else size_words(node.memory_bytes)
        table.add_row(escape(node.name), str(node.cpus), busy, memory)
    return table


def jobs_table(jobs: Iterable[OpenJob]) -> Table:
    """A line a job."""
    table = Table("kind", "video or asset", "plan", "state", "done", "age", "ends in", "attempt")
    for job in jobs:
        what = job.kind.value, str(job.subject_id or "deleted meanwhile"), job.plan, job.state.value
        ends_in = "–" if job.eta_s is None else age_words(job.eta_s)
        table.add_row(*what, f"{job.percent} %", age_words(job.age_s), ends_in, str(job.attempt))
    return table
