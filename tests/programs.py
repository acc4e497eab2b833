"""Programs that tests start, kill and start again, each found by its process id."""

import os
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tests.processes import descendants, until, until_ended

_STARTS_S = 600.0


class Program:
    """A program with the same command line each time it is started.

    Args:
        folder: Where it is started, and where what it prints is appended to a file of its name.
        is_ready: Whether it can be used; asked until it says so.
        tries: How often it is started before it is held to be broken.
    """

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        is_ready: Callable[["Program"], bool] = lambda _: True,
        tries: int = 1,
    ) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self._argv = tuple(argv)
        self._environment = dict(environment)
        self._is_ready = is_ready
        self._tries = tries
        self._process: subprocess.Popen[bytes] | None = None
        self._printed_before = 0

    @property
    def pid(self) -> int:
        assert self._process is not None, f"{self.name} was never started"
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def is_up(self) -> bool:
        """Whether it runs and can be used."""
        return self.is_running and self._is_ready(self)

    def start(self) -> "Program":
        """Start it; ``until_ready`` waits for it."""
        assert not self.is_running, f"{self.name} runs already"
        with self.log.open("ab") as log:
            self._printed_before = log.tell()
            self._process = subprocess.Popen(
                self._argv,
                env=self._environment,
                cwd=self.log.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self

    def until_ready(self) -> "Program":
        def is_ready() -> bool:
            if not self.is_running:
                self._tries -= 1
                assert self._tries, f"{self.name} did not start"
                self.start()
            return self._is_ready(self)

        try:
            until(is_ready, _STARTS_S)
        except AssertionError as error:
            error.add_note(f"{self.name} printed: {self.printed()[-2000:]}")
            raise
        return self

    def kill(self, sign: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal, and wait for the end where the signal means it."""
        os.kill(self.pid, sign)
        if sign not in {signal.SIGSTOP, signal.SIGCONT}:
            assert self._process is not None
            self._process.wait(240)

    def end(self, grace_s: float = 240) -> None:
        """Ask it to end, and wait until it has."""
        os.kill(self.pid, signal.SIGTERM)
        assert self._process is not None
        self._process.wait(grace_s)

    def kill_all(self) -> None:
        """Kill it together with all that it has started."""
        family = (self.pid, *descendants(self.pid))
        for pid in family:
            _kill(pid)
        assert self._process is not None
        self._process.wait(240)
        until_ended(family)

    def restart(self) -> "Program":
        """Start it again after it has ended, killed by somebody or here."""
        if self.is_running:
            self.kill()
        return self.start()

    def printed(self) -> str:
        """What it has printed since it was last started."""
        return self.log.read_bytes()[self._printed_before :].decode(errors="replace")


def marked(mark: str, folder: Path | None = None) -> set[int]:
    """Every process that has ``mark``, a ``NAME=value``, in its environment, or that was started in ``folder``.

    Some write their title over their environment: of those the folder tells.
    """
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            is_there = folder is not None and str((entry / "cwd").readlink()).startswith(str(folder))
            if is_there or mark.encode() in (entry / "environ").read_bytes().split(b"\0"):
                found.add(int(entry.name))
    return found - {os.getpid()}


def kill_marked(mark: str, folder: Path | None = None) -> None:
    """End every process with this mark, also those that are started meanwhile."""
    while left := marked(mark, folder):
        for pid in left:
            _kill(pid)
        until_ended(left)


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def is_open(port: int) -> bool:
    """Whether something listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
