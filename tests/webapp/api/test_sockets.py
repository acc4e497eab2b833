"""The bound on open sockets, with a page's socket in the place of Reflex's."""

from contextlib import ExitStack, suppress
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from webapp.accounts.sessions import SESSION_COOKIE
from webapp.api.sockets import SocketLimits
from webapp.container import Container


async def _hold(socket: WebSocket) -> None:
    await socket.accept()
    with suppress(WebSocketDisconnect):
        await socket.receive_text()


@pytest.fixture
def guarded(embedded: Container) -> Any:  # noqa: ANN401 - an ASGI application
    return SocketLimits(Starlette(routes=[WebSocketRoute("/_event", _hold)]), lambda: embedded, most=2)


def browser(guarded: Any, token: str, address: str = "203.0.113.7") -> TestClient:  # noqa: ANN401 - as above
    return TestClient(guarded, client=(address, 50000), cookies={SESSION_COOKIE: token} if token else {})


@pytest.mark.parametrize(("mine", "yours"), [("a", "b"), ("a", "")])
def test_a_socket_more_than_a_browser_may_have_is_refused(guarded: Any, mine: str, yours: str):  # noqa: ANN401 - as above
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(browser(guarded, mine).websocket_connect("/_event"))
        with pytest.raises(WebSocketDisconnect):
            stack.enter_context(browser(guarded, mine).websocket_connect("/_event"))
        stack.enter_context(browser(guarded, yours).websocket_connect("/_event"))


def test_without_a_session_it_is_the_address_that_counts(guarded: Any):  # noqa: ANN401 - as above
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(browser(guarded, "").websocket_connect("/_event"))
        with pytest.raises(WebSocketDisconnect):
            stack.enter_context(browser(guarded, "").websocket_connect("/_event"))
        stack.enter_context(browser(guarded, "", "203.0.113.8").websocket_connect("/_event"))


def test_a_closed_socket_makes_room(guarded: Any):  # noqa: ANN401 - as above
    for _ in range(4):
        with browser(guarded, "a").websocket_connect("/_event"):
            pass
