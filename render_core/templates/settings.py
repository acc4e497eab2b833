"""What the settings of all templates share: the base model, the hints for editors, and honest refusals."""

import unicodedata
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails

from render_core.errors import InvalidInputError

FRAME_RATES = (Fraction(24), Fraction(25), Fraction(30), Fraction(50), Fraction(60), Fraction(30000, 1001))


class Settings(BaseModel):
    """Base of a template's settings: camelCase outside, snake_case in Python, immutable, closed, finite."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, alias_generator=to_camel, populate_by_name=True
    )


S = TypeVar("S", bound=Settings)


def hint(group: str, widget: str, unit: str | None = None) -> dict[str, Any]:
    """Extensions of a field's JSON Schema that tell an editor where and how to show it."""
    return {"x-group": group, "x-widget": widget} | ({"x-unit": unit} if unit else {})


def parse_settings(model: type[S], config: Mapping[str, object]) -> S:
    """Check a user's settings and fill in what is not given.

    Raises:
        InvalidInputError: With the path of the first wrong field, its limit and what to do.
    """
    unknown = sorted(str(name) for name in config if name not in _public_names(model))
    if unknown:
        raise InvalidInputError(f"config.{unknown[0]}", "there is no such setting; remove it or correct its name")
    try:
        return model.model_validate(dict(config))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise InvalidInputError(_path(first["loc"]), _sentence(first, model)) from None


def frame_rate(value: object) -> Fraction:
    """A frame rate from a number or a text such as ``30000/1001``."""
    try:
        rate = Fraction(value) if isinstance(value, str) else Fraction(str(value))
    except (ValueError, ZeroDivisionError, TypeError):
        rate = Fraction(0)
    if rate not in FRAME_RATES:
        raise ValueError("must be one of 24, 25, 30, 50, 60 or 30000/1001")
    return rate


def even(value: int) -> int:
    """A size in pixels that 4:2:0 chroma can halve."""
    if value % 2:
        raise ValueError(f"must be even; {value + 1} is the next one")
    return value


def plain_text(value: object) -> object:
    """Text on one line: composed characters, single spaces, no control characters. Other values pass as they are."""
    if not isinstance(value, str):
        return value
    if value.isascii() and value.isprintable():
        return " ".join(value.split())
    spaced = "".join(" " if char.isspace() else char for char in unicodedata.normalize("NFC", value))
    return " ".join("".join(char for char in spaced if unicodedata.category(char) not in {"Cc", "Cs"}).split())


def plain_lines(value: object) -> object:
    """Text on several lines: each as ``plain_text`` makes it, with equal line ends. Other values pass as they are."""
    if not isinstance(value, str):
        return value
    return "\n".join(str(plain_text(line)) for line in value.splitlines())


def _public_names(model: type[Settings]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


def _path(location: Sequence[int | str]) -> str:
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return "config" + "".join(parts)


def _sentence(error: ErrorDetails, model: type[Settings]) -> str:
    """What is wrong and what would be right, in one sentence."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind == "extra_forbidden":
        return "there is no such setting; remove it or correct its name"
    if kind == "string_too_long":
        return f"is {len(str(error['input']))} characters long; at most {context['max_length']} are possible"
    if kind == "missing":
        return "is needed"
    limits = _limits(_schema_at(model, error["loc"]))
    return f"must be {limits}" if limits else error["msg"][0].lower() + error["msg"][1:]


def _schema_at(model: type[Settings], location: Sequence[int | str]) -> Mapping[str, Any]:
    root = model.model_json_schema(by_alias=True)
    node: Mapping[str, Any] = root
    for part in location:
        node = _resolved(node, root)
        node = node.get("items", {}) if isinstance(part, int) else node.get("properties", {}).get(part, {})
    return _resolved(node, root)


def _resolved(node: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """The node itself behind references and behind the ``or null`` of what may be left out."""
    options = [option for option in node.get("anyOf", ()) if option.get("type") != "null"]
    if len(options) == 1:
        return _resolved(options[0], root)
    if "$ref" in node:
        found: Mapping[str, Any] = root["$defs"][node["$ref"].rsplit("/", 1)[-1]]
        return found
    return node


_KINDS = {
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "string": "a text",
    "array": "a list",
    "object": "an object",
}


def _limits(schema: Mapping[str, Any]) -> str:
    kind = _KINDS.get(schema.get("type", ""), "")
    if "enum" in schema:
        return "one of " + ", ".join(map(str, schema["enum"]))
    if "pattern" in schema:
        return str(schema.get("description", kind))
    if "maxLength" in schema:
        return f"{kind} of {schema.get('minLength', 0)} to {schema['maxLength']} characters"
    if "maxItems" in schema:
        return f"{kind} of at most {schema['maxItems']}"
    return f"{kind} {_range(schema)}".strip()


def _range(schema: Mapping[str, Any]) -> str:
    above, low, high = schema.get("exclusiveMinimum"), schema.get("minimum"), schema.get("maximum")
    if above is not None:
        return f"greater than {above:g}" + (f" and at most {high:.12g}" if high is not None else "")
    if low is not None and high is not None:
        return f"from {low:.12g} to {high:.12g}"
    return f"of at least {low:g}" if low is not None else ""
