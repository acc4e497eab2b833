"""Making a file that may be hostile ready for renders: in a child process that can neither harm nor hang this one."""

from collections.abc import Callable
from pathlib import Path

from render_core.ingest.confined import run_confined
from render_core.ingest.normalise import Normalised
from render_core.ingest.sniff import sniff
from render_core.spec import MediaKind

LONGEST_WALL_S = 3600.0
"""The most that can be asked for takes a quarter of it on a core of its own."""


def prepare_untrusted(
    path: Path,
    out: Path,
    poster: Path,
    kind: MediaKind,
    *,
    on_progress: Callable[[int, int], None] | None = None,
    needs_wall: bool = False,
) -> Normalised:
    """Write a uniform file of what the upload shows or sounds like, and a picture that stands for it.

    Args:
        path: The upload.
        out: Where to write, in a folder of its own: a child that is ended may leave parts beside it.
        poster: Where to write the picture, in that folder: see ``poster_of``.
        kind: What it must be.
        on_progress: Told of steps done and in all; what it raises ends the work.
        needs_wall: Do nothing on a machine whose kernel cannot refuse the child the files of others.

    Raises:
        MediaError: With a sentence for the user, if the file is not of that kind or cannot be used.
        MemoryError: If the machine ran out of memory.
        OSError: If the disk is full or out of order.
        ChildFailedError: If something else went wrong.
    """
    sniff(path)
    arguments = (kind, *(str(file.absolute()) for file in (path, out, poster)))
    answer = run_confined(
        path, "prepare", *arguments, timeout_s=LONGEST_WALL_S, on_progress=on_progress, needs_wall=needs_wall
    )
    return Normalised.model_validate(answer)
