"""A process that owns a local Ray: started anywhere, ended by SIGTERM."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster.runtime.connection import remove_left_behind
from cluster.storage import LocalObjectStore
from tests.factories import lip_sync_spec, stored
from tests.processes import descendants, has_ended, until_ended, words

pytestmark = pytest.mark.ray
ROOT = Path(__file__).parents[2]

_PROGRAM = """
    import signal, sys, threading
    sys.path.insert(0, {root!r})
    from pathlib import Path
    from cluster.logs import configure_logging
    from cluster.runtime import ClusterLostError, RayRuntime, RaySettings
    from cluster.storage import LocalObjectStore
    from cluster.work import PlanTask
    from render_core.spec import RenderSpec

    configure_logging()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    runtime = RayRuntime(LocalObjectStore(Path({objects!r})), RaySettings(num_cpus=1))
    spec = RenderSpec.model_validate_json(sys.stdin.read())
    runtime.submit(PlanTask(spec=spec, keys=("plan",), label="plan:here"))
    outcomes = ()
    while not outcomes:
        outcomes = runtime.poll(1.0)
    print(len(outcomes[0].result.cells), runtime._connection.scratch.parent, flush=True)
    stop.wait()
    {then}
    runtime.close()
    print("closed")
"""
_LOSING_THE_CLUSTER = """
    runtime.submit(PlanTask(spec=spec, keys=("plan",), label="plan:there"))
    try:
        while True:
            runtime.poll(1.0)
    except ClusterLostError as error:
        print(error)
"""


@pytest.fixture
def process(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator["subprocess.Popen[str]"]:
    """A process that has done one task, then waits for SIGTERM and goes on with the parameter."""
    objects = LocalObjectStore(tmp_path / "objects")
    spec = stored(lip_sync_spec(tmp_path, seconds=3), objects)
    program = textwrap.dedent(_PROGRAM).format(root=str(ROOT), objects=str(objects.root), then=request.param)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd="/",
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdin is not None
            process.stdin.write(spec.model_dump_json())
            process.stdin.close()
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("process", [""], indirect=True)
def test_a_process_started_anywhere_ends_with_all_its_own(process: "subprocess.Popen[str]") -> None:
    assert process.stdout is not None
    cells, folder = process.stdout.readline().split()
    assert cells == "2"
    started = descendants(process.pid)
    assert len(started) > 3
    process.send_signal(signal.SIGTERM)
    assert process.stdout.read() == "closed\n"
    assert process.wait() == 0
    until_ended(started)
    assert not Path(folder).exists()


@pytest.mark.parametrize("process", [textwrap.dedent(_LOSING_THE_CLUSTER)], indirect=True)
def test_a_cluster_that_is_lost_is_told_from_a_task_that_fails(process: "subprocess.Popen[str]") -> None:
    assert process.stdout is not None
    process.stdout.readline()
    started = descendants(process.pid)
    (raylet,) = [pid for pid in started if any(word.endswith("/raylet") for word in words(pid)[:1])]
    os.kill(raylet, signal.SIGKILL)
    process.send_signal(signal.SIGTERM)
    *_, told, closed = process.stdout.read().splitlines()  # Ray prints much about it before
    assert "a new process must take over" in told
    assert closed == "closed"
    assert process.wait() == 0
    until_ended(started)


@pytest.mark.parametrize("process", [""], indirect=True)
def test_a_killed_process_leaves_nothing_to_the_next_one(process: "subprocess.Popen[str]") -> None:
    assert process.stdout is not None
    _, folder = process.stdout.readline().split()
    started = descendants(process.pid)
    process.kill()
    process.wait()
    remove_left_behind()
    assert [words(pid) for pid in started if not has_ended(pid)] == []
    assert not Path(folder).exists()
