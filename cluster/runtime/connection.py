"""Getting a cluster: joining one that runs, or starting one on this machine and ending it without a trace."""

import logging
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import ray
import structlog
from ray.job_config import JobConfig

NAMESPACE = "reelgrove"
_FOLDER = "reelgrove-ray-"
_MARK = "REELGROVE_RAY_FOLDER"
"""Environment variable of all processes of a local cluster, so that the last of them can be found."""

_MIB = 1 << 20
_STARTS = 4
"""Ray gives the parts of a node 15 or 30 s to start, and a busy machine takes longer, above all the first time."""

T = TypeVar("T")
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RaySettings:
    """How to get a cluster.

    Attributes:
        address: Of a running cluster; ``RAY_AUTH_MODE=token`` and the token must be in this process's environment from
            its start. None starts a local cluster, for which Ray turns token authentication on by itself.
        num_cpus: Of the local one; None takes all of the machine.
        include_dashboard: Whether the local one serves Ray's dashboard, on loopback.
        dashboard_port: For it; None takes the first free one from 8265 on.
        object_store_bytes: Ray's shared memory; only messages go through it, so little is enough.
        task_memory_bytes: What a cell is expected to need; decides how many run on one machine.
        needs_wall: Uploads are read only on machines with Landlock.
    """

    address: str | None = None
    num_cpus: int | None = None
    include_dashboard: bool = False
    dashboard_port: int | None = None
    object_store_bytes: int = 100 * _MIB
    task_memory_bytes: int = 512 * _MIB
    needs_wall: bool = False


class Connection:
    """This process as a driver of a cluster. Ray knows one at a time in a process.

    Attributes:
        scratch: Folder for temporary files of the workers of a local cluster; None leaves it to each machine.
        dashboard: Address of Ray's dashboard; empty where there is none.
    """

    def __init__(self, settings: RaySettings) -> None:
        self._folder = None if settings.address else _new_folder()
        self.scratch = None if self._folder is None else self._folder / "scratch"
        with _sigterm_kept():
            url = _join(settings) if self._folder is None else _start(settings, self._folder)
        os.environ.pop(_MARK, None)  # what this process starts besides is none of the cluster's
        self.dashboard = f"http://{url}" if url else ""

    @property
    def is_local(self) -> bool:
        """Whether the cluster was started here, and ends here."""
        return self._folder is not None

    def close(self) -> None:
        """Leave; a cluster that was started here ends with all its processes and files."""
        ray.shutdown()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def process_environment(cpus: int) -> dict[str, str]:
    """What the processes of a cluster on this machine inherit."""
    root = str(Path(__file__).resolve().parents[2])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)),
        "RAY_worker_cap_enabled": "0",  # else throughput falls for good after an owner of tasks dies
        "RAY_task_oom_retries": "0",  # retries are the dispatcher's
        "RAY_worker_niceness": "0",  # only those of a worker's threads that render go after everything else
        "RAY_num_workers_soft_limit": str(cpus + 2),  # keep warm workers for short tasks too
        "RAY_DEDUP_LOGS": "0",  # lines of workers come as they are; read when Ray is imported
        "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # the new behaviour, without its warning
        "RAY_USAGE_STATS_ENABLED": "0",
    }


def _join(settings: RaySettings) -> str:
    return str(ray.init(address=settings.address, **_as_driver()).dashboard_url or "")


def _start(settings: RaySettings, folder: Path) -> str:
    how = _how_to_start(settings, folder)

    def clear() -> None:
        ray.shutdown()
        _kill_all_of(folder)
        shutil.rmtree(folder / "ray", ignore_errors=True)

    return patiently(lambda: str(ray.init(**how).dashboard_url or ""), clear)


def patiently(start: Callable[[], T], clear: Callable[[], None]) -> T:
    """What ``start`` gives, tried again when it fails, each time after ``clear``."""
    for _ in range(_STARTS - 1):
        try:
            return start()
        except Exception as error:  # noqa: BLE001 - Ray has no type for a node that was too slow
            log.warning("cluster.start_repeated", reason=str(error))
            clear()
    return start()


def _how_to_start(settings: RaySettings, folder: Path) -> dict[str, Any]:
    (folder / "scratch").mkdir()
    os.environ.update(process_environment(settings.num_cpus or os.cpu_count() or 1) | {_MARK: str(folder)})
    return {
        "address": "local",
        "num_cpus": settings.num_cpus,
        "include_dashboard": settings.include_dashboard,
        "dashboard_host": "127.0.0.1",
        "dashboard_port": settings.dashboard_port,
        "object_store_memory": settings.object_store_bytes,
        "_temp_dir": str(folder / "ray"),
        **_as_driver(),
    }


def _as_driver() -> dict[str, Any]:
    """Workers' lines come to this process's stderr as they were written: ours in JSON, libraries' by Ray's formatter.

    Ray would set this process's own logging up in the same way, were the configuration given to ``ray.init`` itself.
    """
    job = JobConfig()
    job.set_py_logging_config(ray.LoggingConfig(encoding="JSON", log_level="WARNING"))
    return {
        "namespace": NAMESPACE,
        "job_config": job,
        "log_to_driver": True,
        "configure_logging": False,
        "logging_level": logging.ERROR,
    }


def _new_folder() -> Path:
    """A private folder for a local cluster, which opens its own to everyone. Short, because sockets are in it."""
    remove_left_behind()
    return Path(tempfile.mkdtemp(prefix=f"{_FOLDER}{os.getpid()}-", dir="/tmp"))


def remove_left_behind() -> None:
    """End the local clusters whose drivers were killed: some of Ray's processes outlive them by a minute."""
    for left in Path("/tmp").glob(f"{_FOLDER}*-*"):  # noqa: S108 - made by mkdtemp
        pid = left.name.removeprefix(_FOLDER).partition("-")[0]
        if pid.isdigit() and not Path("/proc", pid).exists() and left.stat().st_uid == os.getuid():
            _kill_all_of(left)
            shutil.rmtree(left, ignore_errors=True)


def _kill_all_of(folder: Path) -> None:
    """Until none is found: some start others, and one that is just being started shows no environment yet."""
    while pids := [pid for pid in _other_processes() if _is_of(pid, folder)]:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.1)


def _other_processes() -> list[int]:
    return [int(each.name) for each in Path("/proc").glob("[0-9]*") if int(each.name) != os.getpid()]


def _is_of(pid: int, folder: Path) -> bool:
    """Whether it was started for the cluster in ``folder``.

    Ray's agents write their titles over their environment, but their logs are open in the folder.
    """
    with suppress(OSError):  # it is another user's, or has ended
        environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        return f"{_MARK}={folder}".encode() in environment or _has_open(pid, folder)
    return False


def _has_open(pid: int, folder: Path) -> bool:
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            if descriptor.readlink().is_relative_to(folder):
                return True
    return False


@contextmanager
def _sigterm_kept() -> Iterator[None]:
    """Ray puts its own SIGTERM handler in; who runs this process wants to end it in its own way."""
    is_main = threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGTERM)
    yield
    if is_main:
        signal.signal(signal.SIGTERM, before)
