"""From a template's config back to what the inputs of its form hold. Pure."""

from collections.abc import Mapping
from typing import Any

from webapp.ui.fields import TEXT, captions_of, defaults_of, fields_of, lists_of

Word = tuple[str, int, int]
_MISSING = object()


def values_in(config: Mapping[str, Any], template: str) -> dict[str, Any]:
    """Path to value of all that one input holds; what the config does not say has its default."""
    return {path: _at(config, path, default) for path, default in defaults_of(template).items()}


def lists_in(config: Mapping[str, Any], template: str) -> dict[str, list[dict[str, Any]]]:
    """Path to items of each list, as ``lists_of`` gives the default ones."""
    return {path: _items(config, template, path, default) for path, default in lists_of(template).items()}


def _items(config: Mapping[str, Any], template: str, path: str, default: list[dict[str, Any]]) -> list[dict[str, Any]]:
    field, items = fields_of(template)[path], _at(config, path, None)
    if not isinstance(items, list):
        return default
    if field.widget == "text-list":
        return [{TEXT: str(item)} for item in items]
    return [{part.path: _at(item, part.path, part.default) for part in field.items} for item in items]


def captions_in(config: Mapping[str, Any], template: str) -> tuple[str, list[Word]]:
    """The text of the captions, and their words with start and end in milliseconds."""
    fields = captions_of(template)
    text = _at(config, fields["caption-text"].path, "") if "caption-text" in fields else ""
    words = _at(config, fields["captions"].path, []) if "captions" in fields else []
    return str(text or ""), [(str(word["text"]), int(word["start"]), int(word["end"])) for word in words or []]


def _at(config: object, path: str, default: Any) -> Any:  # noqa: ANN401 - a setting is a text, a number, a list …
    """What a dotted path leads to."""
    for name in path.split("."):
        config = config.get(name, _MISSING) if isinstance(config, Mapping) else _MISSING
    return default if config is _MISSING else config
