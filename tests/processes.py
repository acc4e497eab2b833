"""Processes as /proc shows them."""

import time
from collections.abc import Callable, Iterable
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


def until(is_true: Callable[[], bool], timeout_s: float = 120, every_s: float = 0.005) -> None:
    """Wait for something that must come."""
    deadline = time.monotonic() + timeout_s
    while not is_true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(every_s)


def until_ended(pids: Iterable[int]) -> None:
    """Wait until none of these processes is left. One that has ended but was not waited for counts as ended."""
    until(lambda: not any(words(pid) != [""] and words(pid) for pid in pids), 30)
