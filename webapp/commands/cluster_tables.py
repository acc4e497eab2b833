"""What `reelgrove cluster` shows to people."""

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from cluster.health import ClusterHealth, NodeHealth
from cluster.jobs import JobState
from webapp.commands.words import age_words, plain_table, size_words
from webapp.renders.figures import LeaseFigures, OpenJob, PlanFigures
from webapp.renders.overview import Overview


def overview_tables(overview: Overview) -> Group:
    """Facts first, then what waits and runs, the machines, and last what somebody should look at."""
    return Group(*_parts(overview))


def _parts(overview: Overview) -> Iterator[RenderableType]:
    yield _facts(overview)
    if overview.plans:
        yield from ("", _plans(overview.plans))
    if overview.snapshot and overview.snapshot.nodes:
        yield from ("", _nodes(overview.snapshot.nodes))
    yield ""
    for sentence in overview.missing:
        yield f"[yellow]{escape(sentence)}[/yellow]"
    for alarm in overview.alarms:
        age_s = (overview.at - alarm.since).total_seconds()
        since = f" for {age_words(age_s)}" if age_s >= 1 else ""
        yield f"[red]{alarm.code.value}[/red]{since}: {escape(alarm.message)}"
    if overview.is_healthy:
        yield "[yellow]no alarm, as far as is known[/yellow]" if overview.missing else "[green]healthy[/green]"


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
    yield "CPUs", f"{health.cpus}; the work is worth {health.demand_cpus}" if health.demand_cpus else str(health.cpus)
    yield "tasks", f"{health.tasks_in_flight} in flight; {age_words(health.backlog_s)} of CPU time to do"
    if health.active_by_plan:
        yield "oldest job", f"at work for {age_words(health.oldest_active_s)}"
    if health.counts:
        yield "since start", ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in sorted(health.counts.items()))
    yield "its CPU", age_words(health.dispatcher_cpu_s)
    if health.dashboard:
        yield "dashboard", escape(health.dashboard)


def _plans(plans: Iterable[PlanFigures]) -> Table:
    table = plain_table("plan", "kind", "running", "waiting", "oldest waiting")
    for one in plans:
        oldest = age_words(one.oldest_queued_s) if one.queued else "–"
        table.add_row(one.plan, one.kind.value, str(one.active), str(one.queued), oldest)
    return table


def _nodes(nodes: Iterable[NodeHealth]) -> Table:
    table = plain_table("machine", "CPUs", "busy", "memory for tasks")
    for node in nodes:
        busy = "–" if node.cpus_busy is None else f"{node.cpus_busy:g}"
        memory = "–" if node.memory_bytes is None else size_words(node.memory_bytes)
        table.add_row(escape(node.name), str(node.cpus), busy, memory)
    return table


def jobs_table(jobs: Iterable[OpenJob]) -> Table:
    """A line a job; ids are whole, so that they can be copied."""
    table = plain_table("kind", "video or asset", "plan", "done", "age", "ends in")
    table.columns[1].min_width = 36
    for job in jobs:
        subject = str(job.subject_id or "deleted meanwhile")
        done = "waiting" if job.state is JobState.QUEUED else f"{job.percent} %"
        ends_in = "–" if job.eta_s is None else age_words(job.eta_s)
        table.add_row(job.kind.value, subject, job.plan, done, age_words(job.age_s), ends_in)
    return table
