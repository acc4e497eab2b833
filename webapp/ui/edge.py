"""Where a tab's events meet the services: who asks, in one transaction, off the event loop; and errors as sentences."""

import asyncio
import json
from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

import reflex as rx
import structlog
from reflex.event import EventSpec, EventType
from sqlmodel import Session

from render_core.errors import InvalidInputError
from webapp.accounts.service import Actor, authenticate, token_from_cookies
from webapp.container import Container, build_container
from webapp.db import unit_of_work
from webapp.errors import AppError, UnauthenticatedError, as_app_error
from webapp.ui.fields import title_of
from webapp.ui.routes import LOGIN

T = TypeVar("T")
Then = EventType[()] | None
"""What a handler answers: the events that come next, if any."""
_log = structlog.get_logger()
_OURS = "Something went wrong on our side. Try again; if it stays so, look into the web server's log."


@lru_cache
def container() -> Container:
    """What this process works with; built when the first event or request needs it."""
    return build_container()


async def as_user(state: rx.State, work: Callable[[Session, Actor], T]) -> T:
    """Do work in a thread, in one transaction, as the user whose session cookie the tab came with.

    Every handler goes through here: anybody who is connected may call any handler with any arguments.

    Raises:
        UnauthenticatedError: The tab has no live session.
    """
    token = token_from_cookies(state.router.headers.cookie or "")

    def run() -> T:
        with unit_of_work(container().engine) as session:
            return work(session, authenticate(session, session_token=token))

    return await asyncio.to_thread(run)


def session_check(state: rx.State) -> Callable[[], bool]:
    """Asks whether the tab's session is still alive: for what lasts longer than one event."""
    token = token_from_cookies(state.router.headers.cookie or "")

    def is_alive() -> bool:
        try:
            with unit_of_work(container().engine) as session:
                authenticate(session, session_token=token)
        except UnauthenticatedError:
            return False
        return True

    return is_alive


async def actor_of(state: rx.State) -> Actor:
    """Who the tab belongs to."""
    return await as_user(state, lambda _session, actor: actor)


def sentence_of(error: Exception) -> str:
    """What a person should read about an error; what is nobody's business but ours is logged instead."""
    if isinstance(error, InvalidInputError):
        return f"{title_of(error.field)}: {error.problem}"
    known = as_app_error(error)
    if known is None:
        _log.error("ui.handler_failed", exc_info=error)
        return _OURS
    return known.detail


def focus_on(element_id: str) -> EventSpec:
    """Put the cursor into an input that the same answer may have brought."""
    return rx.call_script(f"focusOn({json.dumps(element_id)})")


def show_error(exception: Exception) -> EventSpec:
    """The answer to an error that no handler took care of: the login page, or a toast with a sentence."""
    if isinstance(exception, UnauthenticatedError):
        return rx.redirect(LOGIN)
    title = _titled(as_app_error(exception))
    return rx.toast.error(title, description=sentence_of(exception), duration=8000, close_button=True)


def _titled(error: AppError | None) -> str:
    return {402: "Your plan is used up", 403: "Not allowed", 404: "Not found"}.get(
        error.status if error else 500, "That did not work"
    )
