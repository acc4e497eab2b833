"""Elements that the browser handles by itself, where Reflex's own would keep the user on the page."""

import reflex as rx


class _Form(rx.el.Div):
    tag = "form"


class _Anchor(rx.el.Div):
    tag = "a"


def plain_form(*children: rx.Component, action: str, method: str = "post") -> rx.Component:
    """Send to ``action`` and go where it leads: for routes that set the session cookie."""
    return _Form.create(*children, custom_attrs={"action": action, "method": method})


def download_link(*children: rx.Component | str, source: rx.Var[str] | str, **props: object) -> rx.Component:
    """A link that saves a file of ours instead of looking for a page."""
    return _Anchor.create(*children, custom_attrs={"href": source, "download": ""}, **props)


def plain_link(*children: rx.Component | str, target: str, **props: object) -> rx.Component:
    """A link to a page that is none of Reflex's."""
    return _Anchor.create(*children, custom_attrs={"href": target}, **props)
