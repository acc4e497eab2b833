"""The dialog about a video's links."""

import reflex as rx

from webapp.ui.components.notices import icon_button
from webapp.ui.states.shares import LIFETIMES, ShareCard, SharesState


def share_dialog() -> rx.Component:
    """Make a link, copy it, end it."""
    return rx.dialog.root(
        rx.dialog.content(
            rx.el.div(
                rx.dialog.title("Share this video"),
                rx.dialog.description(
                    "Whoever has a link can watch and download “",
                    rx.el.strong(SharesState.title),
                    "” without logging in.",
                ),
                _new(),
                rx.cond(
                    SharesState.links.length() > 0,
                    rx.el.ul(rx.foreach(SharesState.links, _link), class_name="share-links", aria_label="Open links"),
                    rx.el.p("There is no link yet.", class_name="small"),
                ),
                rx.dialog.close(rx.el.button("Done", type="button", class_name="btn dialog-done")),
                class_name="app share-box",
            ),
            max_width="520px",
        ),
        open=SharesState.video_id != "",
        on_open_change=lambda _is_open: SharesState.close(),
    )


def _new() -> rx.Component:
    return rx.el.div(
        rx.el.label("Lasts", html_for="share-lifetime"),
        rx.el.select(
            *[rx.el.option(words, value=days) for days, words in LIFETIMES.items()],
            id="share-lifetime",
            class_name="input",
            value=SharesState.lifetime,
            on_change=SharesState.choose_lifetime,
        ),
        rx.el.button(
            rx.icon("link", size=16),
            "Make a link",
            type="button",
            class_name="btn btn-primary",
            on_click=SharesState.make,
        ),
        class_name="share-new",
    )


def _link(link: rx.Var[ShareCard]) -> rx.Component:
    address = rx.Var(f"new URL({link.path!s}, window.location.href).href").to(str)
    how = "{day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit'}"
    until = rx.Var(f"new Date({link.expires_at!s}).toLocaleString([], {how})").to(str)
    return rx.el.li(
        rx.el.input(
            value=address,
            read_only=True,
            class_name="input",
            aria_label="Link",
            on_focus=rx.call_script("document.activeElement.select()"),
        ),
        icon_button("copy", "Copy the link", on_click=SharesState.copy(link.path)),
        icon_button("trash-2", "End the link", on_click=SharesState.end(link.id)),
        rx.el.span("Until ", until, class_name="small number"),
    )
