"""Values as people send them: only what can be stored and computed with gets through."""

import math
import re
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator

from webapp.errors import InvalidError

_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_NUMBER = re.compile(r"[-+]?[0-9_.]+(e[-+]?[0-9]+)?", re.IGNORECASE)
_DEEPEST = 12


def _no_number(value: object) -> object:
    is_number = isinstance(value, int | float) or (isinstance(value, str) and _NUMBER.fullmatch(value.strip()))
    if is_number:
        raise ValueError("Input should be a moment with its time zone, as in 2026-02-15T10:30:00Z")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_no_number)]
"""A moment as people send it; a mere number, which might be seconds or milliseconds, is none."""


def plain_line(text: str, field: str, longest: int) -> str:
    """A name as it is stored: one line, its spaces put in order.

    Raises:
        InvalidError: Empty, longer than so many characters, or with some that cannot be stored.
    """
    require_plain(text, field)
    line = " ".join(text.split())
    if not 1 <= len(line) <= longest:
        raise InvalidError(f"This has 1 to {longest} characters.", field)
    return line


def folded(text: str) -> str:
    """A text as it is looked for: its case does not matter, nor do its spaces. Databases fold ASCII only."""
    return " ".join(text.split()).casefold()


def require_plain(value: object, field: str, depth: int = 0) -> None:
    """Refuse numbers that are not finite, characters no database stores, and bottomless nesting.

    Raises:
        InvalidError: With the path of the offending value.
    """
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidError("This must be a finite number: NaN and infinity are not allowed.", field)
    if isinstance(value, str) and _UNSTORABLE.search(value):
        raise InvalidError("The text contains a NUL character or half a character: remove it.", field)
    if depth > _DEEPEST:
        raise InvalidError(f"Values may be nested {_DEEPEST} deep at most.", field)
    if isinstance(value, dict):
        for name, part in value.items():
            require_plain(name, field, depth + 1)
            require_plain(part, f"{field}.{name}", depth + 1)
    if isinstance(value, list):
        for index, part in enumerate(value):
            require_plain(part, f"{field}[{index}]", depth + 1)
