"""`reelgrove up`: a bell, a dispatcher and a web server on this machine, until Ctrl-C."""

import fcntl
import json
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TextIO
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from redis import Redis
from redis.exceptions import RedisError

from webapp.assets.demo import seed_demo_assets
from webapp.commands.embedded_redis import embedded_redis
from webapp.commands.supervisor import Program, Supervisor
from webapp.container import build_container
from webapp.db import migrate
from webapp.settings import ClusterSettings, Settings, load_settings
from webapp.ui.build import FrontendBuildError, build_frontend
from webapp.ui.serve import dev_command, web_command

_READY_TIMEOUT_S = 300.0
_RAY_TOKEN = "~/.ray/auth_token"  # noqa: S105 - a path; Ray makes the file


class CannotStartError(Exception):
    """Something on this machine is in the way; the text says what and what to do."""


def run_everything(port: int, *, is_dev: bool = False) -> int:
    """Start everything, say where it answers, and end all of it on Ctrl-C or SIGTERM. Returns the exit code."""
    began = time.monotonic()
    os.umask(0o077)  # what is written here, by any of the programs, is this user's alone
    settings = load_settings()
    try:
        with _only_one_in(settings.app.data_dir):
            _refuse_taken(port)
            _refuse_silent_redis(settings.redis.redis_url)
            _prepare(settings)
            return _serve(settings, port, began, is_dev=is_dev)
    except CannotStartError as error:
        print(f"reelgrove: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _serve(settings: Settings, port: int, began: float, *, is_dev: bool) -> int:
    supervisor = Supervisor(settings.app.data_dir / "logs", _report_fall)
    dashboard_port = _dashboard_port(settings.cluster)
    with _stop_signals() as stop:
        try:
            for program in _programs(settings, port, dashboard_port, is_dev=is_dev):
                supervisor.start(program)
            _wait_until_ready(port, supervisor, stop)
            if not stop:
                _say(f"\n  Reelgrove is ready: http://localhost:{port}   ({time.monotonic() - began:.1f} s)\n")
                if dashboard_port:
                    _say(f"  Ray's dashboard: http://localhost:{dashboard_port}   (the token is in {_RAY_TOKEN})\n")
                _say(f"  Logs in {settings.app.data_dir / 'logs'}. Ctrl-C stops everything.\n")
            while not stop:
                supervisor.tend()
                time.sleep(0.3)
        finally:
            _say("Stopping …")
            supervisor.stop()
            _say("Stopped.")
    return 0


def _prepare(settings: Settings) -> None:
    _say("Front end: looking for changes …")
    try:
        if build_frontend():
            _say("Front end: built")
    except FrontendBuildError as error:
        raise CannotStartError(f"the front end could not be built:\n{error}") from error
    shutil.rmtree(settings.app.uploads_dir, ignore_errors=True)  # parts of uploads that a killed server left behind
    _say("Database: migrating …")
    migrate(settings)
    container = build_container(settings)
    try:
        seed_demo_assets(container)
    finally:
        container.close()


def _programs(settings: Settings, port: int, dashboard_port: int, *, is_dev: bool) -> Iterator[Program]:
    data_dir, redis_url = settings.app.data_dir, settings.redis.redis_url
    if not redis_url:
        bell, redis_url = embedded_redis(data_dir)
        yield bell
    shared = {
        "REELGROVE_DATA_DIR": str(data_dir.absolute()),
        "REELGROVE_REDIS_URL": redis_url,
        "PYTHONUNBUFFERED": "1",
    }
    dispatcher = [sys.executable, "-m", "webapp.renders.dispatch"]
    ray = {"REELGROVE_RAY_DASHBOARD_PORT": str(dashboard_port), "RAY_DEDUP_LOGS": "0"}
    yield Program(name="dispatcher", argv=dispatcher, environment=shared | ray, grace_s=20.0)
    command = dev_command if is_dev else web_command
    argv, environment = command(port, redis_url=redis_url, scratch=data_dir / "web")
    yield Program(name="web", argv=argv, environment=shared | environment, grace_s=10.0)


def _dashboard_port(settings: ClusterSettings) -> int:
    """Where Ray's dashboard will answer: the port that was set, or the first free one; 0 when there will be none."""
    if settings.ray_address or not settings.ray_dashboard:
        return 0
    return settings.ray_dashboard_port or next(filter(_is_free, range(8265, 8365)), 0)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _wait_until_ready(port: int, supervisor: Supervisor, stop: list[int]) -> None:
    deadline = time.monotonic() + _READY_TIMEOUT_S
    while not stop and not _answers(port):
        if time.monotonic() > deadline:
            raise CannotStartError(f"nothing answered on port {port} within {_READY_TIMEOUT_S:.0f} s; see the logs")
        supervisor.tend()
        time.sleep(0.1)


def _answers(port: int) -> bool:
    """Whether the page is served and a dispatcher waits for renders."""
    try:
        with (
            urlopen(f"http://127.0.0.1:{port}/", timeout=5),
            urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as ready,
        ):
            services = json.load(ready)["services"]
    except (URLError, OSError):
        return False
    return all(state == "ok" for state in services.values())


@contextmanager
def _only_one_in(data_dir: Path) -> Iterator[None]:
    with _opened_lock(data_dir) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CannotStartError(
                f"Reelgrove already runs on {data_dir.absolute()}: stop it, or set REELGROVE_DATA_DIR to another one."
            ) from error
        yield


def _opened_lock(data_dir: Path) -> TextIO:
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        return (data_dir / "lock").open("w")
    except OSError as error:
        raise CannotStartError(
            f"the data folder {data_dir.absolute()} cannot be written ({error.strerror}): "
            "mend that, or set REELGROVE_DATA_DIR to another one."
        ) from error


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))  # noqa: S104 - only to see whether it is free
        except OSError as error:
            raise CannotStartError(f"port {port} is taken. Choose another: make run PORT={port + 1}") from error


def _refuse_silent_redis(url: str) -> None:
    if not url:
        return
    try:
        with closing(Redis.from_url(url, socket_connect_timeout=3, socket_timeout=3)) as redis:
            redis.ping()
    except (RedisError, ValueError) as error:
        place = urlsplit(url).netloc.rpartition("@")[2] or "the address given"
        raise CannotStartError(
            f"REELGROVE_REDIS_URL: no Redis answers at {place}. Start it, or leave it out for an embedded one."
        ) from error


@contextmanager
def _stop_signals() -> Iterator[list[int]]:
    """A list that gets the number of the first stop signal; further ones are ignored while things are ended."""
    received: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        received.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _report_fall(program: Program, code: int) -> None:
    _say(f"{program.name} ended with code {code}; starting it again …")


def _say(text: str) -> None:
    with suppress(BrokenPipeError):
        print(text, flush=True)
