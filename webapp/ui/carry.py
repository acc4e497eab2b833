"""What of one template's draft fits another: settings of the same name and kind that somebody has changed. Pure."""

from collections.abc import Mapping
from typing import Any, TypeVar

from webapp.ui.fields import Field, defaults_of, fields_of, lists_of
from webapp.ui.slots import Slot, slots_of

T = TypeVar("T")
_TEXTS = {"text", "textarea"}
_OF_THE_TEMPLATE = {"width", "height"}
"""A template's own shape is part of its look: news is wide, a reel is high."""


def carried_values(values: Mapping[str, Any], old: str, new: str) -> dict[str, Any]:
    """The settings that a template begins with after another one: its own defaults, and what fits of the other's."""
    before, fields = defaults_of(old), fields_of(new)
    kept = {
        path: values[path]
        for path in defaults_of(new)
        if path in before.keys() - _OF_THE_TEMPLATE
        and values[path] != before[path]
        and _takes(fields[path], fields_of(old)[path], values[path])
    }
    return defaults_of(new) | kept


def _takes(field: Field, other: Field, value: object) -> bool:
    """Whether a field can hold what another one held."""
    is_text = {field.widget, other.widget} <= _TEXTS
    if not (is_text or field.widget == other.widget) or (field.options and str(value) not in field.options):
        return False
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (field.minimum is None or value >= field.minimum) and (field.maximum is None or value <= field.maximum)
    return field.max_length is None or len(str(value)) <= field.max_length


def carried_lists(old: str, new: str) -> tuple[str, ...]:
    """The lists of a template that take the items of another one's list of the same name."""
    before, fields = lists_of(old), fields_of(new)
    return tuple(path for path in lists_of(new) if path in before and fields[path].items == fields_of(old)[path].items)


def source_of(slot: Slot, chosen: Mapping[str, list[T]], old: str) -> list[T] | None:
    """The files that a slot takes over from another template, or None where nothing of it fits.

    Files go to the role of the same name. Those of the same type also go to a role that is needed, and lists to lists:
    a cover is no logo.
    """
    fitting = [other for other in slots_of(old) if other.asset_type is slot.asset_type and _suits(slot, other)]
    for other in sorted(fitting, key=lambda other: other.role != slot.role):
        files = chosen[other.role]
        if files or (other.role == slot.role and not slot.is_required):
            return list(files) if slot.is_many else files[:1]
    return None


def _suits(slot: Slot, other: Slot) -> bool:
    return slot.role == other.role or slot.is_required or (slot.is_many and other.is_many)
