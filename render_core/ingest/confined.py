"""Running the confined child: what it tells on the way, and what its end means."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import render_core
from render_core.errors import MediaError, RenderCoreError

_LONGEST_LINE = 1 << 22
_PACKAGES = Path(render_core.__file__).parent.parent
UNSAFE = "The file could not be read safely. Convert it and upload it again."
_TOO_LONG = "Reading the file took too long. Convert it and upload it again."
_OF_ITS_OWN = {signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGABRT, signal.SIGSYS}


class ChildFailedError(RenderCoreError):
    """The confined child ended in a way that nobody foresaw; trying again may help.

    Args:
        source: The file's name.
        problem: What is known, for the log.
    """

    def __init__(self, source: str, problem: str) -> None:
        super().__init__(source, problem)
        self.source = source
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.source}: {self.problem}"


def run_confined(
    path: Path,
    verb: str,
    *arguments: str,
    timeout_s: float,
    on_progress: Callable[[int, int], None] | None = None,
    needs_wall: bool = False,
) -> dict[str, Any]:
    """Let the child do something with a file. Safe to call from threads: it is a fresh interpreter, not a fork.

    Args:
        path: The file.
        verb: ``probe`` or ``prepare``.
        arguments: What else the child is told.
        timeout_s: Wall time after which the child is ended.
        on_progress: Told of steps done and in all; what it raises ends the child.
        needs_wall: Do nothing on a machine whose kernel cannot refuse it the files of others.

    Raises:
        MediaError: With a sentence for the user, if the file is at fault.
        MemoryError: If the machine ran out of memory.
        OSError: If the disk is full or out of order.
        ChildFailedError: If something else went wrong.
    """
    answer: dict[str, Any] = {}
    need = "walled" if needs_wall else "anywhere"
    with _started(need, verb, *arguments) as child, _ended_after(timeout_s, child) as is_late:
        for answer in _lines(child):
            if "done" in answer and on_progress is not None:
                on_progress(answer["done"], answer["total"])
    if is_late.is_set():
        raise MediaError(path.name, _TOO_LONG)
    if child.returncode != 0:
        raise _fate(path.name, -child.returncode)
    return _checked(path.name, answer)


@contextmanager
def _started(*arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    """The child; it does not outlive the block."""
    command = [sys.executable, "-m", "render_core.ingest.child", str(os.getpid()), *arguments]
    # The command is made of our own module and absolute paths: nothing is left to a shell.
    with subprocess.Popen(  # noqa: S603 (see above)
        command, env=_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as child:
        try:
            yield child
        except BaseException:
            child.kill()
            raise


@contextmanager
def _ended_after(seconds: float, child: "subprocess.Popen[bytes]") -> Iterator[threading.Event]:
    """Kill the child when the time is over; the event says so."""
    is_late = threading.Event()

    def end() -> None:
        is_late.set()
        child.kill()

    timer = threading.Timer(seconds, end)
    timer.start()
    try:
        yield is_late
        child.wait()
    finally:
        timer.cancel()


def _lines(child: "subprocess.Popen[bytes]") -> Iterator[dict[str, Any]]:
    """What the child says. Half a line comes from one that was killed, or is to be."""
    if child.stdout is None:
        return
    while line := child.stdout.readline(_LONGEST_LINE):
        if not line.endswith(b"\n"):
            child.kill()
            return
        yield json.loads(line)


def _fate(name: str, number: int) -> Exception:
    """What a signal means that ended the child. Nobody but the kernel sends SIGKILL, for lack of memory."""
    if number in {signal.SIGXCPU, signal.SIGALRM}:
        return MediaError(name, _TOO_LONG)
    if number in _OF_ITS_OWN:
        return MediaError(name, UNSAFE)
    return MemoryError() if number == signal.SIGKILL else ChildFailedError(name, f"ended with {-number}")


def _checked(name: str, answer: dict[str, Any]) -> dict[str, Any]:
    if "problem" in answer:
        raise MediaError(name, answer["problem"])
    if "errno" in answer:
        raise OSError(answer["errno"], os.strerror(answer["errno"]))
    if "info" not in answer:
        raise ChildFailedError(name, answer.get("failure", "said nothing"))
    return answer


def _environment() -> dict[str, str]:
    """No secrets of the parent; no threads; nothing written beside the sources."""
    return {
        "PATH": os.defpath,
        "PYTHONPATH": str(_PACKAGES),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OPENCV_FOR_THREADS_NUM": "1",
    }
