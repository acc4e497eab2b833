"""The way in."""

import reflex as rx

from webapp.ui.components.native import plain_form, plain_link
from webapp.ui.components.notices import problem
from webapp.ui.routes import BEGIN_LOGIN
from webapp.ui.states.login import LoginState


def login_page() -> rx.Component:
    """One box. The browser itself goes to the provider of identities: the session's cookie is set on the way back."""
    return rx.el.main(
        rx.script(src="/login.js"),
        rx.el.div(
            rx.el.img(src="/favicon.svg", alt=""),
            rx.el.h1("Reelgrove"),
            rx.el.p(
                "Personalised videos from a template: pick media, type a headline, press Render.", class_name="small"
            ),
            problem(LoginState.trouble),
            rx.cond(LoginState.is_open, _doors(), rx.el.p("One moment…", class_name="small")),
            class_name="login-box",
        ),
        class_name="login",
    )


def _doors() -> rx.Component:
    return rx.fragment(
        rx.cond(LoginState.has_telegram, _telegram()),
        rx.cond(LoginState.has_demo, _demo()),
        rx.cond(
            LoginState.has_telegram | LoginState.has_demo,
            None,
            rx.el.p("No way to log in has been set up here yet: ask whoever runs this server.", class_name="small"),
        ),
    )


def _telegram() -> rx.Component:
    return plain_form(
        *_wish(via="telegram"),
        rx.el.button(
            rx.icon("send", size=18),
            "Log in with Telegram",
            type="submit",
            class_name="btn btn-large btn-telegram",
        ),
        action=BEGIN_LOGIN,
        method="get",
    )


def _demo() -> rx.Component:
    return rx.fragment(
        plain_form(
            *_wish(via="demo", login_hint="demo"),
            rx.el.button("Continue as demo", type="submit", class_name="btn btn-primary btn-large"),
            action=BEGIN_LOGIN,
            method="get",
        ),
        rx.el.p(
            "A name is enough on your own machine: ",
            plain_link("use another", target=LoginState.another_name, class_name="link"),
            class_name="small login-note",
        ),
    )


def _wish(**fields: str) -> list[rx.Component]:
    """What the button asks for, beside the page to come to in the end."""
    hidden = [rx.el.input(type="hidden", name=name, value=value) for name, value in fields.items()]
    return [*hidden, rx.el.input(type="hidden", name="next", value=LoginState.next_path)]
