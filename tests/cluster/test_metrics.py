from cluster.jobs import JobState
from cluster.metrics import CountingMetrics
from cluster.work import FaultKind


def test_everything_is_counted_by_name_and_passed_on():
    behind = CountingMetrics()
    metrics = CountingMetrics(behind)
    metrics.cell("rendered", 1.5)
    metrics.cell("rendered", 0.5)
    metrics.cell("cached", 0.0)
    metrics.retry(FaultKind.NODE_LOST)
    metrics.job(JobState.COMPLETED, 12.0)
    metrics.queue("pro", 3, 4.5)
    metrics.queue("pro", 2, 1.0)
    counted = {"cells_rendered": 2, "cells_cached": 1, "retries_node_lost": 1, "jobs_completed": 1}
    assert metrics.counts == behind.counts == counted
    assert metrics.queues == behind.queues == {"pro": (2, 1.0)}


def test_alone_it_only_counts():
    metrics = CountingMetrics()
    metrics.cell("failed", 0.0)
    assert metrics.counts == {"cells_failed": 1}
