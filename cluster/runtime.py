"""Ray: the only place that starts or joins it, and that applies ``ray.remote``, options and names."""

import logging
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray
import structlog
from ray import exceptions as ray_errors

from cluster import tasks
from cluster.policies import fault_of
from cluster.ports import ObjectStore
from cluster.progress import RenderProgress, Reporter
from cluster.work import AssembleTask, CellSnapshot, Fault, FaultKind, Handle, Outcome, PlanTask, Result, Task
from render_core.spec import AssetRef

log = structlog.get_logger(__name__)

NAMESPACE = "reelgrove"
_FOLDER = "reelgrove-ray-"

_GRACE_S = 5.0
"""Between asking a task to end and ending its process: a blocking call would not hear of the first."""
_SNAPSHOTS_EVERY_S = 0.1
_CAPACITY_EVERY_S = 1.0
_MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class RaySettings:
    """How to get a cluster.

    Attributes:
        address: Of a running cluster; ``RAY_AUTH_MODE=token`` and the token must be in this process's environment from
            its start. None starts a local cluster, for which Ray turns token authentication on by itself.
        num_cpus: Of the local one; None takes all of the machine.
        include_dashboard: Whether the local one serves Ray's dashboard, on loopback.
        dashboard_port: For it.
        object_store_bytes: Ray's shared memory; only messages go through it, so little is enough.
        task_memory_bytes: What a cell is expected to need; decides how many run on one machine.
    """

    address: str | None = None
    num_cpus: int | None = None
    include_dashboard: bool = False
    dashboard_port: int = 8265
    object_store_bytes: int = 100 * _MIB
    task_memory_bytes: int = 512 * _MIB


class ClusterLostError(Exception):
    """This process's Ray is gone for good, and no task can be started any more: a new process must take over."""

    def __str__(self) -> str:
        return "this machine's Ray has ended: a new process must take over"


class RayRuntime:
    """A ``Runtime`` on Ray. This process must live long: it owns the tasks. Not for several threads at once."""

    def __init__(self, objects: ObjectStore, settings: RaySettings) -> None:
        self._objects = objects
        self._settings = settings
        self._folder = None if settings.address else _new_folder()
        with _signals_kept():
            self._connect()
        self._run = ray.remote(max_retries=0)(_carry_out)
        self._progress = _new_progress()
        self._refs: dict[Any, Task] = {}
        self._ending: dict[Any, float] = {}
        self._snapshots: dict[str, CellSnapshot] = {}
        self._asked: Any = None
        self._ask_at = 0.0
        self._capacity = 0
        self._largest_memory = 0
        self._capacity_at = float("-inf")
        self._warm = [ray.remote(num_cpus=n, max_retries=0)(_warm_up).remote() for n in (*[1] * self.capacity(), 0)]

    def submit(self, task: Task) -> Handle:
        """Start a task as soon as a CPU is free; plans and assemblies are short and do not wait for one."""
        is_short = isinstance(task, PlanTask | AssembleTask)
        memory = min(self._settings.task_memory_bytes * task.memory_factor, self._largest_memory)
        options = self._run.options(name=task.label, num_cpus=0 if is_short else 1, memory=0 if is_short else memory)
        scratch = None if self._folder is None else self._folder / "scratch"
        ref = options.remote(task, self._objects, self._progress, scratch)
        self._refs[ref] = task
        return _handle(ref)

    def poll(self, timeout_s: float) -> tuple[Outcome, ...]:
        """Submissions that have ended since the last call; waits up to ``timeout_s`` for the first.

        Raises:
            ClusterLostError: If nothing can be submitted any more.
        """
        self._force_those_who_linger()
        if not self._refs:
            time.sleep(timeout_s)
            return ()
        ready, rest = ray.wait(list(self._refs), num_returns=1, timeout=timeout_s)
        if ready and rest:
            ready += ray.wait(rest, num_returns=len(rest), timeout=0)[0]
        return tuple(self._outcome(ref) for ref in ready)

    def cancel(self, handle: Handle) -> None:
        """Ask a task to end; ``poll`` ends it by force when it lingers."""
        ref = next((ref for ref in self._refs if _handle(ref) == handle), None)
        if ref is None:
            return
        self._forget(ref)
        self._ending[ref] = time.monotonic() + _GRACE_S
        ray.cancel(ref)

    def snapshots(self) -> Mapping[str, CellSnapshot]:
        """Latest known progress by the key of the work; asks the actor without waiting for its answer."""
        now = time.monotonic()
        if self._asked is not None and ray.wait([self._asked], timeout=0)[0]:
            self._hear()
        elif self._asked is None and self._refs and now >= self._ask_at:
            self._asked, self._ask_at = self._progress.snapshots.remote(), now + _SNAPSHOTS_EVERY_S
        return self._snapshots

    def capacity(self) -> int:
        """CPUs there are now, looked up once a second."""
        if time.monotonic() >= self._capacity_at + _CAPACITY_EVERY_S:
            nodes: list[dict[str, Any]] = ray.nodes()  # type: ignore[no-untyped-call]  # Ray has no types here
            alive = [node["Resources"] for node in nodes if node["Alive"]]
            self._capacity = int(sum(resources.get("CPU", 0) for resources in alive))
            self._largest_memory = int(max((resources.get("memory", 0) for resources in alive), default=0))
            self._capacity_at = time.monotonic()
        return self._capacity

    def close(self) -> None:
        """End all tasks and leave the cluster; one that was started here ends with all its processes."""
        for ref in (*self._refs, *self._ending):
            ray.cancel(ref, force=True)
        self._refs.clear()
        self._ending.clear()
        ray.shutdown()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _connect(self) -> None:
        quiet: dict[str, Any] = {
            "namespace": NAMESPACE,
            "log_to_driver": False,
            "configure_logging": False,
            "logging_level": logging.ERROR,
        }
        if self._folder is None:
            ray.init(address=self._settings.address, **quiet)
            return
        (self._folder / "scratch").mkdir()
        os.environ.update(process_environment(self._settings.num_cpus or os.cpu_count() or 1))
        ray.init(
            address="local",
            num_cpus=self._settings.num_cpus,
            include_dashboard=self._settings.include_dashboard,
            dashboard_host="127.0.0.1",
            dashboard_port=self._settings.dashboard_port,
            object_store_memory=self._settings.object_store_bytes,
            _temp_dir=str(self._folder / "ray"),
            **quiet,
        )

    def _outcome(self, ref: Any) -> Outcome:  # noqa: ANN401 - Ray's references have no public type
        self._forget(ref)
        try:
            result: Result = ray.get(ref)
        except ray_errors.LocalRayletDiedError as error:
            raise ClusterLostError from error
        except ray_errors.RayError as error:
            return Outcome(handle=_handle(ref), fault=_fault(error))
        return Outcome(handle=_handle(ref), result=result)

    def _forget(self, ref: Any) -> None:  # noqa: ANN401 - see above
        self._progress.forget.remote(self._refs.pop(ref).keys)

    def _force_those_who_linger(self) -> None:
        if not self._ending:
            return
        for ref in ray.wait(list(self._ending), num_returns=len(self._ending), timeout=0)[0]:
            del self._ending[ref]
        for ref, at in self._ending.items():
            if time.monotonic() > at:
                ray.cancel(ref, force=True)
                self._ending[ref] = float("inf")

    def _hear(self) -> None:
        """Take the actor's answer. It restarts by itself; one that is gone for good is replaced."""
        try:
            self._snapshots = {snapshot.key: snapshot for snapshot in ray.get(self._asked)}
        except ray_errors.ActorDiedError:
            log.warning("cluster.progress_actor_replaced")
            self._progress = _new_progress()
        except ray_errors.RayActorError:
            log.warning("cluster.progress_actor_away")
        self._asked = None


