"""Each request gets an id: in the answer, and in everything that is logged about it."""

import re
import time
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADER = "X-Request-ID"
_SANE = re.compile(r"[A-Za-z0-9._-]{1,100}")
_log = structlog.get_logger()


class RequestIds:
    """ASGI middleware for the API's own paths; pages pass through untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/api/"):
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(_HEADER, "")
        request_id = given if _SANE.fullmatch(given) else uuid4().hex
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await self._follow(scope, receive, send, request_id)

    async def _follow(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        began = time.monotonic()

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[_HEADER] = request_id
                seconds = round(time.monotonic() - began, 4)
                _log.info(
                    "http.answered",
                    method=scope["method"],
                    path=scope["path"],
                    status=message["status"],
                    seconds=seconds,
                )
            await send(message)

        await self._app(scope, receive, send_with_id)
