"""What stands on every page while the server cannot be reached."""

import reflex as rx
from reflex_components_core.core.banner import has_connection_errors  # type: ignore[import-untyped] # it ships no types


def connection_overlay() -> rx.Component:
    """For the app, in place of the framework's own, which speaks of sockets."""
    return rx.fragment(rx.memo(_notice)())


def _notice() -> rx.Component:
    """A line that says what it means for the reader, and goes by itself."""
    return rx.el.div(
        rx.cond(
            has_connection_errors,
            rx.el.div(
                rx.icon("wifi-off", size=16),
                rx.el.span(
                    rx.el.strong("No connection. "),
                    "It is tried again by itself. Renders go on, and your draft is kept; wait with new changes.",
                ),
                class_name="offline",
            ),
        ),
        class_name="app offline-place",
        role="status",
    )
