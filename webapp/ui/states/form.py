"""The settings of the draft: values, lists, variables, and what kind of file it becomes."""

# ruff: noqa: SLF001 - the functions below the state are this module's own

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import reflex as rx

from render_core.errors import InvalidInputError
from webapp.errors import ConflictError, NotFoundError
from webapp.renders.views import RenderOrder
from webapp.ui.carry import carried_lists, carried_values
from webapp.ui.configs import lists_in, values_in
from webapp.ui.edge import Then, actor_of, focus_on
from webapp.ui.fields import TEXT, Field, defaults_of, fields_of, lists_of, nested
from webapp.ui.formats import OUTPUTS, QUALITIES, SHAPES, SIZES, shape_of, size_of
from webapp.ui.slots import FIRST_TEMPLATE

LONGEST_VARIABLE = 2000
MOST_VARIABLES = 50
_Shown = tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]


@dataclass
class ListItem:
    """One item of a list; its id stays while it is moved about."""

    id: str
    content: dict[str, Any]


def _items(template: str) -> dict[str, list[ListItem]]:
    return _listed(lists_of(template))


def _listed(lists: Mapping[str, list[dict[str, Any]]]) -> dict[str, list[ListItem]]:
    return {
        path: [ListItem(id=f"d{index}", content=content) for index, content in enumerate(items)]
        for path, items in lists.items()
    }


class FormState(rx.State):
    """What the form holds. ``problems`` has an entry only where there is one; templates remember theirs."""

    values: dict[str, Any] = defaults_of(FIRST_TEMPLATE)
    lists: dict[str, list[ListItem]] = _items(FIRST_TEMPLATE)
    problems: dict[str, str] = {}
    version: int = 0
    variables: list[str] = []
    variable_values: dict[str, str] = {}
    output: str = "mp4"
    quality: str = "standard"
    template: str = FIRST_TEMPLATE
    _kept: dict[str, tuple[dict[str, Any], dict[str, list[ListItem]]]] = {}
    _unread: dict[str, str] = {}
    _made: int = 0

    @rx.var
    def shape(self) -> str:
        """The name of the picture's shape; empty for one of the user's own."""
        return shape_of(self.values.get("width"), self.values.get("height"))

    @rx.var
    def size(self) -> int:
        """The shorter side in pixels; 0 where there is none to read."""
        sides = (self.values.get("width"), self.values.get("height"))
        return min((side for side in sides if isinstance(side, int)), default=0)

    @rx.event
    async def set_value(self, path: str, raw: str | float) -> None:
        """Take over what was typed or dragged in one input."""
        await actor_of(self)
        if path not in defaults_of(self.template):
            raise NotFoundError("The template has no such setting.", "config")
        self._take(fields_of(self.template)[path], path, raw, self.values, path)

    @rx.event
    async def set_item(self, path: str, item_id: str, name: str, raw: str | float) -> None:
        """Take over what was typed in one field of a list's item; one that is gone by now is left alone."""
        await actor_of(self)
        field = _item_field(_list_field(self.template, path), name)
        item = next((item for item in self.lists[path] if item.id == item_id), None)
        if item is not None:
            self._take(field, name, raw, item.content, f"{path}.{item_id}.{name}")

    def _take(self, field: Field, name: str, raw: object, values: dict[str, Any], place: str) -> None:
        try:
            value = field.read(raw)
        except InvalidInputError as error:
            self._unread[place] = self.problems[place] = error.problem
            return
        if value == values.get(name) and place not in self.problems:
            return
        values[name] = value
        self._unread.pop(place, None)
        self.problems.pop(place, None)

    @rx.event
    async def add_item(self, path: str) -> Then:
        """Put an item with the defaults at the end of a list."""
        await actor_of(self)
        field = _list_field(self.template, path)
        if len(self.lists[path]) >= field.max_items:
            raise ConflictError(f"{field.title}: at most {field.max_items} are possible.", path)
        self._made += 1
        item = ListItem(id=f"n{self._made}", content={part.path: _blank(part) for part in field.items})
        self.lists[path] = [*self.lists[path], item]
        return focus_on(field.items[0].element_id_in(path, item.id))

    @rx.event
    async def remove_item(self, path: str, item_id: str) -> None:
        """Take an item out of a list."""
        await actor_of(self)
        _list_field(self.template, path)
        self.lists[path] = [item for item in self.lists[path] if item.id != item_id]
        for notes in (self.problems, self._unread):
            for place in [place for place in notes if place.startswith(f"{path}.{item_id}.")]:
                del notes[place]

    @rx.event
    async def move_item(self, path: str, item_id: str, down: bool) -> None:  # noqa: FBT001 - what a click sends
        """Let an item change places with the one before or behind it."""
        await actor_of(self)
        _list_field(self.template, path)
        items = list(self.lists[path])
        at = next((index for index, item in enumerate(items) if item.id == item_id), -1)
        to = at + (1 if down is True else -1)
        if at >= 0 and 0 <= to < len(items):
            items[at], items[to] = items[to], items[at]
            self.lists[path] = items

    @rx.event
    async def choose_shape(self, shape: str) -> None:
        """Give the picture another shape with the shorter side that it has."""
        await actor_of(self)
        self._resize(shape, min(SIZES, key=lambda size: (abs(size - self.size), size)))

    @rx.event
    async def choose_size(self, shorter: str) -> None:
        """Give the picture another size in the shape that it has."""
        await actor_of(self)
        self._resize(self.shape or next(iter(SHAPES)), int(shorter) if str(shorter).isdecimal() else 0)

    def _resize(self, shape: str, shorter: int) -> None:
        if shape not in SHAPES or shorter not in SIZES:
            raise NotFoundError(f"Shapes are {', '.join(SHAPES)}; sizes {', '.join(map(str, SIZES))}.", "config")
        if {"width", "height"} <= self.values.keys():
            self.values["width"], self.values["height"] = size_of(shape, shorter)
            for path in ("width", "height"):
                self._unread.pop(path, None)
                self.problems.pop(path, None)
            self.version += 1

    @rx.event
    async def set_output(self, output: str) -> None:
        """Choose the kind of file."""
        await actor_of(self)
        self.output = output if output in OUTPUTS else "mp4"

    @rx.event
    async def set_quality(self, quality: str) -> None:
        """Choose between fast and fine."""
        await actor_of(self)
        self.quality = quality if quality in QUALITIES else "standard"

    @rx.event
    async def set_variable(self, name: str, value: str) -> None:
        """Fill in a variable that occurs in the texts."""
        await actor_of(self)
        if name in self.variables:
            self.variable_values[name] = str(value)[:LONGEST_VARIABLE]


