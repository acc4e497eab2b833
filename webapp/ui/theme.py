"""The look in one place: the Radix theme; colours, sizes and layout are in ``assets/*.css``."""

import reflex as rx

STYLESHEETS = ["studio.css", "pages.css"]


def radix_theme() -> rx.Component:
    """Dark, one accent, soft corners; backgrounds are the stylesheet's."""
    return rx.theme(appearance="dark", accent_color="lime", gray_color="olive", radius="large", has_background=False)
