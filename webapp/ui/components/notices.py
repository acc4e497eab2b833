"""Small things that several panels show: problems, bars, badges."""

import reflex as rx


def problem(text: rx.Var[str] | str) -> rx.Component:
    """A sentence about what went wrong; nothing where there is none."""
    return rx.cond(
        text, rx.el.div(rx.icon("circle-alert", size=15), rx.el.span(text), class_name="problem", role="alert")
    )


def hint(text: rx.Var[str] | str) -> rx.Component:
    """A sentence about what is being waited for; nothing where there is none."""
    return rx.cond(text, rx.el.div(rx.icon("info", size=15), rx.el.span(text), class_name="hint", role="status"))


def bar(percent: rx.Var[int], label: str) -> rx.Component:
    """A bar that glides from value to value."""
    return rx.el.div(
        rx.el.div(style={"transform": f"scaleX(calc({percent} / 100))"}),
        class_name="bar",
        role="progressbar",
        aria_label=label,
        custom_attrs={"aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": percent},
    )


def icon_button(icon: str, label: str, **props: object) -> rx.Component:
    """A button that shows an icon and says its label to those who listen."""
    classes = f"btn btn-quiet btn-icon {props.pop('class_name', '')}"
    return rx.el.button(
        rx.icon(icon, size=16), type="button", class_name=classes, aria_label=label, title=label, **props
    )
