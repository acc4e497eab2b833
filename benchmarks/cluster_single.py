"""One render at a time: begun, foreseen, repeated, cancelled."""

import time
from collections import Counter

from benchmarks.cluster_figures import Figure, eta_error, percentiles
from benchmarks.cluster_watch import watch
from cluster.jobs import JobState
from tests.orders import Customer, Ordered
from tests.processes import until
from tests.stage import Stage
from webapp.models import UsageEntry, UsageState

_LARGE = {"width": 720, "height": 1280}
_QUIET_S = 0.5


def first_cell(stage: Stage, times: int) -> list[Figure]:
    """On an idle cluster: from an accepted job to a worker that is at one of its cells."""
    customer, waits = stage.customer("starter"), list[float]()
    for n in range(times):
        ordered = stage.orders.submit(customer, mainText=f"Start {n}")
        accepted = time.monotonic()
        until(lambda job=str(ordered.job_id): _is_at(stage, job, "cell"), every_s=0.005)  # type: ignore[misc]
        waits.append(time.monotonic() - accepted)
        stage.orders.await_all()
        time.sleep(_QUIET_S)
    return [Figure(name="accepted → first cell running (p50 / p95)", goal="≤ 300 ms", measured=percentiles(waits))]


def _is_at(stage: Stage, job_id: str, kind: str = "") -> bool:
    return any(job_id in name and name.startswith(kind) for name in stage.tasks().values())


def again(stage: Stage, times: int) -> list[Figure]:
    """A video that was rendered before, once more."""
    customer, waits = stage.customer("repeater"), list[float]()
    stage.orders.submit(customer, mainText="Again")
    stage.orders.await_all()
    cells = _cells(stage)
    for _ in range(times):
        time.sleep(_QUIET_S)
        ordered = stage.orders.submit(customer, mainText="Again")
        accepted = time.monotonic()
        until(lambda ordered=ordered: stage.orders.job(ordered).job_status.is_terminal)  # type: ignore[misc]
        waits.append(time.monotonic() - accepted)
    more = _cells(stage) - cells
    return [
        Figure(name="the same video again (p50 / p95)", goal="≤ 1000 ms", measured=percentiles(waits)),
        Figure(name="cells rendered for it", goal="0", measured=str(more)),
    ]


def alone(stage: Stage, times: int) -> list[Figure]:
    """One larger video at a time: is its end foreseen?"""
    customer, job_ids = stage.customer("loner"), list[str]()
    with watch(stage) as watched:
        for n in range(times):
            job_ids.append(str(stage.orders.submit(customer, mainText=f"Alone {n}", **_LARGE).job_id))
            stage.orders.await_all()
        time.sleep(_QUIET_S)
    return [Figure(name="ETA's error alone", goal="≤ 15 %", measured=eta_error(watched.heard, job_ids))]


def cancel(stage: Stage, times: int) -> list[Figure]:
    """Running jobs are cancelled: how long is any worker still at them?"""
    customer, waits = stage.customer("doubter"), list[float]()
    cancelled = [_cancelled(stage, customer, n, waits) for n in range(times)]
    states = Counter(stage.orders.job(ordered).job_status for ordered in cancelled)
    job_ids = {ordered.job_id for ordered in cancelled}
    released = sum(
        entry.state is UsageState.RELEASED for entry in stage.orders.rows(UsageEntry) if entry.job_id in job_ids
    )
    return [
        Figure(name="cancelled → no task of it running (p50 / p95)", goal="≤ 1000 ms", measured=percentiles(waits)),
        Figure(
            name="cancelled, reservations given back",
            goal=f"{times}, {times}",
            measured=f"{states[JobState.CANCELLED]}, {released}",
        ),
    ]


def _cancelled(stage: Stage, customer: Customer, n: int, waits: list[float]) -> Ordered:
    ordered = stage.orders.submit(customer, mainText=f"Cancel {n}", **_LARGE)
    job_id = str(ordered.job_id)
    until(lambda: _is_at(stage, job_id, "cell"), every_s=0.01)
    time.sleep(0.05 * (n % 20))
    began = time.monotonic()
    stage.orders.cancel(customer, ordered)
    last = began
    while (now := time.monotonic()) < last + _QUIET_S:  # between two tasks of a job there may be none for a moment
        last = now if _is_at(stage, job_id) else last
        time.sleep(0.005)
    waits.append(last - began)
    return ordered


def _cells(stage: Stage) -> int:
    return sum(1 for _ in stage.container.objects.keys("cells/"))
