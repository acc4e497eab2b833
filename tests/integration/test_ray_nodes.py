"""A cluster of several nodes that loses one: what it costs."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ray.cluster_utils import Cluster

from cluster.jobs import JobState
from cluster.runtime import RayRuntime, RaySettings, process_environment
from cluster.storage import LocalObjectStore
from tests.driver import Driver
from tests.factories import lip_sync_spec, stored
from tests.processes import descendants, until, until_ended, words
from tests.webapp.servers import free_port

pytestmark = pytest.mark.ray


@pytest.fixture
def machines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """A head without CPUs; afterwards none of its processes is left."""
    before = set(descendants(os.getpid()))
    for name, value in process_environment(1).items():
        monkeypatch.setenv(name, value)
    with tempfile.TemporaryDirectory(prefix="ray-", dir="/tmp", ignore_cleanup_errors=True) as folder:  # short: sockets
        head = {"num_cpus": 0, "include_dashboard": False, "dashboard_port": free_port(), "temp_dir": folder}
        machines = Cluster(initialize_head=True, head_node_args=head)
        yield machines
        started = set(descendants(os.getpid())) - before
        machines.shutdown()
        until_ended(started)


def tasks_on(node: Any) -> list[str]:  # noqa: ANN401 - Ray's nodes have no public type
    """Titles of the tasks that run on a node now."""
    (raylet,) = node.all_processes["raylet"]
    titles = (" ".join(words(pid)) for pid in descendants(raylet.process.pid))
    return [title for title in titles if title.startswith("ray::cell:")]


def test_a_job_survives_the_loss_of_a_node_and_its_bytes_are_the_same(machines: Cluster, tmp_path: Path) -> None:
    doomed, _ = machines.add_node(num_cpus=1), machines.add_node(num_cpus=1)
    objects = LocalObjectStore(tmp_path / "objects")
    spec = stored(lip_sync_spec(tmp_path, seconds=8, scale=0.4), objects)
    runtime = RayRuntime(objects, RaySettings(address=machines.address))
    driver = Driver(objects, runtime)
    try:
        undisturbed = driver.rendered("calm", spec)
        driver.forget_cells()
        driver.enqueue("j", spec)
        until(lambda: bool(tasks_on(doomed)))
        machines.remove_node(doomed, allow_graceful=False)
        row = driver.ended("j")
        until(lambda: sorted(node.cpus for node in runtime.nodes()) == [0, 1])
    finally:
        driver.stop()
        runtime.close()
    assert row.state is JobState.COMPLETED, row.failure
    assert row.output is not None
    assert row.output.sha256 == undisturbed
