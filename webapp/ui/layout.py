"""What frames the pages: the bar at the top, the line at the foot."""

import reflex as rx

from webapp.ui.components.changes import kept
from webapp.ui.components.native import plain_form, plain_link
from webapp.ui.components.stage import render_button
from webapp.ui.components.workspace import where
from webapp.ui.routes import ACCOUNT, API_DOCS, LIBRARY, LOGOUT, STUDIO, TEAM, TEMPLATES, WEBHOOKS
from webapp.ui.states.page import PageState
from webapp.ui.states.studio import UNTITLED, StudioState


def top_bar() -> rx.Component:
    """Brand, the video's title, and what is always at hand."""
    return rx.el.header(
        rx.el.div(brand(), where(), class_name="top-start"),
        rx.el.input(
            class_name="top-title",
            id="title",
            aria_label="Title of the video",
            placeholder=UNTITLED,
            max_length=200,
            default_value=StudioState.title,
            key=f"{PageState.user_name}-{StudioState.fillings}",
            on_change=lambda text: kept(StudioState.set_title(text).debounce(300)),
            on_blur=lambda text: kept(StudioState.set_title(text)),
        ),
        rx.el.div(
            _quiet_link("images", "Library", LIBRARY, "to-library"),
            _quiet_link("users", "Team", TEAM, "to-team"),
            _quiet_link("layout-template", "Templates", TEMPLATES, "to-templates"),
            _quiet_link("clapperboard", "Videos", "#videos", "to-history", aria_label="Your videos"),
            render_button(class_name="render-top"),
            _account(),
            class_name="top-end",
        ),
        class_name="top",
    )


def page_bar() -> rx.Component:
    """The bar of pages beside the studio."""
    return rx.el.header(
        brand(),
        rx.el.span(),
        rx.el.nav(
            _quiet_link("sparkles", "Studio", STUDIO, "to-studio"),
            _quiet_link("images", "Library", LIBRARY, "to-library"),
            _quiet_link("users", "Team", TEAM, "to-team"),
            _quiet_link("layout-template", "Templates", TEMPLATES, "to-templates"),
            _quiet_link("user-round", "Account", ACCOUNT, "to-account"),
            class_name="top-end",
            aria_label="Pages",
        ),
        class_name="top",
    )


def page_foot() -> rx.Component:
    """Where to read on."""
    return rx.el.footer(
        rx.el.a("Templates", href=TEMPLATES, class_name="link"),
        rx.el.a("Webhooks", href=WEBHOOKS, class_name="link"),
        # The browser's own way: the API's page is none of Reflex's.
        plain_link("REST API", target=API_DOCS, class_name="link"),
        class_name="foot",
    )


def _quiet_link(icon: str, words: str, target: str, name: str, **props: object) -> rx.Component:
    classes = f"btn btn-quiet {name}"
    return rx.el.a(rx.icon(icon, size=16), rx.el.span(words), href=target, class_name=classes, title=words, **props)


def brand() -> rx.Component:
    """The name."""
    return rx.el.a(
        rx.el.img(src="/favicon.svg", alt=""),
        rx.el.span("Reelgrove"),
        href="/",
        class_name="brand",
        aria_label="Reelgrove, start page",
    )


def _account() -> rx.Component:
    return rx.popover.root(
        rx.popover.trigger(
            rx.el.button(PageState.user_name[:1], type="button", class_name="avatar-letter", aria_label="Your account")
        ),
        rx.popover.content(
            rx.el.div(
                rx.el.div("Signed in as", class_name="small"),
                rx.el.div(PageState.user_name, class_name="asset-name"),
                rx.el.a(rx.icon("user-round", size=15), "Account", href=ACCOUNT, class_name="btn"),
                plain_form(
                    rx.el.button(rx.icon("log-out", size=15), "Sign out", type="submit", class_name="btn"),
                    action=LOGOUT,
                ),
                class_name="app",
                style={"display": "grid", "gap": "6px"},
            ),
            size="1",
            align="end",
        ),
    )