# Public methods of a state are handlers that any client can call: what other states need are functions.


def turn_to(form: FormState, template: str) -> None:
    """Show the form of another template: as it was left, or with what fits of the one before."""
    old = form.template
    form._kept[old] = (form.values, form.lists)
    fresh = (
        carried_values(form.values, old, template),
        _items(template) | {path: deepcopy(form.lists[path]) for path in carried_lists(old, template)},
    )
    form.values, form.lists = form._kept.get(template, fresh)
    form.problems, form._unread, form.template = {}, {}, template
    form.version += 1


def reset(form: FormState) -> None:
    """Go back to the template's defaults; texts are content and stay."""
    fields = fields_of(form.template)
    texts = {path: value for path, value in form.values.items() if fields[path].widget in {"text", "textarea"}}
    form.values = defaults_of(form.template) | texts
    form.problems, form._unread = {}, {}
    form.version += 1


def fill(form: FormState, order: RenderOrder) -> None:
    """Show what an order says of the present template, in place of what was typed."""
    form.values = values_in(order.config, form.template)
    form.lists = _listed(lists_in(order.config, form.template))
    form.variable_values = {**form.variable_values, **order.variables}
    form.output, form.quality = order.output, order.quality
    form.problems, form._unread = {}, {}
    form.version += 1


def take_back(form: FormState, template: str, present: _Shown, kept: Mapping[str, _Shown]) -> None:
    """Show what the form held once, for all templates."""
    form.values, form.lists = present[0], _listed(present[1])
    form._kept = {name: (values, _listed(lists)) for name, (values, lists) in kept.items()}
    form.problems, form._unread, form.template = {}, {}, template
    form.version += 1


def config_of(form: FormState) -> dict[str, Any]:
    """The settings that differ from the template's defaults."""
    defaults = defaults_of(form.template)
    changed = {path: value for path, value in form.values.items() if value != defaults.get(path)}
    return nested(changed | _changed_lists(form))


def require_read(form: FormState) -> None:
    """Refuse a draft with an input that holds something that could not be read.

    Raises:
        InvalidInputError: Naming the first of them.
    """
    for place, problem in form._unread.items():
        raise InvalidInputError(f"config.{place}", problem)


def _changed_lists(form: FormState) -> dict[str, list[Any]]:
    defaults, lists = lists_of(form.template), {}
    for path in form.lists:
        sent = [item.content for item in _finished(form, path)]
        if sent != defaults[path]:
            field = fields_of(form.template)[path]
            lists[path] = [values[TEXT] if field.widget == "text-list" else nested(values) for values in sent]
    return lists


def _finished(form: FormState, path: str) -> list[ListItem]:
    """The items that go into the order: one whose needed text is still blank is left out, as if it were not there."""
    fields = fields_of(form.template)[path].items
    needed = [field.path for field in fields if field.min_length and field.default is None and not field.is_optional]
    return [item for item in form.lists[path] if all(str(item.content.get(name, "")).strip() for name in needed)]


def blame(form: FormState, path: str, problem: str) -> None:
    """Show what the renderer has found beside its field, and nothing beside any other; inputs keep what they found."""
    form.problems = form._unread | ({_place(form, path): problem} if path else {})


def _place(form: FormState, path: str) -> str:
    """Where the form shows a problem with ``cards[1].title``: by the item's id instead of its number."""
    whole, _, rest = path.partition("[")
    number, _, name = rest.partition("]")
    items = _finished(form, whole) if whole in form.lists else []
    if not number.isdecimal() or int(number) >= len(items):
        return whole
    inner = name.removeprefix(".") or next(item.path for item in fields_of(form.template)[whole].items)
    return f"{whole}.{items[int(number)].id}.{inner}"


def _list_field(template: str, path: str) -> Field:
    if path not in lists_of(template):
        raise NotFoundError("The template has no such list.", "config")
    return fields_of(template)[path]


def _item_field(field: Field, name: str) -> Field:
    for item in field.items:
        if item.path == name:
            return item
    raise NotFoundError("The list's items have no such field.", "config")


def _blank(field: Field) -> Any:  # noqa: ANN401 - a setting is a text, a number, a switch or nothing
    """What a new item begins with."""
    if field.default is not None or field.is_optional:
        return field.default
    if field.options:
        return field.options[0]
    if field.widget == "switch":
        return False
    return field.minimum or 0 if field.widget in {"number", "slider"} else ""
