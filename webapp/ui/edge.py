"""Where a tab's events meet the services: who asks, in one transaction, off the event loop; and errors as sentences."""

import asyncio
import json
from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar
from uuid import UUID, uuid4

import reflex as rx
import structlog
from reflex.event import EventSpec, EventType
from reflex_base.event.context import EventContext
from sqlmodel import Session
from structlog.contextvars import bind_contextvars

from render_core.errors import InvalidInputError
from webapp.accounts.service import Actor
from webapp.accounts.sessions import (
    SessionEndedError,
    actor_of_session,
    authenticate_session,
    cookie_name,
    token_from_cookies,
)
from webapp.container import Container, build_container
from webapp.db import unit_of_work
from webapp.errors import AppError, UnauthenticatedError, as_app_error
from webapp.trace import ids_of, note, tracing
from webapp.ui.fields import title_of
from webapp.ui.routes import LOGIN

T = TypeVar("T")
Then = EventType[()] | None
"""What a handler answers: the events that come next, if any."""
_log = structlog.get_logger()
_MOST_TABS = 20_000
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
    proof = _proof_of(state)

    def run() -> T:
        session_id = _session_of(*proof)
        with unit_of_work(container().engine) as session:
            actor = actor_of_session(session, session_id)
            note(user_id=actor.user_id)
            return work(session, actor)

    with tracing(request_id=_event_id()) as known:
        done = await asyncio.to_thread(run)
    bind_contextvars(**known)  # for what the handler does next: each event is a task with a context of its own
    return done


def _event_id() -> str:
    try:
        return EventContext.get().txid
    except LookupError:  # a handler that was called, not sent
        return uuid4().hex


def _proof_of(state: rx.State) -> tuple[str, str]:
    return state.router.session.session_id, state.router.headers.cookie or ""


@lru_cache(maxsize=_MOST_TABS)
def _session_of(_connection: str, cookies: str) -> UUID:
    """The session that a tab's connection has proved once: its cookies are read when it connects, and grow old."""
    token = token_from_cookies(cookies, cookie_name(container().settings.app))
    if token is None:
        raise UnauthenticatedError("Log in first.")
    with unit_of_work(container().engine) as session:
        actor = authenticate_session(session, token)
    assert actor.session_id is not None  # noqa: S101 - whoever came with its token has a session
    return actor.session_id


def session_check(state: rx.State) -> Callable[[], bool]:
    """Asks whether the tab's session is still alive: for what lasts longer than one event."""
    proof = _proof_of(state)

    def is_alive() -> bool:
        try:
            session_id = _session_of(*proof)
            with unit_of_work(container().engine) as session:
                actor_of_session(session, session_id)
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
        _log.error("ui.handler_failed", exc_info=error, **ids_of(error))
        return _OURS
    return known.detail


def focus_on(element_id: str) -> EventSpec:
    """Put the cursor into an input that the same answer may have brought."""
    return rx.call_script(f"focusOn({json.dumps(element_id)})")


def show_error(exception: Exception) -> EventSpec:
    """The answer to an error that no handler took care of: the login page, or a toast with a sentence."""
    if isinstance(exception, UnauthenticatedError):
        return _go_to_login("ended" if isinstance(exception, SessionEndedError) else "")
    title = _titled(as_app_error(exception))
    return rx.toast.error(title, description=sentence_of(exception), duration=8000, close_button=True)


def _go_to_login(trouble: str) -> EventSpec:
    """Leave for the login page as the browser does: what comes back connects anew, with the cookies of then."""
    query = json.dumps(f"&trouble={trouble}" if trouble else "")
    here = "encodeURIComponent(location.pathname + location.search)"
    return rx.call_script(f"location.assign({json.dumps(LOGIN)} + '?next=' + {here} + {query})")


def _titled(error: AppError | None) -> str:
    return {402: "Your plan is used up", 403: "Not allowed", 404: "Not found"}.get(
        error.status if error else 500, "That did not work"
    )
