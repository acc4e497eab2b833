"""Anybody who is connected may call any handler with any arguments: nobody gets anywhere without a session."""

from contextlib import suppress

import pytest
import reflex as rx

from render_core.errors import InvalidInputError
from tests.webapp.product import Product
from tests.webapp.ui.tabs import STATES, Tab, any_arguments
from webapp.container import Container
from webapp.errors import ConflictError, NotFoundError, UnauthenticatedError
from webapp.models import RenderStatus
from webapp.renders.views import RenderUpdate
from webapp.ui.states.renders import VideoCard

HANDLERS = [
    (state, name)
    for state in STATES
    for name, handler in state.event_handlers.items()
    if handler.fn.__module__.startswith("webapp.")
]
WITHOUT_A_STORE = [(state, name) for state, name in HANDLERS if name not in {"receive", "paint", "follow"}]


@pytest.mark.parametrize(("state", "name"), HANDLERS, ids=lambda part: getattr(part, "__name__", part))
def test_no_handler_answers_without_a_session(state: type[rx.State], name: str, services: Container):
    with pytest.raises(UnauthenticatedError):
        Tab().do(state, name, *any_arguments(state, name))


@pytest.mark.parametrize(("state", "name"), WITHOUT_A_STORE, ids=lambda part: getattr(part, "__name__", part))
def test_nonsense_is_refused_with_a_sentence_or_left_alone(state: type[rx.State], name: str, tab: Tab):
    with suppress(NotFoundError, ConflictError, InvalidInputError):
        tab.do(state, name, *any_arguments(state, name))


def test_every_state_is_covered():
    assert {state for state, _name in HANDLERS} == set(STATES)
    assert len(HANDLERS) >= 35


@pytest.mark.parametrize("state", STATES)
def test_the_framework_adds_no_way_to_set_a_variable(state: type[rx.State]):
    ours = {name for owner, name in HANDLERS if owner is state}
    added = set(state.event_handlers) - ours
    assert added == {"setvar"}  # which calls a setter, and there is none
    setters = {name for name in dir(state) if name.startswith("set_")} - ours
    assert setters <= {name for name in dir(rx.State) if name.startswith("set_")}


def test_a_card_never_goes_back_in_its_percentage(small_product: Product):
    card = VideoCard(id="v", percent=40, is_running=True)
    update = RenderUpdate(
        video_id="00000000-0000-0000-0000-000000000000", status="rendering", progress=30, event_id="1"
    )
    assert card.moved_on(update).percent == 40
    assert card.moved_on(update.model_copy(update={"progress": 50})).percent == 50
    assert card.moved_on(update).status == RenderStatus.RENDERING
