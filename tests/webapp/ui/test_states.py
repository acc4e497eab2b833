"""Anybody who is connected may call any handler with any arguments: nobody gets anywhere without a session."""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import pytest
import reflex as rx

from render_core.errors import InvalidInputError
from tests.webapp.ui.tabs import STATES, Tab, any_arguments
from webapp.container import Container
from webapp.errors import ConflictError, InvalidError, NotFoundError, UnauthenticatedError
from webapp.models import RenderStatus, utc_now
from webapp.renders.updates import RenderUpdate
from webapp.ui.cards import VideoCard
from webapp.ui.states.login import LoginState
from webapp.ui.states.workspace import WorkspaceState

HANDLERS = [
    (state, name)
    for state in STATES
    for name, handler in state.event_handlers.items()
    if handler.fn.__module__.startswith("webapp.")
]
OPEN_TO_ALL = {(LoginState, "open")}  # the way in
GUARDED = [pair for pair in HANDLERS if pair not in OPEN_TO_ALL]
WITHOUT_A_STORE = [(state, name) for state, name in HANDLERS if name not in {"receive", "paint", "follow", "keep"}]


@pytest.mark.parametrize(("state", "name"), GUARDED, ids=lambda part: getattr(part, "__name__", part))
def test_no_handler_answers_without_a_session(state: type[rx.State], name: str, services: Container):
    with pytest.raises(UnauthenticatedError):
        Tab().do(state, name, *any_arguments(state, name))


@pytest.mark.parametrize(("state", "name"), WITHOUT_A_STORE, ids=lambda part: getattr(part, "__name__", part))
def test_nonsense_is_refused_with_a_sentence_or_left_alone(state: type[rx.State], name: str, tab: Tab):
    with suppress(NotFoundError, ConflictError, InvalidError, InvalidInputError):
        tab.do(state, name, *any_arguments(state, name))


def test_every_state_is_covered():
    assert {state for state, _name in HANDLERS} | {WorkspaceState} == set(STATES)  # it only holds what others ask for
    assert len(HANDLERS) >= 35


@pytest.mark.parametrize("state", STATES)
def test_the_framework_adds_no_way_to_set_a_variable(state: type[rx.State]):
    ours = {name for owner, name in HANDLERS if owner is state}
    added = set(state.event_handlers) - ours
    assert added == {"setvar"}  # which calls a setter, and there is none
    setters = {name for name in dir(state) if name.startswith("set_")} - ours
    assert setters <= {name for name in dir(rx.State) if name.startswith("set_")}


def update_of(**changed: object) -> RenderUpdate:
    known = {"video_id": UUID(int=0), "status": "rendering", "progress": 30, "event_id": "1"}
    return RenderUpdate.model_validate(known | changed)


def test_a_card_never_goes_back_in_its_percentage():
    card = VideoCard(id="v", percent=40, is_running=True)
    assert card.moved_on(update_of(progress=30), utc_now()).percent == 40
    assert card.moved_on(update_of(progress=50), utc_now()).percent == 50
    assert card.moved_on(update_of(), utc_now()).status == RenderStatus.RENDERING


def test_what_was_cancelled_stays_so_whatever_is_still_said_of_it():
    card = VideoCard(id="v", percent=40, status="cancelled")
    assert card.moved_on(update_of(progress=50), utc_now()) == card


def test_a_card_says_when_what_waits_will_be_ready_and_what_is_left_of_what_runs():
    now = utc_now()
    card = VideoCard(id="v", status="pending", is_running=True)
    waiting = card.moved_on(update_of(status="pending", progress=0, estimated_completion=now + timedelta(0, 60)), now)
    assert waiting.eta == "ready in about 60 s"
    running = waiting.moved_on(update_of(estimated_completion=now + timedelta(0, 58)), now + timedelta(0, 20))
    assert running.eta == "about 40 s left"
    assert running.reworded(now + timedelta(0, 30)).eta == "about 30 s left"
