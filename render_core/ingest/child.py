"""The confined process of ``probe_untrusted``: limits first, then one probe, one line of JSON.

Run as ``python -m render_core.ingest.child <path>``. It writes ``{"info": …}`` or ``{"problem": …}``.
"""

import json
import resource
import sys
from pathlib import Path

_LIMITS = (
    (resource.RLIMIT_AS, 1_500_000_000),
    (resource.RLIMIT_CPU, 30),
    (resource.RLIMIT_FSIZE, 0),
    (resource.RLIMIT_NOFILE, 64),
    (resource.RLIMIT_CORE, 0),
)


def confine() -> None:
    """Limit this process, for good: 1.5 GB of addresses, 30 s of CPU, no byte written to a file, 64 open files."""
    for limit, value in _LIMITS:
        resource.setrlimit(limit, (value, value))


def main() -> None:
    """Probe the file named on the command line and say what came of it."""
    confine()
    sys.stdout.write(json.dumps(_answer(Path(sys.argv[1]))))


def _answer(path: Path) -> dict[str, object]:
    # Imported under the limits: whatever the libraries allocate counts.
    from render_core.errors import MediaError
    from render_core.media.probe import probe

    try:
        return {"info": probe(path).model_dump(mode="json")}
    except MediaError as error:
        return {"problem": error.problem}
    except MemoryError:
        return {"problem": "Opening the file takes too much memory. Make the picture smaller."}


if __name__ == "__main__":
    main()
