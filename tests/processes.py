"""Processes as /proc shows them, and how to hold them where they are."""

import os
import signal
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def children(pid: int) -> list[int]:
    """Processes that ``pid`` has started."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def descendants(pid: int) -> list[int]:
    """Children, their children, and so on."""
    found = children(pid)
    return found + [each for child in found for each in descendants(child)]


def words(pid: int) -> list[str]:
    """The command line, or what the process has put in its place; empty when it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return []


def until(is_true: Callable[[], bool], timeout_s: float = 240, every_s: float = 0.005) -> None:
    """Wait for something that must come."""
    deadline = time.monotonic() + timeout_s
    while not is_true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(every_s)


def until_ended(pids: Iterable[int]) -> None:
    """Wait until none of these processes is left. One that has ended but was not waited for counts as ended."""
    awaited = tuple(pids)
    until(lambda: all(has_ended(pid) for pid in awaited))


def has_ended(pid: int) -> bool:
    """Whether it is gone, or has ended and nobody has asked how."""
    return words(pid) in ([], [""])


@contextmanager
def held(find: Callable[[], Collection[int]], count: int = 1) -> Iterator[list[int]]:
    """Hold so many of the processes that ``find`` knows where they are, until the block ends.

    ``find`` still knows them when they stand: what they were at is not done, however quick they are and however slow
    this process is.
    """
    standing: list[int] = []

    def are_held() -> bool:
        for pid in set(find()).difference(standing):
            if len(standing) < count and _is_held(pid, find):
                standing.append(pid)
        return len(standing) == count

    try:
        until(are_held)
        yield standing
    finally:
        for pid in standing:
            _signal(pid, signal.SIGCONT)


def _is_held(pid: int, find: Callable[[], Collection[int]]) -> bool:
    _signal(pid, signal.SIGSTOP)
    until(lambda: has_ended(pid) or _state(pid) == "T")
    if pid in find():
        return True
    _signal(pid, signal.SIGCONT)
    return False


def _state(pid: int) -> str:
    """One letter, as ps(1) shows it."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return ""


def _signal(pid: int, sign: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, sign)
