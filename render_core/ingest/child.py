"""The confined process that looks at a file of a stranger, or makes it ready.

Run as ``python -m render_core.ingest.child <parent> <need> probe <file>`` or ``… <parent> <need> prepare <kind> <file>
<out> <poster>``, where the need is ``walled`` or ``anywhere``. It writes lines of JSON: ``{"done": …, "total": …}`` on
the way, and at the end ``{"info": …}`` with the media type of what it made, ``{"problem": …}`` for the user,
``{"errno": …}`` where the machine is at fault, or ``{"failure": …}`` for the log.
"""

import errno
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from render_core.ingest import landlock
from render_core.ingest.confine import Files, Limits, allow, confine

if TYPE_CHECKING:
    from render_core.spec import MediaKind

_LOOKING = Limits(memory_bytes=1_500_000_000, cpu_s=10, wall_s=180)
_WORKING = Limits(memory_bytes=2_000_000_000, cpu_s=7000, wall_s=3600, file_bytes=1_000_000_000)
"""Once a look has told how much processor time the file is worth: ``work_s``, which never asks for more than this."""
_MEMORY = "It takes too much memory to be opened. Make the picture smaller."
_TOO_LARGE = "It would be too large once prepared. Make it shorter or smaller."


def main() -> None:
    """Do what the command line says, and tell what came of it."""
    parent, need, verb, *arguments = sys.argv[1:]
    if need == "walled" and not landlock.is_available():
        _tell({"failure": landlock.MISSING})
    elif verb == "probe":
        confine(int(parent), Files(readable=(Path(arguments[0]),)), _LOOKING)
        _tell(_answer(_probe, arguments))
    else:
        _kind, path, out, _poster = arguments
        confine(int(parent), Files(readable=(Path(path),), writable=(Path(out).parent,)), _LOOKING, _WORKING)
        _tell(_answer(_prepare, arguments))


def _answer(act: Callable[..., dict[str, object]], arguments: list[str]) -> dict[str, object]:
    # Imported under the limits: whatever the libraries allocate counts.
    from render_core.errors import MediaError

    try:
        return act(*arguments)
    except MediaError as error:
        return {"problem": error.problem}
    except MemoryError:
        return {"problem": _MEMORY}
    except OSError as error:
        return {"problem": _TOO_LARGE} if error.errno == errno.EFBIG else {"errno": error.errno or errno.EIO}
    except Exception as error:  # noqa: BLE001 - the parent is to hear of it, whatever it is
        return {"failure": f"{type(error).__name__}: {error}"}


def _probe(path: str) -> dict[str, object]:
    from render_core.media.probe import probe

    return {"info": probe(Path(path)).model_dump(mode="json")}


def _prepare(kind: "MediaKind", path: str, out: str, poster: str) -> dict[str, object]:
    from render_core.ingest.normalise import judge, normalise, work_s
    from render_core.ingest.poster import poster_of

    source = Path(path)
    info = judge(source, kind)
    allow(replace(_WORKING, cpu_s=work_s(info)))
    made = normalise(info, source, Path(out), lambda done, total: _tell({"done": done, "total": total}))
    Path(poster).write_bytes(poster_of(Path(out), made.info))
    return made.model_dump(mode="json")


def _tell(line: dict[str, object]) -> None:
    sys.stdout.write(f"{json.dumps(line)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
