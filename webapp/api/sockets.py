"""How many sockets a browser may hold open at a time in one process."""

from collections import Counter
from collections.abc import Callable

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from webapp.accounts.sessions import cookie_name
from webapp.accounts.tokens import hash_of
from webapp.api.limits import address_of
from webapp.container import Container
from webapp.metrics import LIMITED

MOST_SOCKETS = 100
_TRY_AGAIN_LATER = 1013
"""Of RFC 6455's registry. Before a socket is accepted, the browser sees 403 in its place."""


class SocketLimits:
    """ASGI middleware: a socket more than ``most`` of one session, or of one address without a session, is refused."""

    def __init__(self, app: ASGIApp, open_container: Callable[[], Container], most: int = MOST_SOCKETS) -> None:
        self._app = app
        self._open_container = open_container
        self._most = most
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        caller = self._caller(HTTPConnection(scope))
        if self._open[caller] >= self._most:
            LIMITED.labels("sockets").inc()
            await send({"type": "websocket.close", "code": _TRY_AGAIN_LATER})
            return
        self._open[caller] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._open[caller] -= 1
            self._open += Counter()  # forgets those who hold none

    def _caller(self, connection: HTTPConnection) -> str:
        settings = self._open_container().settings
        token = connection.cookies.get(cookie_name(settings.app), "")
        return hash_of(token) if token else address_of(connection, settings.web.trusted_proxies)
