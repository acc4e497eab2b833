"""The composition root of the web process: pages, REST, and what runs beside them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import reflex as rx

from cluster.logs import configure_logging
from webapp.api.app import build_api
from webapp.ui.bounds import EventBounds
from webapp.ui.components.connection import connection_overlay
from webapp.ui.edge import container, show_error
from webapp.ui.pages.account import account_page
from webapp.ui.pages.library import library_page
from webapp.ui.pages.login import login_page
from webapp.ui.pages.studio import studio_page
from webapp.ui.pages.team import join_page, team_page
from webapp.ui.pages.templates import templates_page
from webapp.ui.pages.webhooks import webhooks_page
from webapp.ui.routes import ACCOUNT, JOIN, LIBRARY, LOGIN, STUDIO, TEAM, TEMPLATES, WEBHOOKS
from webapp.ui.states.account import AccountState
from webapp.ui.states.library import LibraryState
from webapp.ui.states.login import LoginState
from webapp.ui.states.page import PageState
from webapp.ui.states.team import JoinState, TeamState
from webapp.ui.states.webhooks import WebhooksState
from webapp.ui.theme import STYLESHEETS
from webapp.webhooks.post import Post
from webapp.webhooks.sender import Sender


@asynccontextmanager
async def let_go_at_the_end() -> AsyncIterator[None]:
    """Connections and preview processes end with the web process."""
    configure_logging()
    yield
    if container.cache_info().currsize:
        container().close()


async def send_webhooks() -> None:
    """Every web process sends messages, for as long as it lives."""
    services = container()
    post = Post(services.addresses)
    await Sender(services.engine, post, services.box, redis_url=services.settings.redis.redis_url).run()


app = rx.App(
    stylesheets=STYLESHEETS,
    html_lang="en",
    head_components=[
        rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
        rx.el.script(src="/page.js", defer=True),
    ],
    extra_app_wraps={(5, "Overlay"): lambda is_stateful: connection_overlay() if is_stateful else None},
    toaster=rx.toast.provider(position="top-center", offset="68px"),
    api_transformer=build_api(container),
    backend_exception_handler=show_error,
)
app.register_lifespan_task(let_go_at_the_end)
app.register_lifespan_task(send_webhooks)
app.add_middleware(EventBounds(container))
assert app.sio is not None  # noqa: S101 - made by rx.App
# Reflex hands an empty list of origins on as "check nothing"; None means that pages of the same origin alone connect.
app.sio.eio.cors_allowed_origins = None
app.add_page(studio_page, route=STUDIO, title="Reelgrove studio", on_load=PageState.open)
app.add_page(login_page, route=LOGIN, title="Log in to Reelgrove", on_load=LoginState.open)
app.add_page(templates_page, route=TEMPLATES, title="Templates of Reelgrove")
app.add_page(library_page, route=LIBRARY, title="Library · Reelgrove", on_load=LibraryState.open)
app.add_page(account_page, route=ACCOUNT, title="Account · Reelgrove", on_load=AccountState.open)
app.add_page(team_page, route=TEAM, title="Team · Reelgrove", on_load=TeamState.open)
app.add_page(webhooks_page, route=WEBHOOKS, title="Webhooks · Reelgrove", on_load=WebhooksState.open)
app.add_page(join_page, route=JOIN, title="An invitation · Reelgrove", on_load=JoinState.open)
