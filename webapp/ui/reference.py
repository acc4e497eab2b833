"""What the reference of templates says about inputs and settings, read from their schemas. Pure."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from render_core.templates import asset_roles
from webapp.templates.showcase import showcase_of
from webapp.ui.fields import TEXT, Field, groups_of
from webapp.ui.slots import slots_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A row of the reference.

    Attributes:
        name: In ``config``: ``captionStyle.fontSize``, ``cards[].title``.
        limits: What it may be, in words.
        default: As JSON; empty where there is none.
    """

    title: str
    name: str
    description: str
    unit: str
    limits: str
    default: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A row about a file that a template takes."""

    title: str
    name: str
    takes: str
    needed: str


def settings_of(template: str) -> dict[str, list[Setting]]:
    """The settings of a template by group."""
    return {group: [row for field in fields for row in _rows(field)] for group, fields in groups_of(template).items()}


def inputs_of(template: str) -> list[Input]:
    """The files that a template takes."""
    kinds = {role.name: " or ".join(role.kinds) for role in asset_roles(template)}
    return [
        Input(
            title=slot.title,
            name=slot.role,
            takes=f"{'a list of ' if slot.is_many else ''}{kinds[slot.role]} ({slot.asset_type})",
            needed="needed" if slot.is_required else "optional",
        )
        for slot in slots_of(template)
    ]


def example_of(template: str) -> str:
    """A body for ``POST /api/video/user-render``, as JSON."""
    body: dict[str, Any] = {
        "template_name": template,
        "user_assets": {slot.role: ["<asset id>"] if slot.is_many else "<asset id>" for slot in slots_of(template)},
        "config": showcase_of(template).config,
        "output": "mp4",
        "quality": "standard",
    }
    return json.dumps(body, ensure_ascii=False, indent=2)


def _rows(field: Field, prefix: str = "") -> Iterator[Setting]:
    is_texts = [item.path for item in field.items] == [TEXT]
    yield Setting(
        title=field.title,
        name=f"{prefix}{field.path}",
        description=field.description,
        unit="" if field.items else field.unit,
        limits=_limits(field) + (f", each {_limits(field.items[0])}" if is_texts else ""),
        default=_shown(field.default),
    )
    for item in () if is_texts else field.items:
        yield from _rows(item, f"{prefix}{field.path}[].")


def _shown(default: object) -> str:
    if default is None:
        return ""
    if isinstance(default, list) and default:
        return f"{len(default)} examples"
    if isinstance(default, float) and default.is_integer():
        return str(int(default))
    return json.dumps(default, ensure_ascii=False)


def _limits(field: Field) -> str:
    if field.items:
        return f"a list of at most {field.max_items:,}"
    if field.options:
        return " · ".join(field.options)
    kinds: dict[str, str] = {
        "switch": "true or false",
        "color": "a colour, #rrggbb",
        "any-color": "a colour, #rrggbb or rgba(r,g,b,a), or none",
    }
    return kinds.get(field.widget) or _range(field)


def _range(field: Field) -> str:
    if field.max_length is not None:
        return f"at most {field.max_length:,} characters"
    low, high = (None if limit is None else f"{limit:,.9g}" for limit in (field.minimum, field.maximum))
    if high is None:
        return "" if low is None else f"at least {low}"
    return f"at most {high}" if low is None else f"{low} to {high}"
