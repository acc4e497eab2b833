"""Many renders at once: are all made, once each, in fair shares, and is the machine kept busy?"""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from itertools import cycle
from uuid import UUID

from redis import Redis

from benchmarks.cluster_figures import Figure, Heard, eta_error, percentiles
from benchmarks.cluster_log import Done, tasks_done
from benchmarks.cluster_watch import Cpu, Sample, Watched, watch
from cluster.jobs import JobState
from tests.orders import Customer
from tests.processes import until
from tests.stage import Stage
from webapp.models import PlanName, RenderJob, UsageEntry, UsageState, UserVideo
from webapp.renders.outbox import read_health

_WEIGHTS = {PlanName.FREE: 1, PlanName.PRO: 3, PlanName.ENTERPRISE: 6}
_SETTLED_S = 2.0
"""After this Redis has said all of the last job, and the dispatcher has shown its counts once more."""
_CROWD = 10
"""Workspaces among which many jobs are divided, so that none meets a bound of its plan."""


def load(stage: Stage, renders: int) -> list[Figure]:
    """Many renders from six workspaces on three plans at once."""
    customers = [stage.customer(f"{plan} {n}", plan) for plan in _WEIGHTS for n in (1, 2)]
    made, stored, rendered = _made(stage), _stored(stage), _rendered(stage)
    with watch(stage) as watched:
        before = Cpu.of(stage)
        began = time.time()
        ordered = {
            str(stage.orders.submit(customer, mainText=f"{n} of {customer.actor.display_name}").job_id): customer
            for customer, n in _in_turn(customers, renders)
        }
        submitted = time.time()
        stage.orders.await_all(1800)
        spent = Cpu.of(stage) - before
        time.sleep(_SETTLED_S)
    made, stored, rendered = _made(stage) - made, _stored(stage) - stored, _rendered(stage) - rendered
    cells = _cells_of(watched.heard, ordered)
    done = [task for task in tasks_done(stage) if task.job_id in ordered]
    of_cells = [task for task in done if task.kind == "cell"]
    return [
        Figure(name="renders submitted within", goal="5 s", measured=f"{submitted - began:.1f} s"),
        *_completeness(stage, ordered, watched, made),
        Figure(name="cells rendered, late ones twice", goal="", measured=f"{stored}, {rendered - stored}"),
        *_shares(of_cells, ordered, submitted),
        _fullness(watched.samples, of_cells, stage),
        Figure(name="busy CPU of the cluster", goal="≥ 90 %", measured=f"{spent.busy:.1%}"),
        Figure(name="the run", goal="", measured=f"{spent.wall:.1f} s, {cells} cells"),
        Figure(
            name="dispatcher's CPU per cell",
            goal="≤ 10 ms",
            measured=f"{1000 * spent.dispatcher / max(1, cells):.1f} ms",
        ),
        Figure(name="tasks' set-up, of their time", goal="< 3 %", measured=_overhead(stage, done)),
        Figure(name="ETA's error under load", goal="≤ 15 %", measured=eta_error(watched.heard, ordered)),
    ]


def _in_turn(customers: Sequence[Customer], renders: int) -> Iterator[tuple[Customer, int]]:
    """Who orders, and which of theirs it is: as many as the weight says, so that nobody is done long before others."""
    share = renders // sum(_WEIGHTS[customer.plan] for customer in customers)
    counts = {customer.workspace_id: share * _WEIGHTS[customer.plan] for customer in customers}
    for n in range(max(counts.values())):
        yield from ((customer, n) for customer in customers if n < counts[customer.workspace_id])


def _completeness(
    stage: Stage, ordered: Mapping[str, Customer], watched: Watched, objects_made: int
) -> Iterator[Figure]:
    jobs = {str(job.id): job for job in stage.orders.rows(RenderJob)}
    videos = {video.id: video for video in stage.orders.rows(UserVideo)}
    states = Counter(jobs[job_id].job_status for job_id in ordered)
    yield Figure(
        name="renders completed",
        goal=f"{len(ordered)} of {len(ordered)}",
        measured=f"{states[JobState.COMPLETED]} of {len(ordered)}",
    )
    usage = Counter(str(entry.job_id) for entry in stage.orders.rows(UsageEntry) if entry.state is UsageState.SETTLED)
    ends = Counter(said.job_id for _, said in watched.heard if said.state is JobState.COMPLETED)
    whole = sum(_is_whole(stage, videos[jobs[job_id].video_id]) for job_id in ordered)
    lost = sum(usage[job_id] < 1 for job_id in ordered) + len(ordered) - whole
    doubled = sum(usage[job_id] > 1 or ends[job_id] > 1 for job_id in ordered) + objects_made - 3 * len(ordered)
    yield Figure(name="outputs or usage rows lost, doubled", goal="0, 0", measured=f"{lost}, {doubled}")


def _is_whole(stage: Stage, video: UserVideo) -> bool:
    """Whether a finished video's files are there."""
    keys = (video.output_path, video.poster_path, video.sprites_path)
    sizes = [stage.container.objects.size(key) if key else None for key in keys]
    return sizes[0] == video.output_size and all(sizes)


