"""The log of a webhook: deliveries, their attempts, what was sent."""

import reflex as rx

from webapp.ui.components.notices import icon_button
from webapp.ui.states.deliveries import STATES, AttemptCard, DeliveriesState, DeliveryCard
from webapp.ui.states.webhooks import WebhooksState


def delivery_log() -> rx.Component:
    """Of the webhook that is looked at."""
    return rx.el.section(
        rx.el.div(rx.el.h2("Messages"), _filter(), class_name="block-head"),
        rx.cond(
            DeliveriesState.deliveries.length() > 0,
            rx.el.ul(rx.foreach(DeliveriesState.deliveries, _delivery), class_name="rows"),
            rx.el.div(
                rx.el.strong("Nothing here"),
                rx.el.span("Send a test, or render something: every attempt is kept here for 30 days."),
                class_name="empty",
            ),
        ),
        _pager(),
        class_name="block",
        aria_label="Messages",
    )


def _filter() -> rx.Component:
    return rx.el.select(
        *[rx.el.option(words, value=state) for state, words in STATES.items()],
        value=DeliveriesState.only,
        on_change=DeliveriesState.show_state,
        class_name="input input-role",
        aria_label="Which messages are shown",
    )


def _pager() -> rx.Component:
    return rx.cond(
        (DeliveriesState.page > 1) | DeliveriesState.has_more,
        rx.el.div(
            icon_button(
                "chevron-left", "Newer messages", on_click=DeliveriesState.newer, disabled=DeliveriesState.page == 1
            ),
            rx.el.span(f"Page {DeliveriesState.page}", class_name="number"),
            icon_button(
                "chevron-right", "Older messages", on_click=DeliveriesState.older, disabled=~DeliveriesState.has_more
            ),
            class_name="pager",
        ),
    )


def _moment(text: rx.Var[str], how: str) -> rx.Var[str]:
    """Date and time as the reader's own browser writes them."""
    return rx.Var(f"new Date({text!s}).toLocaleString([], {how})").to(str)


def _delivery(delivery: rx.Var[DeliveryCard]) -> rx.Component:
    day = "{day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit'}"
    return rx.el.li(
        rx.el.button(
            rx.el.code(delivery.event),
            rx.el.span(delivery.words, class_name="state", data_state=delivery.state),
            rx.el.span(delivery.attempts, class_name="small number"),
            rx.el.span(_moment(delivery.created_at, day), class_name="small number"),
            rx.icon("chevron-down", size=15),
            type="button",
            class_name="delivery-line",
            aria_expanded=rx.cond(delivery.id == DeliveriesState.shown, "true", "false"),
            on_click=DeliveriesState.look_at(delivery.id),
        ),
        rx.cond(delivery.id == DeliveriesState.shown, _detail(delivery, day)),
        class_name="delivery",
    )


def _detail(delivery: rx.Var[DeliveryCard], day: str) -> rx.Component:
    return rx.el.div(
        rx.el.ol(rx.foreach(DeliveriesState.log, _attempt), class_name="attempts"),
        rx.cond(
            delivery.next_at,
            rx.el.p("Next attempt ", _moment(delivery.next_at, day), class_name="small number"),
        ),
        rx.el.pre(rx.el.code(DeliveriesState.body), tab_index=0, aria_label="What is sent"),
        rx.el.div(
            rx.el.code(DeliveriesState.message_id, class_name="small"),
            rx.el.button(
                rx.icon("rotate-cw", size=14),
                "Send again",
                type="button",
                class_name="btn",
                on_click=[DeliveriesState.resend(delivery.id), WebhooksState.follow],
            ),
            class_name="delivery-end",
        ),
        class_name="delivery-detail",
    )


def _attempt(attempt: rx.Var[AttemptCard]) -> rx.Component:
    moment = "{hour: '2-digit', minute: '2-digit', second: '2-digit'}"
    return rx.el.li(
        rx.el.span(f"{attempt.number}.", class_name="small number"),
        rx.el.span(_moment(attempt.began_at, moment), class_name="small number"),
        rx.el.span(
            rx.el.span(attempt.words, class_name="state", data_state=rx.cond(attempt.is_good, "completed", "failed")),
            rx.cond(attempt.answer, rx.el.code(attempt.answer, class_name="attempt-answer")),
            class_name="row-words",
        ),
    )
