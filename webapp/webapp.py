"""The composition root of the web process: pages, REST and what runs beside them."""

import reflex as rx

from webapp.ui.theme import STYLESHEETS


def index():
    return rx.box(rx.slider(default_value=[2]), rx.text("hi"))


app = rx.App(stylesheets=STYLESHEETS)
app.add_page(index, route="/")
