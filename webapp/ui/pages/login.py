"""The way in."""

import reflex as rx

from webapp.ui.components.native import plain_form
from webapp.ui.routes import DEV_LOGIN


def login_page() -> rx.Component:
    """One box. The form is sent by the browser itself: the session cookie is read when the next page connects."""
    return rx.el.main(
        rx.el.div(
            rx.el.img(src="/favicon.svg", alt=""),
            rx.el.h1("Reelgrove"),
            rx.el.p(
                "Personalised videos from a template: pick media, type a headline, press Render.", class_name="small"
            ),
            plain_form(
                rx.el.button("Continue as developer", type="submit", class_name="btn btn-primary btn-large"),
                action=DEV_LOGIN,
            ),
            rx.el.p("This login exists on your own machine only.", class_name="small"),
            class_name="login-box",
        ),
        class_name="login",
    )
