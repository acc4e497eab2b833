"""The composition root of the web process: pages, REST, and what runs beside them."""

import reflex as rx

from webapp.ui.edge import show_error
from webapp.ui.pages.login import login_page
from webapp.ui.pages.studio import studio_page
from webapp.ui.routes import LOGIN, STUDIO
from webapp.ui.states.studio import StudioState
from webapp.ui.theme import STYLESHEETS

app = rx.App(stylesheets=STYLESHEETS, backend_exception_handler=show_error)
app.add_page(studio_page, route=STUDIO, title="Reelgrove studio", on_load=StudioState.open)
app.add_page(login_page, route=LOGIN, title="Log in to Reelgrove")
