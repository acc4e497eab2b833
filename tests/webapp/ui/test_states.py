"""Anybody who is connected may call any handler with any arguments: nobody gets anywhere without a session."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Iterator

import pytest
import reflex as rx

from tests.webapp.product import Product
from webapp.container import Container
from webapp.errors import UnauthenticatedError
from webapp.ui import edge
from webapp.ui.states.preview import PreviewState
from webapp.ui.states.renders import RendersState, VideoCard
from webapp.ui.states.studio import StudioState, draft_order
from webapp.ui.states.uploads import UploadState

STATES = (StudioState, PreviewState, RendersState, UploadState)
HANDLERS = [
    (state, name)
    for state in STATES
    for name, handler in state.event_handlers.items()
    if handler.fn.__module__.startswith("webapp.")
]


@pytest.fixture
def services(embedded: Container, monkeypatch: pytest.MonkeyPatch) -> Iterator[Container]:
    """The process's container is the test's own."""
    edge.container.cache_clear()
    monkeypatch.setattr(edge, "build_container", lambda: embedded)
    yield embedded
    edge.container.cache_clear()


def in_a_tab(state: type[rx.State]) -> rx.State:
    """The state among the others of its tab."""
    return rx.State(_reflex_internal_init=True).get_substate(state.get_full_name().split("."))


def call(state: rx.State, name: str, *arguments: object) -> None:
    """What a tab does, without a browser."""

    async def run() -> None:
        answer = state.event_handlers[name].fn(state, *arguments)
        if isinstance(answer, AsyncIterator):
            await anext(answer)
        else:
            await answer

    asyncio.run(run())


def any_arguments(state: type[rx.State], name: str) -> list[object]:
    parameters = list(inspect.signature(state.event_handlers[name].fn).parameters)[1:]
    return [{} if parameter == "progress" else "x" for parameter in parameters]


@pytest.mark.parametrize(("state", "name"), HANDLERS, ids=lambda part: getattr(part, "__name__", part))
def test_no_handler_answers_without_a_session(state: type[rx.State], name: str, services: Container):
    with pytest.raises(UnauthenticatedError):
        call(in_a_tab(state), name, *any_arguments(state, name))


def test_every_state_is_covered():
    assert {state for state, _name in HANDLERS} == set(STATES)
    assert len(HANDLERS) >= 20


@pytest.mark.parametrize("state", STATES)
def test_the_framework_adds_no_way_to_set_a_variable(state: type[rx.State]):
    ours = {name for owner, name in HANDLERS if owner is state}
    added = set(state.event_handlers) - ours
    assert added == {"setvar"}  # which calls a setter, and there is none
    setters = {name for name in dir(state) if name.startswith("set_")} - ours
    assert setters <= {name for name in dir(rx.State) if name.startswith("set_")}


def studio() -> StudioState:
    return StudioState(_reflex_internal_init=True)


def test_an_order_holds_only_what_differs_from_the_defaults():
    state = studio()
    state.values["musicVolume"] = 0.25
    state.values["captionStyle.fontSize"] = 60
    order = draft_order(state)
    assert order.config == {"musicVolume": 0.25, "captionStyle": {"fontSize": 60}}
    assert order.video_title == "Untitled video"


def test_the_headline_is_the_title_unless_one_is_given():
    state = studio()
    state.values["mainText"] = "Привет"
    assert draft_order(state).video_title is None
    state.title = " Mine "
    assert draft_order(state).video_title == "Mine"


def test_a_card_never_goes_back_in_its_percentage(small_product: Product):
    from webapp.models import RenderStatus
    from webapp.renders.views import RenderUpdate

    card = VideoCard(id="v", percent=40, is_running=True)
    update = RenderUpdate(
        video_id="00000000-0000-0000-0000-000000000000", status="rendering", progress=30, event_id="1"
    )
    assert card.moved_on(update).percent == 40
    assert card.moved_on(update.model_copy(update={"progress": 50})).percent == 50
    assert card.moved_on(update).status == RenderStatus.RENDERING
