"""The picture of the cluster that people and their programs are shown."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cluster.board import Workboard
from cluster.dispatcher.capacity import Capacity
from cluster.dispatcher.rows import Rows
from cluster.health import ClusterHealth
from cluster.jobs import WaitingJob
from cluster.metrics import CountingMetrics
from cluster.ports import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Looks at everything that the dispatcher knows."""

    holder: str
    board: Workboard
    rows: Rows
    capacity: Capacity
    runtime: Runtime
    metrics: CountingMetrics

    def health(self, now: float) -> ClusterHealth:
        """How the cluster is now. ``now``: seconds on the dispatcher's clock."""
        at, queue, jobs = datetime.now(UTC), self.rows.queue, self.board.jobs.values()
        failing_since = self.rows.failing_since
        return ClusterHealth(
            at=at,
            holder=self.holder,
            epoch=self.rows.epoch or 0,
            cpus=self.capacity.cpus,
            tasks_in_flight=sum(self.board.in_flight(between=between) for between in (True, False)),
            nodes=self.runtime.nodes(),
            active_by_plan=Counter(job.request.plan for job in jobs),
            queued_by_plan=Counter(job.plan for job in queue),
            oldest_queued_s=_age_s(queue, at),
            oldest_active_s=max((now - job.since for job in jobs), default=0.0),
            backlog_s=self.board.backlog_s,
            demand_cpus=self.capacity.asked,
            without_cpus_s=self.capacity.without_s(now),
            store_failing_s=0.0 if failing_since is None else now - failing_since,
            dispatcher_cpu_s=time.process_time(),
            counts=dict(self.metrics.counts),
        )

    def count_queues(self) -> None:
        """Tell the metrics how many wait in each plan; of a plan that has none any more too."""
        at, queue = datetime.now(UTC), self.rows.queue
        for plan in {*self.metrics.queues, *(job.plan for job in queue)}:
            waiting = [job for job in queue if job.plan == plan]
            self.metrics.queue(plan, len(waiting), _age_s(waiting, at))


def _age_s(queue: Sequence[WaitingJob], at: datetime) -> float:
    return max((max(0.0, (at - job.queued_at).total_seconds()) for job in queue), default=0.0)
