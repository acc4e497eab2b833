"""Logging in and out, and keys for programs."""

from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel, Field

from webapp.accounts.keys import create_api_key, revoke_api_key
from webapp.accounts.service import login_development
from webapp.accounts.sessions import SESSION_LIFETIME, cookie_name, end_session, open_session
from webapp.api.edge import Asking, Services, refuse_foreign_origin
from webapp.container import Container
from webapp.db import unit_of_work
from webapp.errors import ForbiddenError

router = APIRouter(prefix="/api/auth", tags=["auth"])
_OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_FORWARDED = ("forwarded", "via", "x-forwarded-", "x-real-ip")
_OWN_SITES = frozenset({None, "none", "same-origin"})


class KeyOrder(BaseModel):
    """A key to make."""

    name: Annotated[str, Field(max_length=100)]


class NewKey(BaseModel):
    """A new key; its secret is shown this once."""

    id: UUID
    name: str
    secret: str


@router.get("/dev-login", include_in_schema=False)
@router.post("/dev-login")
def dev_login(
    request: Request,
    container: Services,
    name: Annotated[str, Query(max_length=50)] = "demo",
    next: Annotated[str, Query(max_length=500)] = "/",  # noqa: A002 - the parameter's public name
) -> Response:
    """Log in on one's own machine. Browsers are sent on to the page; programs get JSON; both get the cookie."""
    token, user_id = _log_in(request, container, name)
    if "text/html" in request.headers.get("accept", ""):
        response: Response = RedirectResponse(_own_page(next), 303)
    else:
        response = JSONResponse({"user_id": user_id})
    _set_cookie(response, container, token)
    return response


def _log_in(request: Request, container: Container, name: str) -> tuple[str, str]:
    # A name that merely resolves to this machine, or a proxy on it, would open the door to the network.
    if request.url.hostname not in _OWN_NAMES or any(header.startswith(_FORWARDED) for header in request.headers):
        raise ForbiddenError("The development login works on the machine itself only: open it through localhost.")
    refuse_foreign_origin(request)
    if request.headers.get("sec-fetch-site") not in _OWN_SITES:
        raise ForbiddenError("Another site's page has led here: open the login page of Reelgrove itself.")
    host = request.client.host if request.client else ""
    with unit_of_work(container.engine) as session:
        actor = login_development(session, container.settings.app, client_host=host, name=name)
        token = open_session(session, actor, user_agent=request.headers.get("user-agent", ""), address=host)
    return token, str(actor.user_id)


def _own_page(wished: str) -> str:
    parts = urlsplit(wished)
    is_own = not parts.scheme and not parts.netloc and wished.startswith("/") and "\\" not in wished
    return wished if is_own and wished.isprintable() else "/"


def _set_cookie(response: Response, container: Container, token: str) -> None:
    response.set_cookie(
        cookie_name(container.settings.app),
        token,
        max_age=int(SESSION_LIFETIME.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=not container.settings.app.is_development,
    )


@router.post("/logout", response_class=Response)
def logout(request: Request, caller: Asking) -> Response:
    """End the session."""
    with caller.transaction() as (session, actor):
        if actor.session_id:
            end_session(session, actor, actor.session_id)
    is_browser = "text/html" in request.headers.get("accept", "")
    response = RedirectResponse("/", 303) if is_browser else Response(status_code=204)
    response.delete_cookie(cookie_name(caller.container.settings.app))
    return response


@router.post("/api-keys", status_code=201)
def new_key(caller: Asking, order: KeyOrder) -> NewKey:
    """Make a key for a program."""
    with caller.transaction() as (session, actor):
        key = create_api_key(session, actor, order.name)
    return NewKey(id=key.id, name=key.name, secret=key.secret)


@router.delete("/api-keys/{key_id}", status_code=204)
def revoke_key(caller: Asking, key_id: UUID) -> None:
    """End a key."""
    with caller.transaction() as (session, actor):
        revoke_api_key(session, actor, key_id)