def _new_folder() -> Path:
    """A private folder for a local cluster, which opens its own to everyone. Short, because sockets are in it.

    Folders of processes that were killed are removed.
    """
    for left in Path("/tmp").glob(f"{_FOLDER}*"):  # noqa: S108 - made by mkdtemp
        pid = left.name.removeprefix(_FOLDER).partition("-")[0]
        if pid.isdigit() and not Path("/proc", pid).exists() and left.stat().st_uid == os.getuid():
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{_FOLDER}{os.getpid()}-", dir="/tmp"))


def _new_progress() -> Any:  # noqa: ANN401 - Ray makes the class
    return ray.remote(num_cpus=0, max_restarts=-1)(RenderProgress).remote()


def _handle(ref: Any) -> Handle:  # noqa: ANN401 - Ray's references have no public type
    return str(ref.hex())


def _carry_out(task: Task, objects: ObjectStore, progress: Any, scratch: Path | None) -> Result:  # noqa: ANN401 - an actor
    """Runs on a worker."""
    report = Reporter(progress.report.remote)
    place = tasks.Workplace(objects=objects, locate=_Locate(objects), report=report, scratch=scratch)
    return tasks.carry_out(task, place)


def _warm_up() -> None:
    """Runs on a worker: that it could be unpickled means that everything is imported.

    It stays a moment, so that the next one wakes another worker.
    """
    time.sleep(1.0)


@dataclass(frozen=True, slots=True)
class _Locate:
    objects: ObjectStore

    def __call__(self, asset: AssetRef) -> Path:
        return self.objects.materialise(asset.key)


def _fault(error: ray_errors.RayError) -> Fault:
    """The fact behind what Ray raises."""
    if isinstance(error, ray_errors.TaskCancelledError):
        return Fault(kind=FaultKind.CANCELLED, message="the task was cancelled from outside")
    if isinstance(error, ray_errors.RayTaskError):
        return fault_of(error.cause)
    if isinstance(error, ray_errors.OutOfMemoryError):
        kind = FaultKind.OUT_OF_MEMORY
    elif isinstance(error, ray_errors.WorkerCrashedError):
        kind = FaultKind.WORKER_DIED
    elif isinstance(error, ray_errors.NodeDiedError | ray_errors.ObjectLostError):
        kind = FaultKind.NODE_LOST
    else:
        kind = FaultKind.INTERNAL
    return Fault(kind=kind, message=f"{type(error).__name__}: {error}")


def process_environment(cpus: int) -> dict[str, str]:
    """What the processes of a cluster on this machine inherit."""
    root = str(Path(__file__).resolve().parent.parent)
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)),
        "RAY_worker_cap_enabled": "0",  # else throughput falls for good after an owner of tasks dies
        "RAY_task_oom_retries": "0",  # retries are the dispatcher's
        "RAY_num_workers_soft_limit": str(cpus + 2),  # keep warm workers for short tasks too
        "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # the new behaviour, without its warning
        "RAY_USAGE_STATS_ENABLED": "0",
    }


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Ray puts its own SIGTERM handler in; who runs this process wants to end it in its own way."""
    is_main = threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGTERM)
    yield
    if is_main:
        signal.signal(signal.SIGTERM, before)
