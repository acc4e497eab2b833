"""Webhooks: the list, the form for another one, and the secret that is shown once."""

import reflex as rx

from webapp.ui.components.dialogs import confirmed
from webapp.ui.components.notices import icon_button
from webapp.ui.states.deliveries import DeliveriesState
from webapp.ui.states.webhooks import EVENTS, WebhookCard, WebhooksState

_AT_FIRST = rx.Var.create(["render.completed", "render.failed"])


def webhook_list() -> rx.Component:
    """All of the workspace's, or an invitation to add the first one."""
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Addresses"),
            rx.el.button(
                rx.icon("plus", size=15),
                "Add a webhook",
                type="button",
                class_name="btn",
                on_click=WebhooksState.begin_adding(True),
            ),
            class_name="block-head",
        ),
        rx.cond(WebhooksState.is_adding, _form()),
        rx.cond(WebhooksState.secret, _secret()),
        rx.cond(
            WebhooksState.webhooks.length() > 0,
            rx.el.ul(rx.foreach(WebhooksState.webhooks, _webhook), class_name="hooks"),
            rx.cond(~WebhooksState.is_adding, _nothing()),
        ),
        class_name="block",
        aria_label="Addresses",
    )


def _nothing() -> rx.Component:
    return rx.el.div(
        rx.el.strong("No webhooks yet"),
        rx.el.span("Add the address of a program of yours, and it hears when a video is ready."),
        class_name="empty",
    )


def _webhook(hook: rx.Var[WebhookCard]) -> rx.Component:
    return rx.el.li(
        rx.cond(WebhooksState.editing == hook.id, _form(hook), _shown(hook)),
        class_name="hook",
    )


def _shown(hook: rx.Var[WebhookCard]) -> rx.Component:
    return rx.fragment(
        rx.el.button(
            rx.el.span(hook.url, class_name="hook-url"),
            rx.cond(hook.description, rx.el.span(hook.description, class_name="small")),
            rx.el.span(_state(hook), " · ", hook.events, class_name="small"),
            type="button",
            class_name="side-choice",
            aria_current=rx.cond(hook.id == DeliveriesState.webhook_id, "true", "false"),
            on_click=WebhooksState.look_at(hook.id),
        ),
        rx.cond(
            hook.id == DeliveriesState.webhook_id, rx.el.div(_switch(hook), _actions(hook), class_name="hook-actions")
        ),
        rx.cond(hook.reason, rx.el.p(hook.reason, class_name="small hook-reason")),
    )


def _state(hook: rx.Var[WebhookCard]) -> rx.Component:
    how = "{day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit'}"
    since = rx.Var(f"new Date({hook.failing_since!s}).toLocaleString([], {how})").to(str)
    is_failing = hook.failing_since != ""
    words = rx.cond(is_failing, rx.el.span("Failing since ", since), rx.cond(hook.is_enabled, "On", "Off"))
    return rx.el.span(words, class_name="state", data_state=hook.state)


def _switch(hook: rx.Var[WebhookCard]) -> rx.Component:
    return rx.el.label(
        rx.switch(checked=hook.is_enabled, on_change=lambda wish: WebhooksState.switch(hook.id, wish), size="1"),
        rx.cond(hook.is_enabled, "On", "Off"),
        class_name="switch-line small",
    )


def _actions(hook: rx.Var[WebhookCard]) -> rx.Component:
    return rx.el.span(
        rx.el.button(
            rx.icon("send", size=14),
            "Send a test",
            type="button",
            class_name="btn btn-quiet",
            disabled=~hook.is_enabled,
            on_click=[DeliveriesState.ping, WebhooksState.follow],
        ),
        icon_button("pencil", "Edit the webhook", on_click=WebhooksState.begin_editing(hook.id)),
        confirmed(
            icon_button("key-round", "Make a new secret"),
            title="Make a new secret?",
            words="It is shown once. For 24 hours messages are signed with the old one as well.",
            act="Make a new secret",
            on_act=WebhooksState.rotate(hook.id),
        ),
        confirmed(
            icon_button("trash-2", "Remove the webhook"),
            title="Remove this webhook?",
            words="Its log goes too, and what waits for it is not sent.",
            act="Remove",
            on_act=WebhooksState.remove(hook.id),
        ),
        class_name="row-end",
    )


def _form(hook: rx.Var[WebhookCard] | None = None) -> rx.Component:
    """For another webhook, or to change one."""
    name = "hook" if hook is None else "edited"
    return rx.el.form(
        *([] if hook is None else [rx.el.input(type="hidden", name="id", value=hook.id)]),
        rx.el.label("Address", html_for=f"{name}-url", class_name="small"),
        rx.el.input(
            name="url",
            id=f"{name}-url",
            default_value="" if hook is None else hook.url,
            placeholder="https://example.com/hooks/reelgrove",
            class_name="input",
            max_length=2000,
            required=True,
            auto_focus=True,
            spell_check=False,
        ),
        rx.el.label("What for", html_for=f"{name}-description", class_name="small"),
        rx.el.input(
            name="description",
            id=f"{name}-description",
            default_value="" if hook is None else hook.description,
            placeholder="Our shop",
            class_name="input",
            max_length=200,
        ),
        _events(hook),
        _form_end(hook),
        on_submit=WebhooksState.add if hook is None else WebhooksState.change,
        class_name="hook-form",
    )


def _events(hook: rx.Var[WebhookCard] | None) -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend("Tell it when", class_name="small"),
        *[_event(event, words, _AT_FIRST if hook is None else hook.chosen) for event, words in EVENTS.items()],
        class_name="hook-events",
    )


def _form_end(hook: rx.Var[WebhookCard] | None) -> rx.Component:
    close = WebhooksState.begin_adding(False) if hook is None else WebhooksState.begin_editing("")
    return rx.el.div(
        rx.el.button("Cancel", type="button", class_name="btn btn-quiet", on_click=close),
        rx.el.button("Add" if hook is None else "Save", type="submit", class_name="btn btn-primary"),
        class_name="dialog-end",
    )


def _event(name: str, words: str, chosen: rx.Var[list[str]]) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="checkbox", name=name, default_checked=chosen.contains(name)),
        rx.el.span(words),
        rx.el.code(name),
    )


def _secret() -> rx.Component:
    return rx.el.div(
        rx.el.span("This secret verifies messages to ", rx.el.strong(WebhooksState.secret_url), class_name="small"),
        rx.el.div(
            rx.el.code(WebhooksState.secret, id="webhook-secret", class_name="ellipsis"),
            rx.el.button(
                rx.icon("copy", size=15),
                "Copy",
                type="button",
                class_name="btn btn-primary",
                on_click=[rx.set_clipboard(WebhooksState.secret), rx.toast("Copied", duration=1500)],
            ),
            icon_button("x", "Show the secret no more", on_click=WebhooksState.forget_secret),
            class_name="once-line",
        ),
        rx.el.span("Keep it now: it is never shown again.", class_name="small"),
        class_name="once",
        role="status",
    )
