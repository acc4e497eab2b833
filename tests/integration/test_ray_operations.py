"""What people who look after a cluster see: the dashboard and who may, metrics, the log."""

import json
import os
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

from cluster.storage import LocalObjectStore
from tests.factories import lip_sync_spec, stored
from tests.processes import until

pytestmark = pytest.mark.ray
ROOT = Path(__file__).parents[2]

_PROGRAM = """
    import json, select, sys
    from pathlib import Path
    import ray
    from cluster.jobs import JobState
    from cluster.runtime import RayMetrics, RayRuntime, RaySettings
    from cluster.storage import LocalObjectStore
    from cluster.work import FaultKind, PlanTask, PrepareTask
    from render_core.spec import RenderSpec

    runtime = RayRuntime(LocalObjectStore(Path(sys.argv[1])), RaySettings(num_cpus=1, include_dashboard=True))
    metrics = RayMetrics()
    metrics.cell("rendered", 1.5)
    metrics.cell("cached", 0.0)
    metrics.retry(FaultKind.NODE_LOST)
    metrics.job(JobState.COMPLETED, 12.0)
    spec = RenderSpec.model_validate_json(sys.stdin.readline())
    labels = {"job": "j", "video": "v", "plan": "pro"}
    runtime.submit(PlanTask(spec=spec, keys=("plan",), label="plan:j", labels=labels))
    gone = {"asset_type": "cover", "source": "quarantine/gone", "target": "assets/a"}
    runtime.submit(PrepareTask(keys=("prepare:a",), label="prepare:a", labels={"asset": "a"}, **gone))
    ended = 0
    while ended < 2:
        ended += len(runtime.poll(1.0))
    (node,) = ray.nodes()
    print(json.dumps([runtime.dashboard, node["NodeManagerAddress"], node["MetricsExportPort"]]), flush=True)
    while not select.select([sys.stdin], [], [], 0.5)[0]:
        metrics.queue("pro", 3, 4.5)  # again and again, as a dispatcher does: Ray shows what was said lately
    runtime.close()
"""


@dataclass(frozen=True, slots=True)
class Operated:
    """A cluster with a dashboard in which one task was done."""

    dashboard: str
    address: str
    metrics_port: int
    log: Path

    def asks(self, path: str, token: str | None = None) -> tuple[int, Any]:
        """Status and answer of the dashboard."""
        request = Request(self.dashboard + path, headers={} if token is None else {"Authorization": f"Bearer {token}"})
        try:
            with urlopen(request, timeout=120) as answer:
                return answer.status, json.load(answer)
        except HTTPError as error:
            return error.code, None

    def metrics(self) -> str:
        with urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=120) as answer:
            return str(answer.read().decode())


@pytest.fixture(scope="module")
def operated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operated]:
    folder = tmp_path_factory.mktemp("operated")
    objects = LocalObjectStore(folder / "objects")
    spec = stored(lip_sync_spec(folder, seconds=3), objects)
    command = [sys.executable, "-c", textwrap.dedent(_PROGRAM), str(objects.root)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "RAY_DEDUP_LOGS": "0"}
    pipe, log = subprocess.PIPE, folder / "log"
    with (
        log.open("w") as stderr,
        subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, stderr=stderr, text=True) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(spec.model_dump_json() + "\n")
        process.stdin.flush()
        lines = iter(process.stdout.readline, "")
        said = next((line for line in lines if line.startswith("[")), "")
        assert said, log.read_text()
        yield Operated(*json.loads(said), log)
        process.communicate()
    assert process.returncode == 0


@pytest.fixture(scope="module")
def token(operated: Operated) -> str:
    """Which the cluster has made, if there was none."""
    return (Path.home() / ".ray" / "auth_token").read_text().strip()


def test_the_dashboard_answers_those_with_the_token_only(operated: Operated, token: str) -> None:
    assert operated.asks("/api/v0/tasks")[0] == 401
    assert operated.asks("/api/v0/tasks", "a" * len(token))[0] in {401, 403}
    assert operated.asks("/api/v0/tasks", token)[0] == 200


def test_the_dashboard_answers_this_machine_only(operated: Operated) -> None:
    url = urlsplit(operated.dashboard)
    assert url.hostname == "127.0.0.1"
    assert operated.address != url.hostname
    with socket.socket() as outside:
        assert outside.connect_ex((operated.address, url.port)) != 0


def test_the_dashboard_shows_whose_task_it_is(operated: Operated, token: str) -> None:
    def names() -> set[str]:
        status, answer = operated.asks("/api/v0/tasks", token)
        return {task["name"] for task in answer["data"]["result"]["result"]} if status == 200 else set()

    until(lambda: names() == {"plan:j video=v plan=pro", "prepare:a asset=a", "warm_up"})


@pytest.mark.parametrize(
    ("name", "tag", "value"),
    [
        ("cells_total", 'outcome="rendered"', 1),
        ("cells_total", 'outcome="cached"', 1),
        ("cell_seconds_sum", "", 1.5),
        ("retries_total", 'cause="node_lost"', 1),
        ("jobs_queued", 'plan="pro"', 3),
        ("queue_age_seconds", 'plan="pro"', 4.5),
        ("jobs_total", 'outcome="completed"', 1),
        ("job_seconds_count", 'outcome="completed"', 1),
    ],
)
def test_rays_metrics_hold_ours(operated: Operated, name: str, tag: str, value: float) -> None:
    def values() -> list[float]:
        lines = (line for line in operated.metrics().splitlines() if line.startswith(f"ray_reelgrove_{name}{{"))
        return [float(line.rpartition(" ")[2]) for line in lines if tag in line]

    until(lambda: values() == [value])


def test_a_workers_lines_are_in_the_log_with_the_names_of_their_task(operated: Operated) -> None:
    def lines() -> dict[str, dict[str, object]]:
        found = (json.loads(line) for line in operated.log.read_text().splitlines() if line.startswith("{"))
        return {line["event"]: line for line in found if "event" in line}

    until(lambda: {"task.done", "task.failed"} <= lines().keys())
    done, failed = lines()["task.done"], lines()["task.failed"]
    assert (done["job_id"], done["video_id"], done["plan"], done["task"]) == ("j", "v", "pro", "plan:j")
    assert (failed["asset_id"], failed["fault"], "exception" in failed) == ("a", "invalid_input", False)
