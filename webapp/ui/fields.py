"""From a template's JSON Schema to the fields of a form: what the editor shows, and how it reads what is typed."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal, cast, get_args

from render_core.errors import InvalidInputError
from render_core.templates import asset_roles, template_names, template_schema
from render_core.text.fonts import font_families

Widget = Literal[
    "slider", "number", "switch", "text", "textarea", "color", "any-color", "select", "font",
    "list", "text-list", "captions", "caption-text",
]  # fmt: skip
LISTS = frozenset({"list", "text-list"})
CAPTIONS = frozenset({"captions", "caption-text"})
TEXT = "text"
"""What the one setting of an item of a text-list is called."""
_LONG_TEXT = 60
_MOST_ITEMS = 100
_LONGEST_KEPT = 20_000  # far above any limit of a template, so that its own sentence is read
_OTHER_GROUP = "More"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One setting as a form shows it.

    Attributes:
        path: Dotted name in the template's config: ``musicVolume``, ``captionStyle.fontSize``.
        unit: What a number counts, e.g. ``s``; empty where nothing is.
        default: What is used when nobody says anything; None for "not set".
        step: Distance of two values of a slider.
        min_length: Of a text; one that needs a character cannot be left blank.
        items: Of a list: the fields of each of its items.
        max_items: Of a list.
    """

    path: str
    title: str
    description: str
    group: str
    widget: Widget
    default: Any
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    step: float = 1
    min_length: int = 0
    max_length: int | None = None
    options: tuple[str, ...] = ()
    is_whole: bool = False
    is_optional: bool = False
    items: tuple["Field", ...] = ()
    max_items: int = _MOST_ITEMS

    @property
    def element_id(self) -> str:
        """For the label and its input."""
        return f"field-{self.path.replace('.', '-')}"

    def element_id_in(self, path: str, item_id: str) -> str:
        """The same for a field of a list's item; the id may be a variable of the page."""
        return f"field-{path.replace('.', '-')}-{item_id}-{self.path.replace('.', '-')}"

    def read(self, raw: object) -> Any:  # noqa: ANN401 - a setting is a text, a number, a switch or nothing
        """The setting that was typed or dragged.

        Raises:
            InvalidInputError: It is not what this field holds. Ranges are the template's to check.
        """
        if self.widget == "switch":
            return bool(raw)
        if self.widget in {"slider", "number"}:
            return self._read_number(raw)
        return str(raw)[:_LONGEST_KEPT]

    def _read_number(self, raw: object) -> float | int | None:
        text = str(raw).strip().replace(",", ".")
        if not text and self.is_optional:
            return None
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise InvalidInputError(f"config.{self.path}", "must be a number")
        return int(number) if self.is_whole or number.is_integer() else number


@lru_cache
def fields_of(template: str) -> dict[str, Field]:
    """The fields of a template by path, in the order of its schema."""
    schema = template_schema(template)
    return {field.path: field for field in _walk(schema, schema, prefix="", group="")}


def groups_of(template: str) -> dict[str, list[Field]]:
    """The same fields under their groups' titles, in the order in which groups first appear."""
    groups: dict[str, list[Field]] = {}
    for field in fields_of(template).values():
        groups.setdefault(field.group, []).append(field)
    return groups


def defaults_of(template: str) -> dict[str, Any]:
    """Path to default value of all that one input holds."""
    return {path: field.default for path, field in fields_of(template).items() if field.widget not in LISTS | CAPTIONS}


def lists_of(template: str) -> dict[str, list[dict[str, Any]]]:
    """Path to the default items of each list; each text of a text-list is an item with one setting."""
    lists = {path: field for path, field in fields_of(template).items() if field.widget in LISTS}
    return {
        path: [{TEXT: item} if field.widget == "text-list" else dict(item) for item in field.default or ()]
        for path, field in lists.items()
    }


def captions_of(template: str) -> dict[str, Field]:
    """The fields of a template that the editor of captions fills, by widget; empty where it has no captions."""
    return {field.widget: field for field in fields_of(template).values() if field.widget in CAPTIONS}


def title_of(path: str) -> str:
    """What people call a field that an error names: ``config.mainText``, ``user_assets.coverImage``."""
    kind, _, name = path.partition(".")
    titles = (_title_in(template, kind, name) for template in template_names())
    return next(filter(None, titles), path)


