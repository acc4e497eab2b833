"""Lists of the form: items to add, fill in, move and take away."""

import reflex as rx
from reflex.event import EventSpec

from webapp.ui.components.inputs import Binding, field_problem, labelled
from webapp.ui.components.notices import icon_button
from webapp.ui.fields import Field
from webapp.ui.states.form import FormState, ListItem


def list_editor(field: Field) -> rx.Component:
    """All items of a list, and how many there may be."""
    items = FormState.lists[field.path]
    return rx.el.div(
        rx.el.div(
            rx.el.h3(field.title),
            rx.el.span(f"{items.length()} / {field.max_items}", class_name="field-value"),
            class_name="field-head",
        ),
        rx.cond(field.description, rx.el.p(field.description, class_name="small")),
        rx.foreach(items, lambda item, index: _item(field, item, index)),
        rx.el.button(
            rx.icon("plus", size=15),
            "Add",
            type="button",
            class_name="btn btn-add",
            aria_label=f"Add to {field.title}",
            disabled=items.length() >= field.max_items,
            on_click=FormState.add_item(field.path),
        ),
        field_problem(FormState.problems[field.path]),
        class_name="field list",
    )


def _item(field: Field, item: rx.Var[ListItem], index: rx.Var[int]) -> rx.Component:
    number = index + 1
    if len(field.items) == 1:
        body = [rx.el.div(_labelled(field, field.items[0], item), class_name="item-body")]
        return rx.el.div(_head(field, item, number), *body, class_name="item", key=item.id)
    first = item.values[field.items[0].path].to(str)
    return rx.el.details(
        rx.el.summary(
            rx.icon("chevron-right", size=14),
            rx.el.span(rx.cond(first, first, f"{field.title} {number}"), class_name="ellipsis"),
            _buttons(field, item, number),
        ),
        rx.el.div(*[_labelled(field, part, item) for part in field.items], class_name="item-body"),
        class_name="item",
        key=item.id,
        open=item.id.startswith("n"),  # a new one is open, to be filled in
    )


def _head(field: Field, item: rx.Var[ListItem], number: rx.Var[int]) -> rx.Component:
    return rx.el.div(
        rx.el.span(f"{field.title} {number}", class_name="ellipsis"),
        _buttons(field, item, number),
        class_name="item-head",
    )


def _buttons(field: Field, item: rx.Var[ListItem], number: rx.Var[int]) -> rx.Component:
    path, name = field.path, f"{field.title} {number}"
    is_last = FormState.lists[path].length() == number
    return rx.el.span(
        icon_button(
            "arrow-up",
            f"Move {name} up",
            disabled=number == 1,
            on_click=_quietly(FormState.move_item(path, item.id, False)),
        ),
        icon_button(
            "arrow-down",
            f"Move {name} down",
            disabled=is_last,
            on_click=_quietly(FormState.move_item(path, item.id, True)),
        ),
        icon_button("trash-2", f"Remove {name}", on_click=_quietly(FormState.remove_item(path, item.id))),
        class_name="item-buttons",
    )


def _quietly(event: EventSpec) -> EventSpec:
    """The click does not also open or close the item that it is in."""
    return event.prevent_default


def _labelled(field: Field, part: Field, item: rx.Var[ListItem]) -> rx.Component:
    return labelled(
        Binding(
            field=part,
            element_id=f"{field.element_id}-{item.id}-{part.path.replace('.', '-')}",
            value=item.values[part.path],
            problem=FormState.problems[f"{field.path}.{item.id}.{part.path}"],
            change=lambda raw: FormState.set_item(field.path, item.id, part.path, raw),
        )
    )
