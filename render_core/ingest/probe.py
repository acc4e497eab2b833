"""Probing a file that may be hostile: in a child process that can neither harm nor hang this one."""

from pathlib import Path

from render_core.errors import MediaError
from render_core.ingest.confined import UNSAFE, ChildFailedError, run_confined
from render_core.ingest.sniff import sniff
from render_core.spec import MediaInfo


def probe_untrusted(path: Path, *, timeout_s: float = 60) -> MediaInfo:
    """What the file is, found out in a child with 1.5 GB of memory, 10 s of CPU and no other file to open.

    Args:
        path: The file.
        timeout_s: Wall time after which the child is ended.

    Raises:
        MediaError: With a sentence for the user, if the file is not of an accepted kind or cannot be used.
    """
    sniff(path)
    try:
        answer = run_confined(path, "probe", str(path.absolute()), timeout_s=timeout_s)
    except (ChildFailedError, MemoryError) as error:
        raise MediaError(path.name, UNSAFE) from error
    return MediaInfo.model_validate(answer["info"])
