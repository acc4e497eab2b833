"""Examples for the documentation, made from the schemas themselves: complete, valid, and the same on every run."""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]
Schemas = Mapping[str, Schema]

_WORDS: dict[str, Any] = {
    "detail": "There is no such video of yours.",
    "display_name": "Anna",
    "file_name": "anna.mp4",
    "address": "203.0.113.7",
    "asset_name": "anna.mp4",
    "captionText": "Hello, how are you?",
    "description": "For the spring campaign",
    "invited_by": "Anna",
    "message_id": "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W",
    "prefix": "rg_3kTq0mC",
    "template_version": "1.0",
    "token": "q3Zl8cVnT0yB5rXe",
    "user_agent": "Mozilla/5.0",
    "username": "anna",
    "workspace_name": "Anna's workspace",
    "mime_type": "video/mp4",
    "name": "Spring campaign",
    "role": "editor",
    "search": "spring",
    "secret": "rg_3kTq0mC9vWb1",
    "template_name": "LipSyncTemplate",
    "title": "Spring campaign",
    "url": "https://example.com/hooks/reelgrove",
    "user_name": "Anna",
    "video_title": "Hello Anna",
    "video_description": "For the spring campaign",
}
"""What a field of this name holds, where its schema says no more than that it is a text."""
_NUMBERS = {
    "duration": 12.5,
    "file_size": 4_200_000,
    "height": 1920,
    "output_size": 6_300_000,
    "progress": 45,
    "width": 1080,
}
_STATES = ("rendering", "ready")
_MOSTLY_NONE = frozenset(
    {
        "archived_at",
        "current_role",
        "completed_at",
        "download_url",
        "error",
        "error_code",
        "next_cursor",
        "reject_reason",
    }
)
_FORMATS = {
    "uuid": "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
    "date-time": "2026-02-15T10:30:00Z",
    "date": "2026-02-15",
    "uri": "https://example.com/",
    "binary": "the bytes of the file",
}


def example_of(schema: Schema, known: Schemas, name: str = "") -> Any:  # noqa: ANN401 - any JSON
    """A value that fits a schema.

    Args:
        schema: JSON Schema as pydantic writes it.
        known: What ``$ref`` names, by the last part of the reference.
        name: Of the field, which tells what a text is about.
    """
    if "$ref" in schema:
        reference = schema["$ref"].rpartition("/")[2]
        return example_of(known[reference], known, name)
    if schema.get("examples"):
        return schema["examples"][0]
    if "enum" in schema:
        return next((state for state in _STATES if state in schema["enum"]), schema["enum"][0])
    for told in ("example", "const"):
        if told in schema:
            return schema[told]
    for combined in ("anyOf", "oneOf", "allOf"):
        if combined in schema:
            return example_of(_choice(schema[combined], name), known, name)
    return _by_type(schema, known, name)


def _choice(choices: list[Schema], name: str) -> Schema:
    is_null = name in _MOSTLY_NONE
    return next((one for one in choices if (one.get("type") == "null") == is_null), choices[0])


def _by_type(schema: Schema, known: Schemas, name: str) -> Any:  # noqa: ANN401 - any JSON
    kind = schema.get("type", "object")
    if kind == "object":
        return {field: example_of(one, known, field) for field, one in schema.get("properties", {}).items()}
    if kind == "array":
        return _array(schema, known, name)
    if kind == "string":
        return _text(schema, name)
    if kind == "null":
        return None
    if kind == "boolean":
        return bool(schema.get("default", False))
    number = _NUMBERS.get(name) or schema.get("default") or schema.get("minimum", 1)
    return int(number) if kind == "integer" else number


def _array(schema: Schema, known: Schemas, name: str) -> list[Any]:
    if "prefixItems" in schema:
        return [example_of(one, known, name) for one in schema["prefixItems"]]
    return [example_of(schema["items"], known, name)] if schema.get("items") else []


def _text(schema: Schema, name: str) -> str:
    if "format" in schema:
        return _FORMATS.get(schema["format"], "")
    if name.endswith("_url"):
        return f"/api/{name.removesuffix('_url')}"
    text = str(_WORDS.get(name) or schema.get("default") or name.replace("_", " ") or "text")
    return text[: schema.get("maxLength", len(text))].ljust(schema.get("minLength", 0), ".")
