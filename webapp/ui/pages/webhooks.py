"""Webhooks of a workspace, and the log of what was sent to them."""

import reflex as rx

from webapp.ui.components.deliveries import delivery_log
from webapp.ui.components.native import plain_link
from webapp.ui.components.webhooks import webhook_list
from webapp.ui.layout import page_bar, page_foot
from webapp.ui.routes import API_DOCS
from webapp.ui.states.deliveries import DeliveriesState
from webapp.ui.states.workspace import WorkspaceState


def webhooks_page() -> rx.Component:
    """Addresses at the left, messages to the chosen one beside them."""
    return rx.el.div(
        page_bar(),
        rx.el.main(
            rx.el.div(
                rx.el.h1("Webhooks"),
                rx.el.p(
                    "Programs of yours hear at once how renders and uploads of ",
                    rx.el.strong(WorkspaceState.current.name),
                    " end. Messages are signed as Standard Webhooks says, and sent again for 24 hours until they "
                    "arrive. ",
                    plain_link("What they hold", target=API_DOCS, class_name="link"),
                    class_name="lead",
                ),
            ),
            rx.cond(
                WorkspaceState.can_manage,
                rx.el.div(
                    webhook_list(), rx.cond(DeliveriesState.webhook_id, delivery_log()), class_name="hooks-blocks"
                ),
                rx.cond(WorkspaceState.current.id, _for_owners()),
            ),
            class_name="hooks-page",
        ),
        page_foot(),
        class_name="app doc-page",
    )


def _for_owners() -> rx.Component:
    return rx.el.div(
        rx.el.strong("Webhooks are for owners"),
        rx.el.span("You are not an owner of this workspace: ask one to add an address, or choose another workspace."),
        class_name="empty",
    )
