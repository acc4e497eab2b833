"""A form that the browser sends by itself; Reflex's own keeps every submit on the page."""

import reflex as rx


class _Form(rx.el.Div):
    tag = "form"


def plain_form(*children: rx.Component, action: str) -> rx.Component:
    """POST to ``action`` and go where it leads: for routes that set the session cookie."""
    return _Form.create(*children, custom_attrs={"action": action, "method": "post"})