def _title_in(template: str, kind: str, name: str) -> str:
    whole, _, rest = name.partition("[")
    if kind == "user_assets":
        return next((role.title for role in asset_roles(template) if role.name == whole), "")
    field = fields_of(template).get(whole) if kind == "config" else None
    if field is None or not rest:
        return field.title if field else ""
    number, _, part = rest.partition("]")
    inner = next((item.title for item in field.items if item.path == part.removeprefix(".")), "")
    return f"{field.title} {int(number) + 1}" + (f", {inner}" if inner else "")


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """A config from dotted paths; what is not set is left out."""
    config: dict[str, Any] = {}
    for path, value in values.items():
        if value is None:
            continue
        *parents, name = path.split(".")
        place = config
        for parent in parents:
            place = place.setdefault(parent, {})
        place[name] = value
    return config


def _walk(root: Mapping[str, Any], schema: Mapping[str, Any], *, prefix: str, group: str) -> Iterator[Field]:
    for name, listed in schema.get("properties", {}).items():
        part = _resolved(root, listed)
        path = f"{prefix}{name}"
        inside = part.get("x-group") or group
        if part.get("type") == "object" and part.get("x-widget") not in get_args(Widget):
            defaults = part.get("default") or {}
            for field in _walk(root, part, prefix=f"{path}.", group=inside or part.get("title", name)):
                yield field if field.path.rpartition(".")[2] not in defaults else _with_default(field, defaults)
        elif (widget := _widget(part)) is not None:
            items = _items(root, part, inside) if "items" in part else ()
            yield _field(path, part, widget, inside or _OTHER_GROUP, items)


def _items(root: Mapping[str, Any], part: Mapping[str, Any], group: str) -> tuple[Field, ...]:
    """The fields of one item of a list."""
    item = _resolved(root, part["items"])
    if item.get("type") == "object":
        return tuple(_walk(root, item, prefix="", group=group))
    return (_field(TEXT, {"title": part.get("title", TEXT)} | item, _widget(item) or "text", group),)


def _with_default(field: Field, defaults: Mapping[str, Any]) -> Field:
    return replace(field, default=defaults[field.path.rpartition(".")[2]])


def _resolved(root: Mapping[str, Any], part: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(part)
    if reference := merged.pop("$ref", None):
        merged = _resolved(root, root["$defs"][reference.rpartition("/")[2]]) | merged
    if choices := merged.pop("anyOf", None):
        kept = [_resolved(root, choice) for choice in choices if choice.get("type") != "null"]
        merged = (kept[0] if kept else {}) | merged | {"is_optional": len(kept) < len(choices)}
    return merged


def _widget(part: Mapping[str, Any]) -> Widget | None:
    hint = part.get("x-widget")
    if hint == "color" and not str(part.get("default")).startswith("#"):
        return "any-color"  # the browser's colour input knows neither transparency nor "none"
    return cast(Widget, hint) if hint in get_args(Widget) else _widget_of_type(part)


def _widget_of_type(part: Mapping[str, Any]) -> Widget | None:
    """What fits a setting without a hint that we know; None for lists and the like, which say what they need."""
    kind = "enum" if "enum" in part else part.get("type")
    is_bounded = "minimum" in part and "maximum" in part and not part.get("is_optional")
    widgets: dict[Any, Widget] = {
        "enum": "select",
        "boolean": "switch",
        "number": "slider" if is_bounded else "number",
        "integer": "slider" if is_bounded else "number",
        "string": "textarea" if part.get("maxLength", 0) > _LONG_TEXT else "text",
    }
    return widgets.get(kind)


def _field(path: str, part: Mapping[str, Any], widget: Widget, group: str, items: tuple[Field, ...] = ()) -> Field:
    is_whole = part.get("type") == "integer"
    low, high = part.get("minimum"), part.get("maximum")
    return Field(
        path=path,
        title=part.get("title") or path,
        description=part.get("description", ""),
        group=group,
        widget=widget,
        default=part.get("default"),
        unit=part.get("x-unit", ""),
        minimum=low,
        maximum=high,
        step=part.get("x-step") or part.get("multipleOf") or (1 if is_whole else _step(low, high)),
        min_length=part.get("minLength", 0),
        max_length=part.get("maxLength"),
        options=font_families() if widget == "font" else tuple(str(option) for option in part.get("enum", ())),
        is_whole=is_whole,
        is_optional=bool(part.get("is_optional")),
        items=items,
        max_items=part.get("maxItems", _MOST_ITEMS),
    )


def _step(low: float | None, high: float | None) -> float:
    span = math.inf if low is None or high is None else high - low
    return 0.01 if span <= 2 else 0.1 if span <= 30 else 0.5 if span <= 200 else 1
