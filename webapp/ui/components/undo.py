"""The way back after something else was put onto the table."""

import reflex as rx

from webapp.ui.components.notices import icon_button
from webapp.ui.states.keeping import KeepState
from webapp.ui.states.undo import UndoState


def undo_notice() -> rx.Component:
    """What has taken the former draft's place, and a button that brings it back."""
    return rx.el.div(
        rx.cond(
            KeepState.offer,
            rx.el.div(
                rx.el.span(rx.cond(KeepState.is_undone, "Your former draft is back.", KeepState.offer)),
                rx.el.button(
                    rx.icon("undo-2", size=15),
                    rx.cond(KeepState.is_undone, "Redo", "Undo"),
                    type="button",
                    class_name="btn",
                    on_click=UndoState.undo,
                ),
                icon_button("x", "Close this notice", on_click=KeepState.dismiss),
                class_name="undo",
            ),
        ),
        class_name="undo-place",
        role="status",
    )
