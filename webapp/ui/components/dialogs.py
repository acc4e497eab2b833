"""Questions that are asked before something is done."""

import reflex as rx


def confirmed(trigger: rx.Component, *, title: str, words: str, act: str, on_act: object) -> rx.Component:
    """What cannot be undone by a click is asked for twice."""
    return rx.alert_dialog.root(
        rx.alert_dialog.trigger(trigger),
        rx.alert_dialog.content(
            rx.el.div(
                rx.alert_dialog.title(title),
                rx.alert_dialog.description(words),
                rx.el.div(
                    rx.alert_dialog.cancel(rx.el.button("Cancel", type="button", class_name="btn")),
                    rx.alert_dialog.action(
                        rx.el.button(act, type="button", class_name="btn btn-danger", on_click=on_act)
                    ),
                    class_name="dialog-end",
                ),
                class_name="app",
            ),
            max_width="420px",
        ),
    )
