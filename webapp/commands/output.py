"""Where commands write to."""

import tempfile
from pathlib import Path

from render_core.errors import InvalidInputError


def refuse_unwritable(out: Path, field: str = "--output") -> None:
    """Before anything is rendered in vain."""
    try:
        if out.is_dir():
            raise InvalidInputError(field, f"{out} is a folder: name a file")
        if not out.parent.is_dir():
            raise InvalidInputError(field, f"there is no folder {out.parent}")
        with tempfile.TemporaryFile(dir=out.parent):
            pass
    except OSError as error:
        raise InvalidInputError(field, f"cannot be written in {out.parent}: {error.strerror}") from error
