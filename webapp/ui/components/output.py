"""What kind of file the draft becomes: shape and size of the picture, format and quality of the file."""

from collections.abc import Mapping

import reflex as rx
from reflex.event import EventCallback

from webapp.ui.components.changes import kept, repainted
from webapp.ui.formats import OUTPUTS, QUALITIES, SHAPES, SIZES
from webapp.ui.states.form import FormState


def shape_choice() -> rx.Component:
    """Presets for width and height; the fields below stay for everything else."""
    return rx.fragment(
        _segments(
            "Shape",
            {shape: rx.fragment(_outline(shape), shape) for shape in SHAPES},
            FormState.shape,
            lambda shape: repainted(FormState.choose_shape(shape)),
        ),
        rx.el.div(
            rx.el.label("Shorter side", html_for="shorter-side"),
            rx.el.select(
                rx.el.option("own", value="", disabled=True),
                *[rx.el.option(f"{size} px", value=str(size)) for size in SIZES],
                id="shorter-side",
                class_name="input input-short",
                value=rx.cond(_is_preset(), FormState.size.to_string(), ""),
                on_change=lambda size: repainted(FormState.choose_size(size)),
            ),
            class_name="field-row",
        ),
    )


def output_group() -> rx.Component:
    """The format of the file and how much work goes into it."""
    return rx.el.details(
        rx.el.summary("File", rx.icon("chevron-down", size=16)),
        rx.el.div(
            _choice("Kind of file", OUTPUTS, FormState.output, lambda kind: kept(FormState.set_output(kind))),
            _choice("Quality", QUALITIES, FormState.quality, lambda word: kept(FormState.set_quality(word))),
            class_name="fields",
        ),
        class_name="group",
        open=False,
    )


def _is_preset() -> rx.Var[bool]:
    return (FormState.shape != "") & rx.Var.create(list(SIZES)).contains(FormState.size)


def _choice(
    title: str, options: Mapping[str, tuple[str, str]], chosen: rx.Var[str], change: EventCallback
) -> rx.Component:
    names = {value: rx.fragment(name) for value, (name, _words) in options.items()}
    words = rx.match(chosen, *[(value, words) for value, (_name, words) in options.items()], "")
    return rx.el.div(_segments(title, names, chosen, change), rx.el.p(words, class_name="small"), class_name="field")


def _segments(
    title: str, options: Mapping[str, rx.Component], chosen: rx.Var[str], change: EventCallback
) -> rx.Component:
    name = title.lower().replace(" ", "-")
    return rx.el.fieldset(
        rx.el.legend(title),
        *[
            rx.el.label(
                rx.el.input(
                    type="radio",
                    name=name,
                    value=value,
                    class_name="sr-only",
                    checked=chosen == value,
                    on_change=change,
                ),
                shown,
                class_name="segment",
            )
            for value, shown in options.items()
        ],
        class_name="segments",
    )


def _outline(shape: str) -> rx.Component:
    """The shape, drawn small."""
    wide, high = SHAPES[shape]
    style = {"width": f"{15 * wide / max(wide, high):.1f}px", "height": f"{15 * high / max(wide, high):.1f}px"}
    return rx.el.span(class_name="outline", style=style, custom_attrs={"aria-hidden": "true"})
