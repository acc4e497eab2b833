"""What every request meets first: headers that keep browsers careful; the API's also an id and a bound on the body."""

import re
import time
from collections.abc import Mapping
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from webapp.metrics import ANSWERED
from webapp.trace import tracing

_HEADER = "X-Request-ID"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
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
    """ASGI middleware for the API's own paths, which get an id, a line in the log and a place in the figures.

    Addresses may hold secrets, of links and invitations: what is written down is the pattern of their route.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/api/"):
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(_HEADER, "")
        request_id = given if _SANE.fullmatch(given) else uuid4().hex
        began = time.monotonic()
        with tracing(request_id=request_id) as known:

            async def send_with_id(message: Message) -> None:
                if message["type"] == "http.response.start":
                    MutableHeaders(scope=message)[_HEADER] = request_id
                    _write_down(scope, message["status"], time.monotonic() - began, known)
                await send(message)

            await self._app(scope, receive, send_with_id)


def _write_down(scope: Scope, status: int, seconds: float, known: Mapping[str, str]) -> None:
    method, route = scope["method"], getattr(scope.get("route"), "path", "")
    method = method if method in _METHODS else "other"  # anybody can make methods up, and each would be a series
    ANSWERED.labels(method, route, f"{status // 100}xx").observe(seconds)
    _log.info("http.answered", method=method, route=route, status=status, seconds=round(seconds, 4), **known)
