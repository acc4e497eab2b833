r"""Variables: ``{{name}}`` in any text of the settings, filled from a mapping, so that one draft serves many people.

A name has letters, digits and underscores of any script; spaces inside the braces do not count. A value is plain text:
braces in it mean nothing. Braces that are meant as such are written with a backslash: ``\{{``.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from render_core.errors import InvalidInputError

MOST_CHARACTERS = 1_000_000
"""Of all texts together once they are filled: a short draft must not grow without bounds."""

_MARK = re.compile(r"(?P<escaped>\\\{\{)|\{\{(?P<name>[^{}]*)\}\}|\{\{")


def variables_in(config: Mapping[str, object]) -> tuple[str, ...]:
    """The names of the variables that occur in a template's settings, in order of appearance, each once."""
    names: dict[str, None] = {}

    def note(_field: str, text: str) -> str:
        names.update((name, None) for mark in _MARK.finditer(text) if (name := _name(mark)) is not None)
        return text

    _changed(config, "config", note)
    return tuple(names)


def fill(config: Mapping[str, object], variables: Mapping[str, str]) -> dict[str, Any]:
    """The settings with every variable replaced by its value; one that does not occur is ignored.

    Raises:
        InvalidInputError: A variable has no value, or braces hold no name; the field is the text's path.
    """
    filling = _Filling(variables)
    return {name: _changed(part, f"config.{name}", filling.text) for name, part in config.items()}


class _Filling:
    """Fills one text after the other and counts what they become."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        for name, value in variables.items():
            if not isinstance(value, str):
                raise InvalidInputError(f"variables.{name}", "must be a text")
        self._values = {_composed(name): value for name, value in variables.items()}
        self._room = MOST_CHARACTERS

    def text(self, field: str, text: str) -> str:
        return _MARK.sub(lambda mark: self._value(field, mark), text)

    def _value(self, field: str, mark: re.Match[str]) -> str:
        if mark["escaped"]:
            return "{{"
        name = _name(mark)
        if name is None:
            shown = f"“{mark[0]}” is no variable"
            raise InvalidInputError(
                field, f"{shown}: write {{{{name}}}} with letters, digits and _, or \\{{{{ for braces"
            )
        if name not in self._values:
            raise InvalidInputError(
                field, f"the variable “{name}” has no value; give it one, or write \\{{{{ for braces"
            )
        self._room -= len(self._values[name])
        if self._room < 0:
            raise InvalidInputError(field, f"is too long once filled; {MOST_CHARACTERS} characters are possible in all")
        return self._values[name]


def _name(mark: re.Match[str]) -> str | None:
    """The name between the braces, or None where there is none. It may begin with a digit."""
    name = _composed((mark["name"] or "").strip())
    return name if name and f"_{name}".isidentifier() else None


def _composed(name: str) -> str:
    """An é is an é, typed as one character or as two."""
    return unicodedata.normalize("NFC", name)


def _changed(value: object, field: str, change: Callable[[str, str], str]) -> object:
    """The value with every text in it, however deep, given to ``change`` with its path."""
    if isinstance(value, str):
        return change(field, value)
    if isinstance(value, Mapping):
        return {name: _changed(part, f"{field}.{name}", change) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_changed(part, f"{field}[{index}]", change) for index, part in enumerate(value)]
    return value
