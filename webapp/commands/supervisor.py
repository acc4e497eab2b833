"""A few programs kept running together: started in order, restarted when they fall, ended without a trace."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex

RUN_MARK = "REELGROVE_RUN"
"""Environment variable that every process of one run inherits, so that the last stray can be found."""

_PR_SET_PDEATHSIG = 1
_RESTART_DELAYS_S = (1, 2, 5, 10)
_STABLE_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to start.

    Attributes:
        name: For messages and the log file.
        environment: Added to that of this process.
        grace_s: Seconds between the polite signal and the end.
    """

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    grace_s: float = 10.0


@dataclass(slots=True)
class _Running:
    program: Program
    process: subprocess.Popen[bytes]
    started_at: float
    falls: int = 0
    due_at: float | None = None


class Supervisor:
    """Runs programs in sessions of their own, each with a log file, and ends all of them and their children.

    Args:
        logs: Folder of the log files.
        on_fall: Called with the program and its exit code when it ended by itself.
    """

    def __init__(self, logs: Path, on_fall: Callable[[Program, int], None]) -> None:
        self._logs = logs
        self._on_fall = on_fall
        self._mark = token_hex(8)
        self._running: list[_Running] = []

    def start(self, program: Program) -> None:
        """Start a program; it is looked after from now on."""
        self._running.append(_Running(program, self._spawn(program), time.monotonic()))

    def tend(self) -> None:
        """Restart what has fallen, a little later each time. Call it every second or so."""
        now = time.monotonic()
        for running in self._running:
            if running.due_at is not None:
                if now >= running.due_at:
                    running.process, running.started_at = self._spawn(running.program), now
                    running.due_at = None
            elif (code := running.process.poll()) is not None:
                falls = 0 if now - running.started_at > _STABLE_S else running.falls
                running.due_at = now + _RESTART_DELAYS_S[min(falls, len(_RESTART_DELAYS_S) - 1)]
                running.falls = falls + 1
                self._on_fall(running.program, code)

    def stop(self) -> None:
        """End everything; nothing of this run is left when it returns."""
        for running in reversed(self._running):
            running.process.terminate()
        began = time.monotonic()
        for running in self._running:
            _end(running.process, began + running.program.grace_s - time.monotonic())
        self._running.clear()
        self._end_strays()

    def log_of(self, program: Program) -> Path:
        """The file that holds what the program printed."""
        return self._logs / f"{program.name}.log"

    def _spawn(self, program: Program) -> subprocess.Popen[bytes]:
        self._logs.mkdir(parents=True, exist_ok=True)
        with self.log_of(program).open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - our own programs
                program.argv,
                env=os.environ | dict(program.environment) | {RUN_MARK: self._mark},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches only the supervisor, which ends the rest in order
                preexec_fn=_end_with_parent,  # noqa: PLW1509 - this process has no threads when it spawns
            )

    def _end_strays(self) -> None:
        for sign in (signal.SIGTERM, signal.SIGKILL):
            strays = _processes_marked(self._mark)
            for pid in strays:
                _signal(pid, sign)
            _wait_until(lambda strays=strays: not any(_is_alive(pid) for pid in strays), 5.0)  # type: ignore[misc]


def _end_with_parent() -> None:
    """A killed supervisor must not leave servers behind (Linux only; elsewhere Ctrl-C still ends them)."""
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    except (OSError, AttributeError):
        return


def _end(process: subprocess.Popen[bytes], grace_s: float) -> None:
    try:
        process.wait(max(0.0, grace_s))
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _processes_marked(mark: str) -> list[int]:
    wanted = f"{RUN_MARK}={mark}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        try:
            if wanted in entry.read_bytes().split(b"\0"):
                found.append(int(entry.parent.name))
        except OSError:
            continue
    return [pid for pid in found if pid != os.getpid()]


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _signal(pid: int, sign: signal.Signals) -> None:
    try:
        os.kill(pid, sign)
    except ProcessLookupError:
        return


def _wait_until(is_done: Callable[[], bool], timeout_s: float) -> bool:
    deadline = time.monotonic() + timeout_s
    while not (done := is_done()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return done
