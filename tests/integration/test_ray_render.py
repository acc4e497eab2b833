"""Whole renders through a real local Ray: what a dead worker, a restart and a cancellation cost."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import av
import pytest
import ray
from ray import cloudpickle
from structlog.testing import capture_logs

from cluster.jobs import JobState
from cluster.runtime import RayRuntime, RaySettings
from cluster.runtime.endings import Endings
from cluster.runtime.reports import actor_name
from cluster.storage import LocalObjectStore
from cluster.tasks import plan_render
from cluster.work import CellsTask, PlanTask
from render_core.spec import RenderSpec
from tests.driver import Driver
from tests.factories import lip_sync_spec, stored
from tests.processes import children, descendants, held, until, until_ended, words

pytestmark = pytest.mark.ray
ROOT = Path(__file__).parents[2]
cloudpickle.register_pickle_by_value(sys.modules[__name__])


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> LocalObjectStore:
    return LocalObjectStore(tmp_path_factory.mktemp("objects"))


@pytest.fixture(scope="module")
def runtime(objects: LocalObjectStore) -> Iterator[RayRuntime]:
    """A local Ray with two CPUs; afterwards none of its processes is left."""
    before = set(children(os.getpid()))
    runtime = RayRuntime(objects, RaySettings(num_cpus=2))
    yield runtime
    begun = set(children(os.getpid())) - before
    ours = begun.union(*map(descendants, begun))
    runtime.close()
    until_ended(ours)


@pytest.fixture
def cluster(objects: LocalObjectStore, runtime: RayRuntime) -> Iterator[Driver]:
    cluster = Driver(objects, runtime)
    cluster.forget_cells()
    yield cluster
    cluster.stop()
    until(lambda: not workers_at("cell:"))  # else they would store for the next test


@pytest.fixture
def quick(objects: LocalObjectStore, tmp_path: Path) -> RenderSpec:
    """A video of three cells that takes no time."""
    return stored(lip_sync_spec(tmp_path, seconds=6), objects)


@pytest.fixture
def slow(objects: LocalObjectStore, tmp_path: Path) -> RenderSpec:
    """A video of four cells that takes long enough for one of them to be held."""
    return stored(lip_sync_spec(tmp_path, seconds=8, scale=0.5), objects)


@pytest.fixture
def large(objects: LocalObjectStore, tmp_path: Path) -> RenderSpec:
    """A video of four cells, each of which is worked at for a second at least, on whatever machine."""
    return stored(lip_sync_spec(tmp_path, seconds=8, scale=1, fps="60"), objects)


@pytest.fixture
def lasting(objects: LocalObjectStore, tmp_path: Path) -> RenderSpec:
    """A video of so many and such large cells that nobody waits for its end."""
    return stored(lip_sync_spec(tmp_path, seconds=2, scale=1, duration=120), objects)


def workers_at(prefix: str) -> list[int]:
    """Workers of this process's Ray that are at a task (or actor) of this name now: Ray writes it into their title."""
    raylets = [pid for pid in children(os.getpid()) if "".join(words(pid)[:1]).endswith("/raylet")]
    workers = (pid for raylet in raylets for pid in children(raylet))
    return [pid for pid in workers if " ".join(words(pid)).startswith(f"ray::{prefix}")]


def test_a_job_becomes_a_video(cluster: Driver, quick: RenderSpec) -> None:
    cluster.enqueue("j", quick)
    row = cluster.ended("j")
    assert row.state is JobState.COMPLETED, row.failure
    assert row.output is not None
    with av.open(str(cluster.objects.materialise(row.output.key))) as video:
        assert sum(1 for _ in video.decode(video=0)) == row.output.frame_count == 180
        assert video.streams.audio


def test_the_second_render_of_a_video_renders_nothing(cluster: Driver, quick: RenderSpec) -> None:
    first = cluster.rendered("j1", quick)
    assert cluster.rendered("j2", quick) == first
    cluster.stop()  # what the row says is told a moment later
    assert cluster.sink.published[-1].cells_cached == 3


