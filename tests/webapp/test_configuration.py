"""The list of variables for people is the list of the classes."""

import re
from dataclasses import fields
from typing import Any

from pydantic import ByteSize, TypeAdapter

from tests.conftest import ROOT
from webapp.settings import Settings, known_variables
from webapp.variables import variable_of

TEXT = (ROOT / "docs" / "configuration.md").read_text("utf-8")
ROWS = dict(re.findall(r"^\| `(REELGROVE_\w+)` \| *(.*?) *\|", TEXT, re.MULTILINE))


def defaults() -> dict[str, Any]:
    return {
        variable_of(name): info.default
        for one in fields(Settings)
        for name, info in one.default_factory.model_fields.items()  # type: ignore[union-attr] # each has a class
    }


def test_every_variable_is_described_and_no_other_is():
    assert set(ROWS) == set(known_variables())


def test_defaults_are_those_of_the_classes():
    """Those that are written as code; the others say in words what nothing means."""
    told = {name: match.group(1) for name, row in ROWS.items() if (match := re.fullmatch("`(.*)`", row))}
    values = defaults()
    assert told.keys() >= {
        name for name, value in values.items() if isinstance(value, int | float) and value is not None
    }
    wrong = {
        name: text
        for name, text in told.items()
        if TypeAdapter(_kind(values[name])).validate_python(text) != values[name]
    }
    assert wrong == {}


def _kind(value: object) -> type:
    return ByteSize if isinstance(value, ByteSize) else type(value)


def test_the_readme_names_only_variables_that_there_are():
    """With those that begin like the one before them: ``_S3_REGION``."""
    readme = (ROOT / "README.md").read_text("utf-8")
    assert set(re.findall(r"REELGROVE_[A-Z0-9_]+", readme)) - {"REELGROVE_"} <= set(known_variables())
