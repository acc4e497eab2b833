import asyncio
from dataclasses import replace
from typing import Any

import pytest
import reflex as rx
from reflex.istate.data import HeaderData, RouterData, SessionData
from reflex.state import StateUpdate
from reflex_base.event import Event

from webapp.accounts.sessions import SESSION_COOKIE
from webapp.container import Container
from webapp.rates import MemoryRates, RateLimitedError
from webapp.settings import RateSettings
from webapp.ui.bounds import EventBounds

_NO_APP: Any = None
"""Bounds do not ask it."""


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def page(embedded: Container, clock: Clock) -> EventBounds:
    """Sixty events a minute in a tab, 240 in a browser."""
    settings = replace(embedded.settings, rates=RateSettings(rate_events=60))
    return EventBounds(lambda: replace(embedded, settings=settings), MemoryRates(clock))


def outcome(page: EventBounds, tab: str, session: str = "ann", address: str = "203.0.113.7") -> str:
    state = rx.State(_reflex_internal_init=True)
    headers = HeaderData(cookie=f"{SESSION_COOKIE}={session}" if session else "")
    state.router = RouterData(headers=headers, session=SessionData(client_token=tab, client_ip=address))
    try:
        answer = asyncio.run(page.preprocess(_NO_APP, state, Event(name="form.set_value")))
    except RateLimitedError as error:
        return error.detail
    return "taken" if answer is None else "dropped" if answer == StateUpdate() else "?"


def test_a_minutes_events_may_come_at_once(page: EventBounds):
    assert {outcome(page, "a") for _ in range(60)} == {"taken"}


def test_what_is_over_is_dropped_and_told_once_in_a_while(page: EventBounds, clock: Clock):
    told = [outcome(page, "a") for _ in range(63)][60:]
    assert told[0].endswith("Wait 1 s, then make it again.")
    assert told[1:] == ["dropped", "dropped"]
    clock.now += 2
    assert outcome(page, "a") == "taken"


def test_another_tab_goes_on_until_the_browser_has_had_its_share(page: EventBounds):
    for tab in "abcd":
        assert {outcome(page, tab) for _ in range(60)} == {"taken"}
    assert outcome(page, "e") != "taken"
    assert outcome(page, "e", session="bob") == "taken"


def test_those_without_a_session_are_told_apart_by_their_address(page: EventBounds):
    for number in range(240):
        assert outcome(page, f"tab{number}", session="") == "taken"
    assert outcome(page, "one more", session="") != "taken"
    assert outcome(page, "one more", session="", address="203.0.113.8") == "taken"
