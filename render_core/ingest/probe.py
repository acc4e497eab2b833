"""Probing a file that may be hostile: in a child process that can neither harm nor hang this one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import render_core
from render_core.errors import MediaError
from render_core.ingest.sniff import sniff
from render_core.spec import MediaInfo

_PACKAGES = Path(render_core.__file__).parent.parent


def probe_untrusted(path: Path, *, timeout_s: float = 60) -> MediaInfo:
    """What the file is, found out in a child with 1.5 GB of memory, 30 s of CPU and no right to write.

    Safe to call from threads: the child is a fresh interpreter, not a fork.

    Args:
        path: The file.
        timeout_s: Wall time after which the child is ended.

    Raises:
        MediaError: With a sentence for the user, if the file is not of an accepted kind or cannot be used.
    """
    sniff(path)
    command = [sys.executable, "-m", "render_core.ingest.child", str(path.absolute())]
    try:
        # The command is made of our own module and an absolute path: nothing is left to a shell.
        done = subprocess.run(  # noqa: S603 (see above)
            command, env=_environment(), stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise MediaError(path.name, "Reading the file took too long. Convert it and upload it again.") from error
    if done.returncode != 0:
        raise MediaError(path.name, "The file could not be read safely. Convert it and upload it again.")
    answer = json.loads(done.stdout)
    if "problem" in answer:
        raise MediaError(path.name, answer["problem"])
    return MediaInfo.model_validate(answer["info"])


def _environment() -> dict[str, str]:
    """No secrets of the parent; no threads; nothing written beside the sources."""
    return {
        "PATH": os.defpath,
        "PYTHONPATH": str(_PACKAGES),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OPENCV_FOR_THREADS_NUM": "1",
    }
