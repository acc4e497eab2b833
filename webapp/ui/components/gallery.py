"""The choice of a template: what each looks like and is for."""

import reflex as rx

from render_core.templates import template_schema
from webapp.ui.routes import TEMPLATES
from webapp.ui.states.page import PageState
from webapp.ui.states.studio import StudioState


def template_choice(templates: tuple[str, ...]) -> rx.Component:
    """The chosen template; a click shows all of them."""
    return rx.dialog.root(
        rx.dialog.trigger(
            rx.el.button(
                picture(StudioState.template),
                rx.el.span(
                    rx.el.span(StudioState.template_title, class_name="asset-name"),
                    rx.el.span(StudioState.template_words, class_name="small clamp"),
                    class_name="template-words",
                ),
                rx.icon("chevrons-up-down", size=16),
                type="button",
                class_name="template-card",
                aria_label=f"Template: {StudioState.template_title}. Choose another",
            )
        ),
        rx.dialog.content(
            rx.el.div(
                rx.dialog.title("Choose a template"),
                rx.dialog.description("Media and texts that fit come along; each template keeps its own draft."),
                rx.el.div(*[_option(name) for name in templates], class_name="gallery"),
                rx.el.a("What each of them can do", href=TEMPLATES, class_name="link"),
                class_name="app gallery-box",
            ),
            max_width="860px",
        ),
    )


def picture(template: rx.Var[str] | str) -> rx.Component:
    """A frame of the template, painted by the renderer; a plain tile until it is there."""
    return rx.el.span(
        class_name="template-picture",
        style={"backgroundImage": f"url(/api/templates/{template}/picture.jpg), var(--tile)"},
        custom_attrs={"aria-hidden": "true"},
    )


def words_about(template: str) -> str:
    """The first sentence about a template."""
    return str(template_schema(template).get("description", "")).partition("\n")[0]


def _option(name: str) -> rx.Component:
    return rx.dialog.close(
        rx.el.button(
            picture(name),
            rx.el.span(str(template_schema(name)["title"]), class_name="asset-name"),
            rx.el.span(words_about(name), class_name="small"),
            type="button",
            class_name="template-option",
            aria_pressed=(StudioState.template == name).to_string(),
            on_click=PageState.choose_template(name),
        )
    )
