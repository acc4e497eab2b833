"""One's own account: who one is, where one is logged in, keys for programs."""

import reflex as rx

from webapp.ui.components.account import keys, sessions
from webapp.ui.components.native import plain_form
from webapp.ui.layout import page_bar, page_foot
from webapp.ui.routes import LOGOUT
from webapp.ui.states.account import AccountState


def account_page() -> rx.Component:
    """The person above; browsers and programs that act in their name beside each other."""
    return rx.el.div(
        rx.script(src="/moments.js"),
        page_bar(),
        rx.el.main(
            rx.cond(AccountState.user_name, rx.fragment(_person(), rx.el.div(sessions(), keys(), class_name="blocks"))),
            class_name="account",
        ),
        page_foot(),
        class_name="app doc-page",
    )


def _person() -> rx.Component:
    return rx.el.header(
        rx.el.span(AccountState.user_name[:1], class_name="avatar-letter", aria_hidden="true"),
        rx.el.div(
            rx.el.h1(AccountState.user_name), rx.el.p(AccountState.about, class_name="small"), class_name="row-words"
        ),
        plain_form(
            rx.el.button(rx.icon("log-out", size=15), "Sign out", type="submit", class_name="btn"), action=LOGOUT
        ),
        class_name="account-head",
    )
