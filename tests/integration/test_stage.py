"""The stage for benchmarks and disturbances: everything is on it, and nothing of it stays behind."""

import pytest

from cluster.jobs import JobState
from tests.processes import until
from tests.stage import Stage, StageOptions

pytestmark = [pytest.mark.ray, pytest.mark.postgres]


def test_a_stage_renders_and_leaves_nothing_behind() -> None:
    with Stage(StageOptions(database="postgres", objects="s3", nodes=(1,), clip_seconds=1)) as stage:
        customer = stage.customer("one")
        ordered = stage.orders.submit(customer)
        stage.orders.await_all()
        assert stage.orders.job(ordered).job_status is JobState.COMPLETED
        assert stage.active_dispatcher() is stage.dispatchers[0]
        everything = stage.processes()
        assert {stage.raylet(stage.nodes[0]), stage.redis.pid, stage.dispatchers[0].pid} < everything
        until(lambda: "RenderProgress" in "".join(stage.tasks().values()))
    assert not stage.processes()
    assert not stage.folder.exists()
