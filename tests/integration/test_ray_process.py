"""A process that owns a local Ray: started anywhere, ended by SIGTERM."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from cluster.storage import LocalObjectStore
from tests.factories import lip_sync_spec, stored
from tests.processes import descendants, until_ended

pytestmark = pytest.mark.ray
ROOT = Path(__file__).parents[2]

_PROGRAM = """
    import signal, sys, threading
    sys.path.insert(0, {root!r})
    from pathlib import Path
    from cluster.runtime import RayRuntime, RaySettings
    from cluster.storage import LocalObjectStore
    from cluster.work import PlanTask
    from render_core.spec import RenderSpec

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    runtime = RayRuntime(LocalObjectStore(Path({objects!r})), RaySettings(num_cpus=1))
    spec = RenderSpec.model_validate_json(sys.stdin.read())
    runtime.submit(PlanTask(spec=spec, keys=("plan",), label="plan:here"))
    outcomes = ()
    while not outcomes:
        outcomes = runtime.poll(1.0)
    print(len(outcomes[0].result.cells), runtime._folder, flush=True)
    stop.wait()
    runtime.close()
    print("closed")
"""


def test_a_process_started_anywhere_ends_with_all_its_own(tmp_path: Path) -> None:
    objects = LocalObjectStore(tmp_path / "objects")
    spec = stored(lip_sync_spec(tmp_path, seconds=3), objects)
    program = textwrap.dedent(_PROGRAM).format(root=str(ROOT), objects=str(objects.root))
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
            _end_in_the_middle(process, spec.model_dump_json())
        finally:
            process.kill()


def _end_in_the_middle(process: "subprocess.Popen[str]", spec: str) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(spec)
    process.stdin.close()
    cells, folder = process.stdout.readline().split()
    assert cells == "2"
    started = descendants(process.pid)
    assert len(started) > 3
    process.send_signal(signal.SIGTERM)
    assert process.stdout.read() == "closed\n"
    assert process.wait() == 0
    until_ended(started)
    assert not Path(folder).exists()
