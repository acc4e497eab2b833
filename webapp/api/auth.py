"""Logging in, by way of an OpenID provider or with what Telegram has signed, and out again."""

from collections.abc import Callable
from contextlib import suppress
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field
from sqlmodel import Session

from webapp.accounts.doors import Door
from webapp.accounts.logins import Answer, Device, Wish, log_in
from webapp.accounts.service import Identity, LoginError
from webapp.accounts.sessions import end_session
from webapp.accounts.telegram import login_mini_app, login_widget
from webapp.api.cookies import browser_of, forget_session, keep_browser, keep_session, session_token_of
from webapp.api.edge import Asking, Services, refuse_foreign_origin
from webapp.api.limits import address_of
from webapp.container import Container
from webapp.db import unit_of_work
from webapp.errors import NotFoundError, UnauthenticatedError

router = APIRouter(prefix="/api/auth", tags=["auth"])
LOGIN_PAGE = "/login"
_Text = Annotated[str, Query(max_length=4000)]


class WidgetClick(BaseModel, extra="allow"):
    """All that Telegram's login widget gave to the page, as it is: every field is signed."""

    id: int
    auth_date: int
    hash: Annotated[str, Field(max_length=64)]
    __pydantic_extra__: dict[str, Annotated[str | int, Field(union_mode="left_to_right")]]


class MiniAppLaunch(BaseModel):
    """How Telegram has opened a Mini App: its ``initData``, as it is."""

    init_data: Annotated[str, Field(max_length=8000)]


class Welcome(BaseModel):
    """Who has logged in; the session is in the cookie."""

    user_id: UUID
    display_name: str


@router.get("/login", status_code=303, response_class=RedirectResponse)
def login(
    request: Request,
    container: Services,
    via: Door | None = None,
    next: Annotated[str, Query(max_length=500)] = "/",  # noqa: A002 - the parameter's public name
    login_hint: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """Go to the provider of identities: Telegram, or the one of your own machine in development.

    Whoever follows the redirects comes back with the session's cookie, and to the page `next`. On your own machine
    `login_hint` is the name to log in by.
    """
    door = via or next_door(container)
    settings, public_url = container.settings.app, container.settings.web.public_url
    site = str(request.base_url) if door is Door.DEMO or not public_url else public_url
    wish = Wish(
        door=door, site=site.rstrip("/"), next_path=next, browser=browser_of(request, settings), hint=login_hint
    )
    try:
        begun = container.logins.begin(wish)
    except LoginError as refusal:
        return _tell(request, refusal)
    response = RedirectResponse(begun.url, 303)
    keep_browser(response, settings, begun.browser)
    return response


def next_door(container: Container) -> Door:
    """The usual way in.

    Raises:
        NotFoundError: There is none.
    """
    if not container.doors.open:
        raise NotFoundError("No way to log in is set up here: set REELGROVE_TELEGRAM_CLIENT_ID and its secret.")
    return container.doors.open[0]


@router.get("/callback", status_code=303, response_class=RedirectResponse)
def callback(
    request: Request, container: Services, state: _Text = "", code: _Text = "", error: _Text = "", iss: _Text = ""
) -> Response:
    """Where the provider sends the browser back to."""
    settings = container.settings.app
    answer = Answer(state=state, code=code, error=error, issuer=iss)
    try:
        done = container.logins.finish(answer, browser_of(request, settings), _device(request, container))
    except LoginError as refusal:
        return _tell(request, refusal)
    response = RedirectResponse(done.next_path, 303)
    keep_session(response, settings, done.token)
    return response


def _tell(request: Request, refusal: LoginError) -> Response:
    """People read why on the login page, programs in the answer."""
    if not _is_browser(request):
        raise refusal
    trouble = urlencode({"trouble": refusal.code.removeprefix("login_")})
    return RedirectResponse(f"{LOGIN_PAGE}?{trouble}", 303)


def _device(request: Request, container: Container) -> Device:
    return Device(
        user_agent=request.headers.get("user-agent", ""),
        address=address_of(request, container.settings.web.trusted_proxies),
        former_token=session_token_of(request, container.settings.app),
    )


def _is_browser(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


@router.post("/telegram/widget")
def telegram_widget(request: Request, response: Response, container: Services, click: WidgetClick) -> Welcome:
    """Log in with a click on Telegram's login widget. Each click is good once, for five minutes."""
    settings = container.settings.login
    return _let_in(request, response, container, lambda session: login_widget(session, settings, click.model_dump()))


@router.post("/telegram/mini-app")
def telegram_mini_app(request: Request, response: Response, container: Services, launch: MiniAppLaunch) -> Welcome:
    """Log in with a launch of the Mini App. Each launch is good once, for five minutes."""
    settings = container.settings.login
    return _let_in(request, response, container, lambda session: login_mini_app(session, settings, launch.init_data))


def _let_in(
    request: Request, response: Response, container: Container, prove: Callable[[Session], Identity]
) -> Welcome:
    refuse_foreign_origin(request)
    with unit_of_work(container.engine) as session:
        actor, token = log_in(session, prove(session), _device(request, container))
    keep_session(response, container.settings.app, token)
    return Welcome(user_id=actor.user_id, display_name=actor.display_name)


@router.post("/logout", status_code=204, response_class=Response)
def logout(request: Request, caller: Asking) -> Response:
    """End the session. Browsers are sent to the login page, whether it was still alive or not."""
    is_browser = _is_browser(request)
    with suppress(*(UnauthenticatedError,) * is_browser), caller.transaction() as (session, actor):
        if actor.session_id:
            end_session(session, actor, actor.session_id)
    response = RedirectResponse(LOGIN_PAGE, 303) if is_browser else Response(status_code=204)
    forget_session(response, caller.container.settings.app)
    return response
