"""Folders for what is made on the way. A worker may be killed at any moment: the next one clears up after it."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = "reelgrove-work-"


@contextmanager
def scratch_folder(place: Path | None = None) -> Iterator[Path]:
    """A folder of this process, gone at the end; those that dead processes have left beside it go now.

    Args:
        place: Where it is made; None is the system's place for temporary files.
    """
    beside = Path(tempfile.gettempdir()) if place is None else place
    for left in beside.glob(f"{_PREFIX}*-*"):
        if _is_left(left):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{os.getpid()}-", dir=beside) as folder:
        yield Path(folder)


def _is_left(folder: Path) -> bool:
    pid = folder.name.removeprefix(_PREFIX).partition("-")[0]
    return pid.isdigit() and not _is_alive(int(pid))


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
