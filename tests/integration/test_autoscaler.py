"""From no machine to several and back, by Ray's own autoscaler; its fake provider starts nodes on this machine."""

import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster.jobs import JobState
from cluster.runtime import RayRuntime, RaySettings, process_environment
from cluster.scaling import ScalingPolicy
from cluster.storage import LocalObjectStore
from tests.driver import Driver
from tests.factories import lip_sync_spec, stored
from tests.processes import until
from tests.programs import kill_marked, marked
from tests.ray_nodes import head_node
from tests.webapp.servers import free_port

pytestmark = [pytest.mark.ray, pytest.mark.timeout(2400)]

_PROVIDER = "ray.autoscaler._private.fake_multi_node.node_provider.FakeMultiNodeProvider"
_HEAD_ID = "fffffffffffffffffffffffffffffffffffffffffffffffffff00000"
_IDLE_S = 6
_COMES_S = 600
"""A node whose agents have not started within 15 s, as on a busy machine, is given up and another one started."""


def scaling_cluster(address: str) -> dict[str, object]:
    """The autoscaler's configuration: up to two nodes of one CPU, none without work."""
    provider = {
        "type": "external",
        "module": _PROVIDER,
        "gcs_address": address,
        "launch_multiple": True,
        "head_node_id": _HEAD_ID,
    }
    render = {"resources": {"CPU": 1, "object_store_memory": 100_000_000}, "min_workers": 0, "max_workers": 2}
    head = {"resources": {"CPU": 0}, "max_workers": 0}
    return {
        "cluster_name": "scaling",
        "provider": provider,
        "max_workers": 2,
        "idle_timeout_minutes": _IDLE_S / 60,
        "upscaling_speed": 1.0,
        "available_node_types": {
            "render": render | {"node_config": {}},
            "ray.head.default": head | {"node_config": {}},
        },
        "head_node_type": "ray.head.default",
        "auth": {},
        "docker": {},
        "initialization_commands": [],
        "setup_commands": [],
        "head_setup_commands": [],
        "worker_setup_commands": [],
        "head_start_ray_commands": [],
        "worker_start_ray_commands": [],
        "file_mounts": {},
        "cluster_synced_files": [],
        "file_mounts_sync_continuously": False,
    }


@pytest.fixture
def address() -> Iterator[str]:
    """Of a head without CPUs and its autoscaler; afterwards none of its processes is left."""
    folder = Path(tempfile.mkdtemp(prefix="ray-", dir="/tmp"))  # short: sockets are in it
    address, mark = f"127.0.0.1:{free_port()}", f"REELGROVE_TEST={secrets.token_hex(8)}"
    config = folder / "autoscaler.json"
    config.write_text(json.dumps(scaling_cluster(address)))
    environment = {"RAY_AUTH_MODE": "disabled"} | os.environ | process_environment(2) | dict([mark.split("=")])
    environment |= {"AUTOSCALER_UPDATE_INTERVAL_S": "1", "RAY_FAKE_CLUSTER": "1", "RAY_enable_autoscaler_v2": "1"}
    environment |= {"RAY_CLOUD_INSTANCE_ID": _HEAD_ID, "RAY_OVERRIDE_NODE_ID_FOR_TESTING": _HEAD_ID}
    head = head_node(folder, address, environment, autoscaling=config)
    try:
        head.start().until_ready()
        yield address
    finally:
        kill_marked(mark)
        until(lambda: not marked(mark))
        shutil.rmtree(folder, ignore_errors=True)


def test_jobs_bring_machines_and_their_end_sends_them_away(address: str, tmp_path: Path) -> None:
    objects = LocalObjectStore(tmp_path / "objects")
    short = stored(lip_sync_spec(tmp_path, seconds=8), objects)
    runtime = RayRuntime(objects, RaySettings(address=address))
    driver = Driver(objects, runtime, ScalingPolicy(most_cpus=2, finish_in_s=0.1))
    longs: list[str] = []

    def are_there() -> bool:
        """There is work until both machines are there, however slowly they come."""
        if not longs or driver.rows.row(longs[-1]).state.is_terminal:
            longs.append(f"long-{len(longs)}")
            driver.enqueue(longs[-1], stored(lip_sync_spec(tmp_path, 8, 1, mainText=longs[-1]), objects))
        return runtime.capacity() == 2

    try:
        assert runtime.capacity() == 0
        driver.enqueue("short", short)
        until(are_there, _COMES_S)
        driver.rows.cancel(longs[-1])
        rows = [driver.ended(job_id) for job_id in ("short", *longs)]
        until(lambda: runtime.capacity() == 0, _COMES_S)
    finally:
        driver.stop()
        runtime.close()
    *ended, last = rows
    assert {row.state for row in ended} == {JobState.COMPLETED}, ended[0].failure
    assert last.state in {JobState.COMPLETED, JobState.CANCELLED}
