import codecs
import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from redis import Redis
from redis.exceptions import AuthenticationError

from tests.processes import until
from tests.webapp.logins import come_in
from tests.webapp.servers import free_port
from webapp.commands.supervisor import RUN_MARK

pytestmark = [pytest.mark.ray, pytest.mark.timeout(2400)]

REELGROVE = Path(sys.executable).parent / "reelgrove"
CTRL_C = b"\x03"
_STARTS_S = 600
"""The front end may have to be built, and Ray to be started again."""


class Terminal:
    """`reelgrove up` in a terminal of its own, as a person runs it."""

    def __init__(self, data: Path, port: int) -> None:
        self.data, self.port, self.shown = data, port, ""
        environment = os.environ | {"REELGROVE_DATA_DIR": str(data)}
        self.pid, self._screen = pty.fork()
        if self.pid == 0:
            os.chdir(data.parent)  # the command works from any folder
            os.execve(REELGROVE, ["reelgrove", "up", "--port", str(port)], environment)
        self._code: int | None = None
        self._decode = codecs.getincrementaldecoder("utf-8")()

    def read_until(self, pattern: str) -> None:
        def is_shown() -> bool:
            is_open = self._read()
            assert is_open or re.search(pattern, self.shown), f"no {pattern!r}"
            return re.search(pattern, self.shown) is not None

        try:
            until(is_shown, _STARTS_S)
        except AssertionError as error:
            error.add_note(self.shown)
            raise

    def _read(self) -> bool:
        """Take in what is on the screen; False once the terminal has closed with its last program."""
        if select.select([self._screen], [], [], 0.2)[0]:
            try:
                self.shown += self._decode.decode(os.read(self._screen, 4096))
            except OSError:
                return False
        return True

    def press(self, keys: bytes) -> None:
        os.write(self._screen, keys)

    def exit_code(self) -> int:
        def has_ended() -> bool:
            self._read()  # whoever writes on a full screen never ends
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self._code = os.waitstatus_to_exitcode(status) if pid else None
            return self._code is not None

        if self._code is None:
            until(has_ended)
            os.close(self._screen)
        assert self._code is not None
        return self._code

    def close(self) -> None:
        """End it, if it has not ended."""
        if self._code is None:
            os.kill(self.pid, signal.SIGTERM)
            self.exit_code()

    def processes(self) -> set[int]:
        """Everything that was started by this run and is alive."""
        return {pid for pid in marked_processes() if run_of(pid) in self.runs()}

    def runs(self) -> set[str]:
        """The marks of this run, as its programs carry them."""
        return {run_of(pid) for pid in marked_processes() if f"REELGROVE_DATA_DIR={self.data}" in environment_of(pid)}


def environment_of(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []


def run_of(pid: int) -> str:
    return next((entry for entry in environment_of(pid) if entry.startswith(f"{RUN_MARK}=")), "")


def marked_processes() -> set[int]:
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return {pid for pid in pids if run_of(pid)}


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def log_in(port: int, name: str) -> str:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=240) as client:
        return come_in(client, name)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("up") / "data"


@pytest.fixture
def terminal(data: Path) -> Iterator[Terminal]:
    with closing(Terminal(data, free_port())) as terminal:
        yield terminal


def test_ctrl_c_leaves_no_process_port_or_lock_and_the_next_start_keeps_all_data(data: Path, terminal: Terminal):
    terminal.read_until("ready: http")
    user = log_in(terminal.port, "ada")
    terminal.read_until(r"dashboard: http://localhost:\d+ ")
    dashboard_port = int(terminal.shown.partition("dashboard: http://localhost:")[2].split()[0])
    assert not is_free(dashboard_port)
    run = terminal.runs()
    assert len(terminal.processes()) > 3

    terminal.press(CTRL_C)
    terminal.read_until("Stopped")
    assert terminal.exit_code() == 0
    assert [pid for pid in marked_processes() if run_of(pid) in run] == []
    assert is_free(terminal.port)
    assert is_free(dashboard_port)

    (data / "uploads").mkdir(exist_ok=True)
    left_behind = data / "uploads" / "partial"
    left_behind.write_bytes(b"cut off")
    with closing(Terminal(data, terminal.port)) as again:
        again.read_until("ready: http")
        assert not left_behind.exists()
        assert "Front end: built" not in again.shown
        assert log_in(again.port, "ada") == user
        again.press(CTRL_C)
        assert again.exit_code() == 0


def test_killed_supervisor_does_not_block_the_next_start(data: Path, terminal: Terminal):
    terminal.read_until("ready: http")
    run = terminal.runs()
    os.kill(terminal.pid, signal.SIGKILL)
    assert terminal.exit_code() == -signal.SIGKILL

    until(lambda: not any(run_of(pid) in run for pid in marked_processes()))
    with closing(Terminal(data, terminal.port)) as again:
        again.read_until("ready: http")
        again.press(CTRL_C)
        assert again.exit_code() == 0


def test_taken_port_is_named_with_the_way_out(tmp_path: Path):
    with socket.socket() as other:
        other.bind(("0.0.0.0", 0))
        other.listen()
        port = other.getsockname()[1]
        environment = os.environ | {"REELGROVE_DATA_DIR": str(tmp_path)}
        done = subprocess.run(
            [REELGROVE, "up", "--port", str(port)], env=environment, capture_output=True, text=True, check=False
        )
    assert done.returncode == 1
    assert f"port {port} is taken" in done.stderr
    assert f"make run PORT={port + 1}" in done.stderr


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """A run with data of its own, to be looked at and left alone."""
    with closing(Terminal(tmp_path_factory.mktemp("running") / "data", free_port())) as terminal:
        terminal.read_until("ready: http")
        yield terminal


def test_other_users_of_the_machine_can_neither_read_the_data_nor_talk_to_redis(running: Terminal):
    assert [path for path in (running.data, *running.data.rglob("*")) if path.lstat().st_mode & 0o077] == []
    entries = [entry for pid in running.processes() for entry in environment_of(pid)]
    url = next(entry.partition("=")[2] for entry in entries if entry.startswith("REELGROVE_REDIS_URL="))
    assert Redis.from_url(url).ping()
    with pytest.raises(AuthenticationError):
        Redis(port=urlsplit(url).port).ping()


def test_second_instance_on_the_same_data_is_refused_with_a_sentence(running: Terminal):
    environment = os.environ | {"REELGROVE_DATA_DIR": str(running.data)}
    command = [REELGROVE, "up", "--port", str(free_port())]
    second = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert "already runs on" in second.stderr
    assert "Traceback" not in second.stderr
