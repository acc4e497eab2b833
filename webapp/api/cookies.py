"""Cookies of the login: the session's, and the one that ties a login to the browser that began it."""

from datetime import timedelta

from fastapi import Request, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from webapp.accounts.logins import PATIENCE
from webapp.accounts.sessions import SESSION_LIFETIME, cookie_name, own_host_cookie
from webapp.settings import AppSettings

_LOGIN_COOKIE = "reelgrove_login"
_OFFER = "following_token"


def session_token_of(request: Request, settings: AppSettings) -> str | None:
    """The token that a browser comes with."""
    return request.cookies.get(cookie_name(settings))


def keep_session(response: Response, settings: AppSettings, token: str, lifetime: timedelta = SESSION_LIFETIME) -> None:
    """Give a browser the token of its session."""
    _set(response, settings, cookie_name(settings), token, lifetime)


def forget_session(response: Response, settings: AppSettings) -> None:
    """Take it back."""
    _set(response, settings, cookie_name(settings), "", timedelta())


def browser_of(request: Request, settings: AppSettings) -> str | None:
    """What a browser was given when it began a login."""
    return request.cookies.get(own_host_cookie(_LOGIN_COOKIE, settings))


def keep_browser(response: Response, settings: AppSettings, browser: str) -> None:
    """Give a browser that begins a login what it must bring back."""
    _set(response, settings, own_host_cookie(_LOGIN_COOKIE, settings), browser, PATIENCE)


def _set(response: Response, settings: AppSettings, name: str, value: str, lifetime: timedelta) -> None:
    response.set_cookie(
        name,
        value,
        max_age=int(lifetime.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=not settings.is_development,
    )


def offer(request: Request, settings: AppSettings, token: str, lifetime: timedelta) -> None:
    """Send a session's next token along with the answer, whatever that will be."""
    bearer = Response()
    keep_session(bearer, settings, token, lifetime)
    setattr(request.state, _OFFER, bearer.headers["set-cookie"])


class FollowingTokens:
    """ASGI middleware: puts the next token of a session that has grown old into the answer to its request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})

        async def send_with_token(message: Message) -> None:
            if message["type"] == "http.response.start" and (cookie := state.pop(_OFFER, None)):
                message["headers"] = [*message.get("headers", ()), (b"set-cookie", cookie.encode("latin-1"))]
            await send(message)

        await self._app(scope, receive, send_with_token)
