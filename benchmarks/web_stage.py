"""The web server as it is started in production, on data of its own: what benchmarks of the web process stand on."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.webapp.servers import free_port, run_postgres, run_redis
from webapp.commands.supervisor import Program, Supervisor
from webapp.container import Container, build_container
from webapp.db import migrate
from webapp.settings import AppSettings, DatabaseSettings, RedisSettings, Settings
from webapp.ui.build import build_frontend
from webapp.ui.serve import web_command

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class WebStage:
    """Where it is played.

    Attributes:
        container: The same services, for who watches and prepares.
        site: The web server's address.
        web_pid: Its first process; the workers are its children.
    """

    container: Container
    site: str
    web_pid: int

    def cpu_s(self) -> float:
        """Time that the web server's processes have spent so far, in seconds."""
        return _cpu_s(self.web_pid)


@contextmanager
def web_stage(*, is_postgres: bool, workers: int = 1) -> Iterator[WebStage]:
    """Redis, a database, and ``workers`` web processes that share a port."""
    build_frontend()
    with ExitStack() as open_things:
        folder = Path(open_things.enter_context(tempfile.TemporaryDirectory()))
        redis_url = open_things.enter_context(run_redis())
        database = open_things.enter_context(run_postgres()) if is_postgres else ""
        settings = Settings(
            app=AppSettings(data_dir=folder),
            database=DatabaseSettings(database_url=database),
            redis=RedisSettings(redis_url=redis_url),
        )
        migrate(settings)
        port = free_port()
        argv, environment = web_command(port, workers, redis_url=redis_url, scratch=folder / "web")
        web = Program(name="web", argv=argv, environment=environment | _settings(folder, database, redis_url))
        supervisor = Supervisor(folder / "logs", lambda _program, _code: None)
        open_things.callback(supervisor.stop)
        supervisor.start(web)
        site = f"http://localhost:{port}"
        _until(lambda: httpx.get(f"{site}/healthz").is_success)
        container = build_container(settings)
        open_things.callback(container.close)
        yield WebStage(container, site, _listening_on(port))


def _settings(folder: Path, database: str, redis_url: str) -> dict[str, str]:
    """Requests are bounded as ever, but nobody meets the bound."""
    return {
        "REELGROVE_DATA_DIR": str(folder),
        "REELGROVE_DATABASE_URL": database,
        "REELGROVE_REDIS_URL": redis_url,
        "REELGROVE_RATE_RENDERS": "1000000",
    }


def _until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if is_so():
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise TimeoutError


def _listening_on(port: int) -> int:
    """The program that was started with this port in its arguments; workers are its children."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and f"--port\0{port}\0".encode() in _read(folder / "cmdline"):
            return int(folder.name)
    raise LookupError(port)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _cpu_s(pid: int) -> float:
    """Time that a process and its children have spent so far, in seconds."""
    own = _read(Path(f"/proc/{pid}/stat")).rpartition(b")")[2].split()
    children = _read(Path(f"/proc/{pid}/task/{pid}/children")).split()
    return (int(own[11]) + int(own[12])) / _TICKS_PER_S + sum(_cpu_s(int(child)) for child in children)
