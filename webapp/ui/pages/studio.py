"""The studio: everything from the media to the finished video on one page."""

import reflex as rx

from render_core.templates import template_names
from webapp.ui.components.form import settings_panel
from webapp.ui.components.history import history
from webapp.ui.components.media import media_panel
from webapp.ui.components.notices import hint
from webapp.ui.components.shares import share_dialog
from webapp.ui.components.stage import render_button, stage
from webapp.ui.components.undo import undo_notice
from webapp.ui.layout import page_foot, top_bar
from webapp.ui.states.page import PageState
from webapp.ui.states.studio import StudioState


def studio_page() -> rx.Component:
    """Media, stage, settings; history below. Until the server has said who asks there is nothing to show."""
    splash = rx.el.div(rx.el.img(src="/favicon.svg", alt="Loading"), class_name="splash")
    return rx.fragment(rx.cond(PageState.is_open, _studio(), splash), rx.script(src="/editor.js"))


def _studio() -> rx.Component:
    templates = template_names()
    return rx.el.div(
        top_bar(),
        rx.el.main(
            rx.el.h1("Studio", class_name="sr-only"),
            rx.el.div(media_panel(templates), stage(), settings_panel(templates), class_name="editor"),
            history(),
        ),
        share_dialog(),
        undo_notice(),
        page_foot(),
        rx.el.div(hint(StudioState.obstacle), render_button(class_name="btn-large"), class_name="render-foot"),
        class_name="app",
    )
