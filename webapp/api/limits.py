"""How much a caller may ask for: bounds by the kind of request, told in the ``RateLimit`` fields.

The fields are those of draft-ietf-httpapi-ratelimit-headers-11; ``Retry-After`` is RFC 9110's.
"""

import hashlib
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import cached_property

from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from webapp.accounts.sessions import cookie_name
from webapp.api.errors import error_response
from webapp.container import Container
from webapp.errors import UnauthenticatedError
from webapp.metrics import LIMITED
from webapp.rates import Quota, RateLimitedError, Rates, Taken, outermost_hop, rates_of
from webapp.settings import RateSettings

_LOGINS = ("/api/auth/login", "/api/auth/callback", "/api/auth/telegram/")
_RENDERS = ("/api/video/user-render", "/retry")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_MOST_KNOWN = 10_000
_STRANGERS = 4
"""All credentials of an address that have proved nothing yet may ask for so many times one caller's quota."""
PROVED = "reelgrove.proved"
"""Set in a request's scope once its credentials were found good."""


def kind_of(method: str, path: str) -> str:
    """By which bound a request is held: ``login``, ``renders``, ``writes`` or ``reads``."""
    if path.startswith(_LOGINS):
        return "login"
    if method in _SAFE:
        return "reads"
    return "renders" if path.endswith(_RENDERS) else "writes"


def address_of(connection: HTTPConnection, trusted_proxies: int) -> str:
    """The caller's address: the peer's, or the one that the outermost of our own proxies has seen."""
    forwarded = ",".join(connection.headers.getlist("x-forwarded-for"))
    peer = connection.client.host if connection.client else ""
    return outermost_hop(forwarded, trusted_proxies) or peer


class _Bounds:
    """The quotas of the settings, and who is held by which.

    A caller is whoever holds a session or a key, for many share an address. Anybody can make credentials up, though:
    each that is refused counts as a login of its address, and an address that guesses has to wait.
    """

    def __init__(self, container: Container) -> None:
        settings = container.settings
        self._rates: Rates = rates_of(container.redis)
        self._proxies = settings.web.trusted_proxies
        self._cookie = cookie_name(settings.app)
        self._quotas = _quotas(settings.rates)
        self._known: OrderedDict[str, None] = OrderedDict()
        self._shut: dict[str, tuple[float, Taken]] = {}

    def take(self, connection: HTTPConnection) -> Taken | None:
        """One more request of this caller; None where there is no bound."""
        kind = kind_of(connection.scope["method"], connection.scope["path"])
        address, credential = address_of(connection, self._proxies), self._credential(connection)
        if credential and credential not in self._known:
            until, shut = self._shut.get(address, (0.0, None))
            if time.monotonic() < until:
                return shut
        quota = self._quotas.get(kind)
        if quota is None:
            return None
        if kind == "login" or not credential:
            return self._rates.take(address, quota)
        if credential not in self._known:
            strangers = self._rates.take(address, Quota(f"new-{quota.name}", _STRANGERS * quota.requests))
            if not strangers.is_allowed:
                return strangers
        return self._rates.take(credential, quota)

    def welcome(self, connection: HTTPConnection) -> None:
        """The credentials were good: their address may guess as it likes, they are not held up."""
        if credential := self._credential(connection):
            self._known[credential] = None
            if len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)

    def suspect(self, connection: HTTPConnection) -> None:
        """The credentials, if there were any, were refused."""
        credential, quota = self._credential(connection), self._quotas.get("login")
        if not credential or quota is None:
            return
        self._known.pop(credential, None)
        address, now = address_of(connection, self._proxies), time.monotonic()
        taken = self._rates.take(address, quota)
        if not taken.is_allowed:
            self._shut = {one: shut for one, shut in self._shut.items() if shut[0] > now}
            self._shut[address] = now + taken.wait_s, taken

    def _credential(self, connection: HTTPConnection) -> str:
        told = connection.headers.get("authorization") or connection.cookies.get(self._cookie, "")
        return hashlib.sha256(told.encode()).hexdigest()[:32] if told else ""


def _quotas(settings: RateSettings) -> dict[str, Quota]:
    bounds = {
        "login": settings.rate_login,
        "renders": settings.rate_renders,
        "writes": settings.rate_writes,
        "reads": settings.rate_reads,
    }
    return {name: Quota(name, bound) for name, bound in bounds.items() if bound and settings.rate_limits}


class RateLimits:
    """ASGI middleware for the API's own paths: answers 429 to those who ask too much, and tells all what is left."""

    def __init__(self, app: ASGIApp, open_container: Callable[[], Container]) -> None:
        self._app = app
        self._open_container = open_container

    @cached_property
    def _bounds(self) -> _Bounds:
        return _Bounds(self._open_container())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/api/"):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        taken = await run_in_threadpool(self._take, connection)

        async def send_with_limits(message: Message) -> None:
            if message["type"] == "http.response.start":
                _tell(MutableHeaders(scope=message), taken)
                await self._learn(connection, message["status"])
            await send(message)

        if taken is not None and not taken.is_allowed:
            LIMITED.labels(taken.quota.name).inc()
            await _refusal(taken)(scope, receive, send)
        else:
            await self._app(scope, receive, send_with_limits)

    def _take(self, connection: HTTPConnection) -> Taken | None:
        return self._bounds.take(connection)

    async def _learn(self, connection: HTTPConnection, status: int) -> None:
        if status == UnauthenticatedError.status:
            await run_in_threadpool(self._bounds.suspect, connection)
        elif connection.scope.get(PROVED):
            self._bounds.welcome(connection)


def _refusal(taken: Taken) -> ASGIApp:
    wait_s = max(1, math.ceil(taken.wait_s))
    sentence = f"Too many requests at once: at most {taken.quota.requests} a minute. Try again in {wait_s} s."
    answer = error_response(RateLimitedError(sentence))
    answer.headers["Retry-After"] = str(wait_s)
    _tell(answer.headers, taken)
    return answer


def _tell(headers: MutableHeaders, taken: Taken | None) -> None:
    if taken is not None:
        quota = taken.quota
        headers["RateLimit-Policy"] = f'"{quota.name}";q={quota.requests};w={quota.window_s}'
        headers["RateLimit"] = f'"{quota.name}";r={taken.left};t={math.ceil(taken.debt_s)}'