def test_progress_moves_frame_by_frame(cluster: Driver, large: RenderSpec) -> None:
    cluster.enqueue("j", large)
    beginnings = {0, 1}  # and one more for the sound is what would be told if nothing were heard of frames
    until(lambda: len(set(cluster.percents("j", cells_done=0)) - beginnings) > 2)
    cluster.stop()
    assert cluster.percents("j") == sorted(cluster.percents("j"))


def test_a_killed_worker_costs_a_retry_not_the_job(cluster: Driver, slow: RenderSpec) -> None:
    undisturbed = cluster.rendered("calm", slow)
    cluster.forget_cells()
    with capture_logs() as logs:
        cluster.enqueue("j", slow)
        with held(lambda: workers_at("cell:j")) as (worker,):
            os.kill(worker, signal.SIGKILL)
        row = cluster.ended("j")
    assert row.state is JobState.COMPLETED, row.failure
    assert row.output is not None
    assert row.output.sha256 == undisturbed
    failed = [entry for entry in logs if entry["event"].endswith(".task_failed")]
    assert [(entry["fault"], entry["will_retry"]) for entry in failed] == [("worker_died", True)]


def test_a_killed_progress_actor_costs_no_job(cluster: Driver, slow: RenderSpec) -> None:
    cluster.enqueue("j", slow)
    with held(lambda: workers_at("cell:j")):
        until(lambda: bool(workers_at("RenderProgress")))
        (killed,) = workers_at("RenderProgress")
        os.kill(killed, signal.SIGKILL)
    assert cluster.ended("j").state is JobState.COMPLETED
    until(lambda: bool(set(workers_at("RenderProgress")) - {killed}))
    assert cluster.percents("j") == sorted(cluster.percents("j"))


def test_a_progress_actor_that_is_gone_for_good_is_replaced(cluster: Driver, slow: RenderSpec) -> None:
    cluster.enqueue("j", slow)
    with capture_logs() as logs, held(lambda: workers_at("cell:j")):  # nobody asks the actor when the work is done
        ray.kill(ray.get_actor(actor_name(), namespace="reelgrove"))
        until(lambda: {"event": "cluster.progress_actor_replaced", "log_level": "warning"} in logs)
    assert cluster.ended("j").state is JobState.COMPLETED
    assert ray.get_actor(actor_name(), namespace="reelgrove")


def test_a_restarted_dispatcher_takes_the_job_over(cluster: Driver, slow: RenderSpec) -> None:
    undisturbed = cluster.rendered("calm", slow)
    cluster.forget_cells()
    cluster.enqueue("j", slow)
    with held(lambda: workers_at("cell:j")):
        until(lambda: any(True for _ in cluster.objects.keys("cells/")))
        cluster.stop()
    assert cluster.rows.row("j").state is JobState.PROCESSING
    cluster.start("second")
    row = cluster.ended("j")
    cluster.stop()  # what the row says is told a moment later
    assert row.output is not None
    assert (row.output.sha256, row.request.attempt) == (undisturbed, 2)
    assert cluster.sink.published[-1].cells_cached > 0


def test_cancelling_stops_the_workers(cluster: Driver, lasting: RenderSpec) -> None:
    cluster.enqueue("j", lasting)
    until(lambda: bool(workers_at("cell:j")))
    cluster.rows.cancel("j")
    until(lambda: cluster.sink.published[-1].state is JobState.CANCELLED)
    until(lambda: not workers_at("cell:j"))
    assert cluster.rows.row("j").state is JobState.CANCELLED
    assert len(list(cluster.objects.keys("cells/"))) < 60


def test_what_waits_at_ray_never_starts(runtime: RayRuntime, objects: LocalObjectStore, lasting: RenderSpec) -> None:
    cells = plan_render(lasting, objects).cells
    tasks = [
        CellsTask(
            spec=lasting, keys=tuple(f"cells/w/{n}/{each.index}" for each in cells), label=f"cell:w:{n}", cells=cells
        )
        for n in range(5)
    ]
    handles = [runtime.submit(task) for task in tasks]
    until(lambda: len(workers_at("cell:w")) == 2)
    begun = {n for n in range(5) if workers_at(f"cell:w:{n}")}
    for handle in reversed(handles):
        runtime.cancel(handle)
    until(lambda: not workers_at("cell:w"))
    after = runtime.submit(PlanTask(spec=lasting, keys=("plan",), label="plan:after"))
    until(lambda: after in {outcome.handle for outcome in runtime.poll(1.0)})
    assert {int(key.split("/")[2]) for key in objects.keys("cells/w/")} <= begun


