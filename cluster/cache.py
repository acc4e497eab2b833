"""A folder of local copies of remote objects, bounded in size."""

import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_KEEP_S = 15 * 60
"""A copy used this recently may be about to be opened: it is never dropped."""


@dataclass(frozen=True, slots=True)
class FileCache:
    """Files below ``root`` under their keys; several processes may share it.

    Attributes:
        limit_bytes: Beyond this sum the longest unused files are dropped.
    """

    root: Path
    limit_bytes: int

    def get(self, key: str, fetch: Callable[[str, Path], None]) -> Path:
        """The copy of ``key``; ``fetch(key, path)`` writes it when it is not there yet."""
        target = self.root / key
        try:
            os.utime(target)
        except FileNotFoundError:
            self._fill(key, target, fetch)
            self._trim()
        return target

    def _fill(self, key: str, target: Path, fetch: Callable[[str, Path], None]) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".")
        os.close(descriptor)
        temporary = Path(name)
        try:
            fetch(key, temporary)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)

    def _trim(self) -> None:
        entries = sorted(_entries(self.root))
        total = sum(size for _, size, _ in entries)
        for used_at, size, path in entries:
            if total <= self.limit_bytes or used_at > time.time() - _KEEP_S:
                return
            path.unlink(missing_ok=True)
            total -= size


def _entries(root: Path) -> list[tuple[float, int, Path]]:
    """Time of last use, size and path of every file."""
    found = []
    for path in root.rglob("*"):
        try:
            status = path.stat()
        except FileNotFoundError:
            continue
        if path.is_file():
            found.append((status.st_mtime, status.st_size, path))
    return found
