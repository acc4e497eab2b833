"""The form of a template, built from its schema: one group a section, one input a setting."""

from typing import Any

import reflex as rx

from webapp.ui.components.notices import icon_button
from webapp.ui.fields import Field, groups_of
from webapp.ui.states.studio import StudioState


def template_form(template: str) -> rx.Component:
    """All settings of a template; the first two groups are open."""
    groups = groups_of(template).items()
    return rx.el.div(*[_group(title, fields, is_open=i < 2) for i, (title, fields) in enumerate(groups)])


def settings_panel(templates: tuple[str, ...]) -> rx.Component:
    """The right side: the form of the chosen template."""
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Settings"),
            icon_button("rotate-ccw", "Reset all settings", on_click=StudioState.reset_settings),
            class_name="panel-head",
        ),
        rx.match(StudioState.template, *[(name, template_form(name)) for name in templates], rx.fragment()),
        class_name="panel panel-end",
        aria_label="Settings",
        # A new key makes the inputs read their values anew after a reset.
        key=f"{StudioState.template}-{StudioState.form_version}",
    )


def _group(title: str, fields: list[Field], *, is_open: bool) -> rx.Component:
    return rx.el.details(
        rx.el.summary(title, rx.icon("chevron-down", size=16)),
        rx.el.div(*[_field(field) for field in fields], class_name="fields"),
        class_name="group",
        open=is_open,
    )


def _field(field: Field) -> rx.Component:
    if field.widget == "switch":
        return rx.el.div(_label(field), _switch(field), class_name="field-row", title=field.description)
    if field.widget in {"number", "color"}:
        row = rx.el.div(_label(field), _input(field), class_name="field-row")
        return rx.el.div(row, _problem(field), class_name="field", title=field.description)
    head = rx.el.div(_label(field), _value(field), class_name="field-head")
    return rx.el.div(head, _input(field), _problem(field), class_name="field", title=field.description)


def _label(field: Field) -> rx.Component:
    return rx.el.label(field.title, html_for=field.element_id)


def _value(field: Field) -> rx.Component:
    """What stands at the right of the label: a slider's number, or how much of a text's room is used."""
    value = StudioState.values[field.path]
    if field.widget == "slider":
        unit = f" {field.unit}" if field.unit else ""
        return rx.el.output(f"{value}{unit}", class_name="field-value", html_for=field.element_id)
    if field.widget in {"text", "textarea"} and field.max_length:
        return rx.el.span(f"{value.to(str).length()} / {field.max_length}", class_name="field-value")
    return rx.fragment()


def _problem(field: Field) -> rx.Component:
    text = StudioState.problems[field.path]
    return rx.cond(text, rx.el.span(text, class_name="field-problem", role="alert"))


def _switch(field: Field) -> rx.Component:
    return rx.el.input(
        type="checkbox",
        role="switch",
        id=field.element_id,
        class_name="switch",
        default_checked=StudioState.values[field.path].to(bool),
        on_change=lambda checked: StudioState.set_value(field.path, checked),
    )


def _input(field: Field) -> rx.Component:
    """The input itself, uncontrolled: what is typed never waits for the server."""
    value = StudioState.values[field.path]
    match field.widget:
        case "slider":
            return _slider(field, value)
        case "number":
            return _text(
                field, value, type="text", input_mode="decimal", placeholder="auto", class_name="input input-short"
            )
        case "color":
            return _text(field, value, type="color", class_name="swatch")
        case "select":
            return _select(field, value)
        case "textarea":
            return _textarea(field, value)
    return _text(field, value, type="text", max_length=field.max_length, class_name="input")


def _slider(field: Field, value: rx.Var) -> rx.Component:
    low, high = field.minimum or 0, field.maximum or 0
    change = StudioState.set_value
    return rx.el.input(
        type="range",
        id=field.element_id,
        class_name="range",
        min=low,
        max=high,
        step=field.step,
        default_value=value.to(float),
        style={"--fill": f"calc(({value} - {low}) / ({high} - {low}) * 100%)"},
        # Throttling may swallow the last value of a drag; the second one brings it.
        on_change=[
            lambda number: change(field.path, number).throttle(60),
            lambda number: change(field.path, number).debounce(120),
        ],
        on_blur=lambda number: change(field.path, number),
    )


def _typed(field: Field) -> dict[str, Any]:
    """While somebody types, a moment later; at once when they turn to something else, such as the Render button."""
    return {
        "on_change": lambda text: StudioState.set_value(field.path, text).debounce(250),
        "on_blur": lambda text: StudioState.set_value(field.path, text),
    }


def _text(field: Field, value: rx.Var, **props: object) -> rx.Component:
    return rx.el.input(
        id=field.element_id,
        default_value=rx.cond(value.is_none(), "", value.to_string(use_json=False)),
        aria_invalid=(StudioState.problems[field.path] != "").to_string(),
        **_typed(field),
        **props,
    )


def _textarea(field: Field, value: rx.Var) -> rx.Component:
    return rx.el.textarea(
        id=field.element_id,
        class_name="input",
        rows="3",
        max_length=field.max_length,
        placeholder=field.description,
        default_value=value.to(str),
        **_typed(field),
    )


def _select(field: Field, value: rx.Var) -> rx.Component:
    return rx.el.select(
        *[rx.el.option(option, value=option) for option in field.options],
        id=field.element_id,
        class_name="input",
        default_value=value.to(str),
        on_change=lambda text: StudioState.set_value(field.path, text),
    )
