"""The parts of the account page: browsers that are logged in, and keys."""

import reflex as rx

from webapp.models import Scope
from webapp.ui.components.dialogs import confirmed
from webapp.ui.components.moments import ago, day_of
from webapp.ui.components.native import plain_link
from webapp.ui.components.notices import icon_button, problem
from webapp.ui.routes import API_DOCS
from webapp.ui.states.account import LIFETIMES, AccountState, KeyCard, SessionCard

_KINDS = {
    "videos": "Videos",
    "assets": "Assets",
    "templates": "Saved settings",
    "workspaces": "Workspaces",
    "webhooks": "Webhooks",
}


def sessions() -> rx.Component:
    """Browsers that are logged in, this one first."""
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Where you are logged in"),
            rx.cond(
                AccountState.sessions.length() > 1,
                confirmed(
                    rx.el.button("Log out others", type="button", class_name="btn btn-quiet"),
                    title="Log out all other browsers?",
                    words="Only this browser stays logged in. API keys go on working.",
                    act="Log them out",
                    on_act=AccountState.end_others,
                ),
            ),
            class_name="block-head",
        ),
        rx.el.ul(rx.foreach(AccountState.sessions, _session), class_name="rows", id="sessions"),
        class_name="block",
        aria_label="Where you are logged in",
    )


def _session(session: rx.Var[SessionCard]) -> rx.Component:
    return rx.el.li(
        rx.el.span(rx.icon("globe", size=15), class_name="thumb-small", aria_hidden="true"),
        rx.el.span(
            rx.el.span(
                rx.el.span(
                    session.browser, rx.cond(session.device, f" on {session.device}", ""), class_name="asset-name"
                ),
                rx.cond(session.is_current, rx.el.span("this browser", class_name="tag")),
                class_name="row-line",
            ),
            rx.el.span(
                f"{session.address} · since ",
                day_of(session.since),
                rx.cond(session.is_current, "", rx.fragment(" · seen ", ago(session.last_seen))),
                class_name="small",
            ),
            class_name="row-words",
        ),
        rx.cond(
            session.is_current,
            None,
            icon_button("log-out", f"Log out {session.browser}", on_click=AccountState.end(session.id)),
        ),
        class_name="row",
    )


def keys() -> rx.Component:
    """Keys, and a form for one more."""
    return rx.el.section(
        rx.el.div(
            rx.el.h2("API keys"),
            plain_link("How to use them", target=API_DOCS, class_name="link"),
            class_name="block-head",
        ),
        rx.cond(
            AccountState.keys,
            rx.el.ul(rx.foreach(AccountState.keys, _key), class_name="rows", id="keys"),
            rx.el.p("With a key a program of yours can do what you do here. There is none yet.", class_name="small"),
        ),
        rx.cond(AccountState.new_secret, _new_secret(), _form()),
        class_name="block",
        aria_label="API keys",
    )


def _key(key: rx.Var[KeyCard]) -> rx.Component:
    return rx.el.li(
        rx.el.span(rx.icon("key-round", size=15), class_name="thumb-small", aria_hidden="true"),
        rx.el.span(
            rx.el.span(
                rx.el.span(key.name, class_name="asset-name ellipsis"),
                rx.el.code(f"{key.prefix}…"),
                class_name="row-line",
            ),
            rx.el.span(
                key.scopes,
                rx.cond(key.last_used, rx.fragment(" · used ", ago(key.last_used)), " · never used"),
                rx.cond(key.expires, rx.fragment(" · until ", day_of(key.expires)), ""),
                class_name="small",
            ),
            class_name="row-words",
        ),
        confirmed(
            icon_button("trash-2", f"Revoke {key.name}"),
            title=f"Revoke {key.name}?",
            words="Programs that use this key are refused from now on. It cannot be brought back.",
            act="Revoke",
            on_act=AccountState.revoke(key.id),
        ),
        class_name="row",
    )


def _new_secret() -> rx.Component:
    """Shown once."""
    return rx.el.div(
        rx.el.span(f"The key {AccountState.new_name}. Copy it now: it is shown this once.", class_name="small"),
        rx.el.code(AccountState.new_secret, id="new-secret"),
        rx.el.div(
            rx.el.button(
                rx.icon("copy", size=15),
                "Copy key",
                type="button",
                class_name="btn btn-primary",
                on_click=[rx.set_clipboard(AccountState.new_secret), rx.toast("Copied", duration=1500)],
            ),
            rx.el.button("Done", type="button", class_name="btn", on_click=AccountState.forget_secret),
            class_name="once-line",
        ),
        class_name="once",
        role="status",
    )


def _form() -> rx.Component:
    return rx.el.form(
        rx.el.h3("Make a key"),
        problem(AccountState.problem),
        rx.el.div(
            rx.el.input(
                name="name",
                placeholder="What it is for",
                class_name="input",
                max_length=100,
                required=True,
                aria_label="Name of the key",
            ),
            rx.el.select(
                *[rx.el.option(words, value=days) for days, words in LIFETIMES.items()],
                name="days",
                default_value="90",
                class_name="input",
                aria_label="How long the key works",
            ),
            class_name="key-line",
        ),
        rx.el.fieldset(
            rx.el.legend("It may", class_name="small"),
            *[_scopes(kind, words) for kind, words in _KINDS.items()],
            class_name="scopes",
        ),
        rx.el.button(rx.icon("plus", size=15), "Make a key", type="submit", class_name="btn"),
        on_submit=AccountState.make_key,
        class_name="key-form",
    )


def _scopes(kind: str, words: str) -> rx.Component:
    return rx.el.div(
        rx.el.span(words),
        *[_scope(Scope(f"{kind}:{how}"), words, how) for how in ("read", "write")],
        class_name="scope-row",
    )


def _scope(scope: Scope, words: str, how: str) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="checkbox",
            name=scope.value,
            value="on",
            default_checked=how == "read" or scope is Scope.VIDEOS_WRITE,
            aria_label=f"{words}: {how}",
        ),
        how,
        class_name="scope",
    )
