"""One input a setting, whatever holds its value: the form itself or an item of one of its lists."""

from dataclasses import dataclass

import reflex as rx

from webapp.ui.components.changes import Change, dragged, repainted, typed
from webapp.ui.fields import Field
from webapp.ui.states.form import FormState


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A field and where its value is.

    Attributes:
        element_id: For the label and its input.
        value: What is set.
        problem: What is wrong with it, if anything.
        change: Sends what was typed or dragged.
    """

    field: Field
    element_id: rx.Var[str] | str
    value: rx.Var
    problem: rx.Var
    change: Change


def labelled(bound: Binding) -> rx.Component:
    """The input with its label, and a sentence where something is wrong."""
    field = bound.field
    if field.widget == "switch":
        return rx.el.div(_label(bound), _switch(bound), class_name="field-row", title=field.description)
    if field.widget in {"number", "color", "any-color"}:
        row = rx.el.div(_label(bound), _input(bound), class_name="field-row")
        return rx.el.div(row, field_problem(bound.problem), class_name="field", title=field.description)
    head = rx.el.div(_label(bound), _note(bound), class_name="field-head")
    return rx.el.div(head, _input(bound), field_problem(bound.problem), class_name="field", title=field.description)


def field_problem(text: rx.Var[str]) -> rx.Component:
    """A sentence about what is wrong with one field; nothing where there is none."""
    return rx.cond(text, rx.el.span(text, class_name="field-problem", role="alert"))


def _label(bound: Binding) -> rx.Component:
    return rx.el.label(bound.field.title, html_for=bound.element_id)


def _note(bound: Binding) -> rx.Component:
    """What stands at the right of the label: a slider's number, or how much of a text's room is used."""
    field, value = bound.field, bound.value
    if field.widget == "slider":
        unit = f" {field.unit}" if field.unit else ""
        return rx.el.output(f"{value}{unit}", class_name="field-value", html_for=bound.element_id)
    if field.widget in {"text", "textarea"} and field.max_length:
        return rx.el.span(f"{value.to(str).length()} / {field.max_length}", class_name="field-value")
    return rx.fragment()


def _switch(bound: Binding) -> rx.Component:
    return rx.el.input(
        type="checkbox",
        role="switch",
        id=bound.element_id,
        class_name="switch",
        key=FormState.version,
        default_checked=bound.value.to(bool),
        on_change=lambda is_on: repainted(bound.change(is_on)),
    )


def _input(bound: Binding) -> rx.Component:
    """The input itself, uncontrolled: what is typed never waits for the server."""
    make = {
        "slider": _slider,
        "number": _number,
        "color": _color,
        "any-color": _any_color,
        "select": _select,
        "font": _select,
        "textarea": _textarea,
    }.get(bound.field.widget)
    return make(bound) if make else _text(bound, type="text", max_length=bound.field.max_length, class_name="input")


def _number(bound: Binding) -> rx.Component:
    field = bound.field
    placeholder = "auto" if field.is_optional else ""
    box = _text(bound, type="text", input_mode="decimal", placeholder=placeholder, class_name="input input-short")
    return rx.el.div(box, rx.el.span(field.unit, class_name="unit"), class_name="with-unit") if field.unit else box


def _color(bound: Binding) -> rx.Component:
    return _text(bound, type="color", class_name="swatch")


def _slider(bound: Binding) -> rx.Component:
    field, value = bound.field, bound.value
    low, high = field.minimum or 0, field.maximum or 0
    return rx.el.input(
        type="range",
        id=bound.element_id,
        class_name="range",
        key=FormState.version,
        min=low,
        max=high,
        step=field.step,
        default_value=value.to(float),
        style={"--fill": f"calc(({value} - {low}) / ({high} - {low}) * 100%)"},
        on_change=dragged(bound.change, every_ms=60, rest_ms=120),
        on_blur=lambda number: repainted(bound.change(number)),
    )


def _text(bound: Binding, **props: object) -> rx.Component:
    return rx.el.input(
        id=bound.element_id,
        key=FormState.version,
        default_value=rx.cond(bound.value.is_none(), "", bound.value.to_string(use_json=False)),
        aria_invalid=bound.problem.bool().to_string(),
        **typed(bound.change),
        **props,
    )


def _any_color(bound: Binding) -> rx.Component:
    """A colour that may be see-through or none: typed, and shown beside it."""
    shown = rx.el.span(
        rx.el.span(style={"background": bound.value}), class_name="swatch-shown", custom_attrs={"aria-hidden": "true"}
    )
    return rx.el.div(shown, _text(bound, type="text", class_name="input input-color"), class_name="any-color")


def _textarea(bound: Binding) -> rx.Component:
    return rx.el.textarea(
        id=bound.element_id,
        class_name="input",
        key=FormState.version,
        rows="3",
        max_length=bound.field.max_length,
        placeholder=bound.field.description,
        default_value=bound.value.to(str),
        aria_invalid=bound.problem.bool().to_string(),
        **typed(bound.change),
    )


def _select(bound: Binding) -> rx.Component:
    return rx.el.select(
        *[rx.el.option(option, value=option) for option in bound.field.options],
        id=bound.element_id,
        class_name="input",
        key=FormState.version,
        default_value=bound.value.to(str),
        on_change=lambda option: repainted(bound.change(option)),
    )
