"""The key that the local issuer signs with: made at the first start, the same in all processes of the machine."""

import json
import os
import tempfile
from pathlib import Path

from joserfc.jwk import RSAKey

_BITS = 2048


def keep_key(path: Path) -> RSAKey:
    """The key in a file; a new one, readable by its owner alone, when there is none yet.

    Of several processes that make one at the same time, the first to put it there has made it for all.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _put(path, RSAKey.generate_key(_BITS, auto_kid=True))
    return RSAKey.import_key(json.loads(path.read_text("ascii")))


def _put(path: Path, key: RSAKey) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # with mode 0600
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            json.dump(key.as_dict(private=True), file)
        os.link(name, path)
    except FileExistsError:
        pass  # another process was first
    finally:
        Path(name).unlink()