def _made(stage: Stage) -> int:
    return sum(1 for _ in stage.container.objects.keys("rendered-videos/"))


def _stored(stage: Stage) -> int:
    return sum(1 for _ in stage.container.objects.keys("cells/"))


def _rendered(stage: Stage) -> int:
    """Results of tasks that the dispatcher has counted, by its own word."""
    with closing(Redis.from_url(stage.settings.redis.redis_url)) as redis:
        health = read_health(redis)
    return health.counts.get("cells_rendered", 0) if health else 0


def _cells_of(heard: Heard, ordered: Mapping[str, Customer]) -> int:
    """Cells that were rendered for these jobs, as far as was said of them."""
    last = {said.job_id: said.cells_total - said.cells_cached for _, said in heard if said.cells_total}
    return sum(last.get(job_id, 0) for job_id in ordered)


def _shares(done: Sequence[Done], ordered: Mapping[str, Customer], submitted: float) -> Iterator[Figure]:
    """Cells made for each plan while every workspace has some that wait: until the first one's last task begins."""
    last: dict[UUID, float] = {}
    for task in done:
        workspace = ordered[task.job_id].workspace_id
        last[workspace] = max(task.began, last.get(workspace, 0.0))
    end = min(last.values(), default=submitted)
    made = dict.fromkeys(_WEIGHTS, 0.0)
    for task in done:
        made[ordered[task.job_id].plan] += task.cells_within(submitted, end)
    for plan, weight in _WEIGHTS.items():
        goal, share = weight / sum(_WEIGHTS.values()), made[plan] / max(1e-6, sum(made.values()))
        measured = f"{share:.1%} ({share / goal - 1:+.0%})"
        yield Figure(name=f"share of {plan} while all are backlogged", goal=f"{goal:.0%} ± 10 %", measured=measured)
    measured = f"{max(0.0, end - submitted):.1f} s, {sum(made.values()):.0f} cells"
    yield Figure(name="all were backlogged for", goal="", measured=measured)


def _fullness(samples: Sequence[Sample], done: Sequence[Done], stage: Stage) -> Figure:
    """How much of the time every CPU was at a cell, while there were any to begin."""
    start, end = (choose((task.began for task in done), default=0.0) for choose in (min, max))
    at_cells = [sum(name.startswith("cell") for name in each.tasks) for each in samples if start <= each.at <= end]
    full = sum(count >= sum(stage.options.nodes) for count in at_cells) / max(1, len(at_cells))
    return Figure(name="time in which every CPU was at a cell", goal="≥ 90 %", measured=f"{full:.1%}")


def _overhead(stage: Stage, done: Sequence[Done]) -> str:
    """The part of the tasks' time that went not into cells, sounds and files, but into what comes before."""
    job_ids = {task.job_id for task in done}
    of_tasks = sum(task.seconds for task in done if task.kind != "plan")
    of_parts = sum(entry.render_seconds for entry in stage.orders.rows(UsageEntry) if str(entry.job_id) in job_ids)
    return f"{1 - of_parts / of_tasks:.1%}" if of_tasks else "–"


def updates(stage: Stage, jobs: int, tasks: int) -> list[Figure]:
    """Many jobs run: how soon does a subscriber hear of what a worker has done?"""
    customers = [stage.customer(f"crowd {n}", PlanName.ENTERPRISE) for n in range(_CROWD)]
    with watch(stage, every_s=1.0) as watched:
        numbered = zip(range(jobs), cycle(customers))
        ordered = {stage.orders.submit(each, mainText=f"Crowd {n}"): each for n, each in numbered}
        until(lambda: _running(stage) >= jobs, 600, every_s=0.5)
        began, running = time.time(), _running(stage)
        until(lambda: len(_cells_since(stage, began)) >= tasks or not stage.orders.unfinished(), 900, every_s=1.0)
        time.sleep(_SETTLED_S)
    waits = list(_told_after(_cells_since(stage, 0.0), watched.heard, began))
    for each, customer in ordered.items():
        if not stage.orders.job(each).job_status.is_terminal:
            stage.orders.cancel(customer, each)
    stage.orders.await_all()
    name = f"cells done → subscriber, {running} running jobs (p50 / p95)"
    return [Figure(name=name, goal="≤ 500 ms", measured=percentiles(waits) if waits else "–")]


def _running(stage: Stage) -> int:
    return sum(job.job_status is JobState.PROCESSING for job in stage.orders.rows(RenderJob))


def _cells_since(stage: Stage, moment: float) -> list[Done]:
    return [task for task in tasks_done(stage) if task.kind == "cell" and task.ended >= moment]


def _told_after(done: Sequence[Done], heard: Heard, began: float) -> Iterator[float]:
    """For each task that ended after ``began``: seconds until a message counted its cells."""
    cells = Counter[str]()
    for task in sorted(done, key=lambda task: task.ended):
        cells[task.job_id] += task.cells
        counted = (at for at, said in heard if said.job_id == task.job_id and said.cells_done >= cells[task.job_id])
        first = next(counted, None)
        if task.ended >= began and first is not None:
            yield first - task.ended