def test_a_task_that_hears_nothing_is_ended_by_force(runtime: RayRuntime) -> None:
    assert runtime.capacity()
    endings = Endings()
    ref = ray.remote(max_retries=0)(_deaf).options(name="deaf").remote()
    until(lambda: bool(workers_at("deaf")))
    endings.ask(ref)
    endings.close()
    until(lambda: not workers_at("deaf"))


def _deaf() -> None:
    """Runs on a worker: waits in C, where no interrupt is heard."""
    ctypes.CDLL(None).sleep(3600)


def test_bad_media_fail_the_job_with_a_sentence(cluster: Driver, quick: RenderSpec) -> None:
    cluster.objects.put_bytes(quick.assets["lipSyncVideo"][0].key, b"this is not a video")
    cluster.enqueue("j", quick)
    row = cluster.ended("j")
    assert row.failure is not None
    assert row.failure.code == "invalid_input"
    assert "Traceback" not in row.failure.message


_JOINING = """
import sys
from pathlib import Path
import ray
from cluster.runtime import RayRuntime, RaySettings
from cluster.runtime.reports import actor_name
from cluster.storage import LocalObjectStore
from cluster.work import PlanTask
from render_core.spec import RenderSpec

spec = RenderSpec.model_validate_json(sys.stdin.read())
runtime = RayRuntime(LocalObjectStore(Path(sys.argv[2])), RaySettings(address=sys.argv[1]))
runtime.submit(PlanTask(spec=spec, keys=("plan",), label="plan"))
outcomes = ()
while not outcomes:
    outcomes = runtime.poll(1.0)
own = ray.get_actor(actor_name(), namespace="reelgrove")
print(runtime.capacity(), len(outcomes[0].result.cells), own._ray_actor_id.job_id.hex() in actor_name())
runtime.close()
"""


def test_a_process_can_join_a_running_cluster(cluster: Driver, quick: RenderSpec) -> None:
    address = ray.get_runtime_context().gcs_address
    joined = subprocess.run(
        [sys.executable, "-c", _JOINING, address, str(cluster.objects.root)],
        env={**os.environ, "RAY_AUTH_MODE": "token", "PYTHONPATH": str(ROOT)},
        input=quick.model_dump_json(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert joined.returncode == 0, joined.stderr
    cpus, cells, has_own_actor = joined.stdout.split()
    assert (cpus, cells) == ("2", "3")
    assert has_own_actor == "True", "the other process would take it along when it is killed"
    cluster.rendered("after", quick)


def test_only_what_renders_is_nice(cluster: Driver, slow: RenderSpec) -> None:
    cluster.enqueue("j", slow)
    with held(lambda: workers_at("cell:j")) as (worker,):
        niceness = _niceness(worker)
        (actor,) = workers_at("RenderProgress")
        assert niceness.pop(worker) == 15
        assert 0 in niceness.values()
        assert set(_niceness(actor).values()) == {0}
    assert cluster.ended("j").state is JobState.COMPLETED


def _niceness(pid: int) -> dict[int, int]:
    """Of each thread of a process."""
    fields = {
        each.parent.name: each.read_text().rpartition(")")[2].split()
        for each in Path(f"/proc/{pid}/task").glob("*/stat")
    }
    return {int(thread): int(numbers[16]) for thread, numbers in fields.items()}


def test_a_worker_has_loaded_nothing_of_the_web(cluster: Driver, quick: RenderSpec) -> None:
    cluster.rendered("j", quick)
    loaded = ray.get(ray.remote(_loaded).remote())
    assert {"cluster", "render_core", "av", "cv2"} <= loaded
    assert loaded & {"reflex", "fastapi", "sqlmodel", "sqlalchemy", "stripe", "webapp"} == set()


def _loaded() -> set[str]:
    """Runs on a worker."""
    import cluster.runtime  # noqa: F401 - whatever worker this is, it can do any task now

    return {name.partition(".")[0] for name in sys.modules}
