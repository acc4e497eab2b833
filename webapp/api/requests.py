"""What every request meets first: headers that keep browsers careful; the API's also an id and a bound on the body."""

import re
import time
from collections.abc import Mapping
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADER = "X-Request-ID"
_SANE = re.compile(r"[A-Za-z0-9._-]{1,100}")
_LARGEST_BODY = 1_000_000
_CAREFUL = {
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
_log = structlog.get_logger()


class BodyLimit:
    """ASGI middleware: bodies of the API end at 1 MB, whatever their length claims to be.

    The refusal is raised where the body is read, so that it becomes JSON like every other one.

    Args:
        longer: Addresses that take more, with how many bytes.
    """

    def __init__(self, app: ASGIApp, longer: Mapping[str, int]) -> None:
        self._app = app
        self._longer = longer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/api/"):
            receive = _bounded(receive, self._longer.get(scope["path"], _LARGEST_BODY))
        await self._app(scope, receive, send)


def _bounded(receive: Receive, limit_bytes: int) -> Receive:
    received = 0

    async def receive_bounded() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit_bytes:
            raise HTTPException(413, f"The body is larger than {limit_bytes // 1_000_000} MB: send less at once.")
        return message

    return receive_bounded


class CarefulBrowsers:
    """ASGI middleware: no answer of ours, page or file, is framed elsewhere or taken for another type than it says."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _CAREFUL.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


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
