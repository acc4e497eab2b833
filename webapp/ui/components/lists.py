"""Lists of the form: items to add, fill in, move and take away."""

import reflex as rx

from webapp.ui.components.changes import repainted, typed
from webapp.ui.components.inputs import Binding, field_problem, labelled
from webapp.ui.components.notices import icon_button
from webapp.ui.fields import Field
from webapp.ui.states.form import FormState, ListItem


def list_editor(field: Field) -> rx.Component:
    """All items of a list, and how many there may be."""
    items = FormState.lists[field.path]
    return rx.el.div(
        _head(field),
        rx.foreach(items, lambda item, index: _item(field, item, index)),
        rx.el.button(
            rx.icon("plus", size=15),
            "Add",
            type="button",
            class_name="btn btn-add",
            aria_label=f"Add to {field.title}",
            disabled=items.length() >= field.max_items,
            on_click=repainted(FormState.add_item(field.path)),
        ),
        field_problem(FormState.problems[field.path]),
        class_name="field list",
    )


def _head(field: Field) -> rx.Component:
    """What the list is for, and how full it is; its title only where the group has another one."""
    is_alone = field.title == field.group
    words = rx.el.p(field.description, class_name="small")
    return rx.fragment(
        rx.el.div(
            words if is_alone else rx.el.h3(field.title),
            rx.el.span(f"{FormState.lists[field.path].length()} / {field.max_items}", class_name="field-value"),
            class_name="field-head",
        ),
        *([] if is_alone or not field.description else [words]),
    )


def _item(field: Field, item: rx.Var[ListItem], index: rx.Var[int]) -> rx.Component:
    return (_line if field.widget == "text-list" else _box)(field, item, index + 1)


def _line(field: Field, item: rx.Var[ListItem], number: rx.Var[int]) -> rx.Component:
    """A text of a list of texts."""
    bound = _bound(field, field.items[0], item)
    return rx.el.div(
        rx.el.input(
            type="text",
            id=bound.element_id,
            class_name="input",
            key=FormState.version,
            max_length=bound.field.max_length,
            default_value=bound.value.to(str),
            aria_label=f"{field.title} {number}",
            **typed(bound.change),
        ),
        _buttons(field, item, number),
        field_problem(bound.problem),
        class_name="item-line",
        key=item.id,
    )


def _box(field: Field, item: rx.Var[ListItem], number: rx.Var[int]) -> rx.Component:
    """An item with several settings, behind its first one."""
    first = item.content[field.items[0].path].to(str)
    return rx.el.details(
        rx.el.summary(
            rx.icon("chevron-right", size=14),
            rx.el.span(rx.cond(first, first, f"{field.title} {number}"), class_name="ellipsis"),
            _buttons(field, item, number),
        ),
        rx.el.div(*[labelled(_bound(field, part, item)) for part in field.items], class_name="item-body"),
        class_name="item",
        key=item.id,
        open=item.id.startswith("n"),  # a new one is open, to be filled in
    )


def _bound(field: Field, part: Field, item: rx.Var[ListItem]) -> Binding:
    return Binding(
        field=part,
        element_id=part.element_id_in(field.path, item.id),
        value=item.content[part.path],
        problem=FormState.problems[f"{field.path}.{item.id}.{part.path}"],
        change=lambda raw: FormState.set_item(field.path, item.id, part.path, raw),
    )


def _buttons(field: Field, item: rx.Var[ListItem], number: rx.Var[int]) -> rx.Component:
    path, name = field.path, f"{field.title} {number}"
    up, down = FormState.move_item(path, item.id, False), FormState.move_item(path, item.id, True)
    remove = FormState.remove_item(path, item.id)
    is_last = FormState.lists[path].length() == number
    # Where a click would also open or close the item that the button is in, it does not.
    return rx.el.span(
        icon_button("arrow-up", f"Move {name} up", disabled=number == 1, on_click=repainted(up.prevent_default)),
        icon_button("arrow-down", f"Move {name} down", disabled=is_last, on_click=repainted(down.prevent_default)),
        icon_button("trash-2", f"Remove {name}", on_click=repainted(remove.prevent_default)),
        class_name="item-buttons",
    )
