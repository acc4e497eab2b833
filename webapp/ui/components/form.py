"""The form of a template, built from its schema: one group a section, one input a setting."""

import reflex as rx

from webapp.ui.components.captions import captions_editor
from webapp.ui.components.changes import typed
from webapp.ui.components.inputs import Binding, labelled
from webapp.ui.components.lists import list_editor
from webapp.ui.components.notices import icon_button
from webapp.ui.components.output import output_group, shape_choice
from webapp.ui.components.saved import saved_settings
from webapp.ui.fields import CAPTIONS, LISTS, Field, captions_of, groups_of
from webapp.ui.states.form import FormState
from webapp.ui.states.undo import UndoState


def settings_panel(templates: tuple[str, ...]) -> rx.Component:
    """The right side: the variables, the form of the chosen template, the kind of file."""
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Settings"),
            saved_settings(),
            icon_button("rotate-ccw", "Reset all settings", on_click=UndoState.reset_settings),
            class_name="panel-head",
        ),
        _variables(),
        rx.match(FormState.template, *[(name, _template_form(name)) for name in templates], rx.fragment()),
        output_group(),
        class_name="panel panel-end",
        aria_label="Settings",
    )


def _template_form(template: str) -> rx.Component:
    """All settings of a template; the first two groups are open."""
    groups = groups_of(template).items()
    return rx.el.div(
        *[_group(template, title, fields, is_open=index < 2) for index, (title, fields) in enumerate(groups)],
        key=template,
    )


def _group(template: str, title: str, fields: list[Field], *, is_open: bool) -> rx.Component:
    shapes = [shape_choice()] if {"width", "height"} <= {field.path for field in fields} else []
    return rx.el.details(
        rx.el.summary(title, rx.icon("chevron-down", size=16)),
        rx.el.div(*shapes, *_parts(template, fields), class_name="fields"),
        class_name="group",
        open=is_open,
    )


def _parts(template: str, fields: list[Field]) -> list[rx.Component]:
    """One component a field; those of captions have one editor together, where the first of them stands."""
    captions = [field for field in fields if field.widget in CAPTIONS]
    return [_part(template, field) for field in fields if field not in captions[1:]]


def _part(template: str, field: Field) -> rx.Component:
    if field.widget in CAPTIONS:
        return captions_editor(captions_of(template))
    if field.widget in LISTS:
        return list_editor(field)
    return labelled(
        Binding(
            field=field,
            element_id=field.element_id,
            value=FormState.values[field.path],
            problem=FormState.problems[field.path],
            change=lambda raw: FormState.set_value(field.path, raw),
        )
    )


def _variables() -> rx.Component:
    """A field for each ``{{name}}`` in the texts."""
    return rx.cond(
        FormState.variables.length() > 0,
        rx.el.details(
            rx.el.summary("Variables", rx.icon("chevron-down", size=16)),
            rx.el.div(rx.foreach(FormState.variables, _variable), class_name="fields"),
            class_name="group",
            open=True,
        ),
    )


def _variable(name: rx.Var[str]) -> rx.Component:
    value = FormState.variable_values[name]
    missing = rx.el.span("Needs a value before there can be a video.", class_name="field-problem", role="status")
    return rx.el.div(
        rx.el.label("{{", name, "}}", html_for=f"variable-{name}"),
        rx.el.input(
            type="text",
            id=f"variable-{name}",
            class_name="input",
            max_length=2000,
            default_value=rx.cond(value, value, ""),
            **typed(lambda text: FormState.set_variable(name, text)),
        ),
        rx.cond(value, rx.fragment(), missing),
        class_name="field variable",
        key=name,
    )
