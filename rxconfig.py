"""What Reflex reads first: the app's name, its look and what the front-end build puts in."""

import reflex as rx

from webapp.ui.origin import SameOriginPlugin
from webapp.ui.theme import radix_theme

config = rx.Config(
    app_name="webapp",
    telemetry_enabled=False,
    show_built_with_reflex=False,
    default_color_mode="dark",
    cors_allowed_origins=[],  # the page and its API share an origin
    frontend_packages=["@fontsource-variable/inter@5.2.8"],
    plugins=[rx.plugins.RadixThemesPlugin(theme=radix_theme()), SameOriginPlugin()],
    disable_plugins=[rx.plugins.SitemapPlugin],
)
