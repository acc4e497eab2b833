"""What every resource asks first: who calls, from where, and in which transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Annotated, cast
from uuid import UUID

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from sqlmodel import Session

from webapp.accounts.keys import authenticate_key
from webapp.accounts.service import Actor
from webapp.accounts.sessions import (
    SESSION_COOKIE,
    actor_of_session,
    authenticate_session,
    rotate,
)
from webapp.api.cookies import offer, session_token_of
from webapp.api.limits import PROVED
from webapp.container import Container
from webapp.db import unit_of_work
from webapp.errors import ForbiddenError, UnauthenticatedError
from webapp.trace import note

OWN_SITES = frozenset({"none", "same-origin"})
"""What ``Sec-Fetch-Site`` says of requests from our own pages, and of addresses that were typed."""
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_BROWSERS = "Mozilla/"
_cookie = APIKeyCookie(name=SESSION_COOKIE, auto_error=False, description="Set by the login.")
_bearer = HTTPBearer(auto_error=False, description="An API key.")


async def container_of(request: Request) -> Container:
    """What this process works with; built when the first request needs it."""
    return cast("Container", request.app.state.open_container())


Services = Annotated[Container, Depends(container_of)]


class Caller:
    """A request's credentials, checked whenever it acts."""

    def __init__(self, container: Container, request: Request, api_key: str | None = None) -> None:
        self.container = container
        self._request = request
        self._api_key = api_key
        self._token = session_token_of(request, container.settings.app)
        self._session_id: UUID | None = None

    @contextmanager
    def transaction(self) -> Iterator[tuple[Session, Actor]]:
        """One transaction in the caller's name, committed before the response is sent.

        Raises:
            UnauthenticatedError: The credentials are missing or wrong.
        """
        with unit_of_work(self.container.engine) as session:
            actor = self._authenticate(session)
            note(user_id=actor.user_id)
            self._request.scope[PROVED] = True
            following = self._rotate(session, actor)
            yield session, actor
        if following:  # is in the database by now
            offer(self._request, self.container.settings.app, *following)

    def _authenticate(self, session: Session) -> Actor:
        if self._api_key is not None:
            return authenticate_key(session, self._api_key)
        if self._session_id:  # a long request outlives its token, but not its session
            return actor_of_session(session, self._session_id)
        if not self._token:
            raise UnauthenticatedError("Log in first, or send an API key as 'Authorization: Bearer …'.")
        actor = authenticate_session(session, self._token)
        self._session_id = actor.session_id
        return actor

    def _rotate(self, session: Session, actor: Actor) -> tuple[str, timedelta] | None:
        if self._api_key is not None or not self._token:
            return None
        return rotate(session, actor, self._token, self.container.settings.app.secret_key.get_secret_value())

    def actor(self) -> Actor:
        """Who it is."""
        with self.transaction() as (_session, actor):
            return actor

    def is_known(self) -> bool:
        """Whether the credentials are still good: for what outlives its request."""
        try:
            self.actor()
        except UnauthenticatedError:
            return False
        return True


async def caller_of(
    request: Request,
    container: Services,
    _documented: Annotated[str | None, Security(_cookie)],
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
) -> Caller:
    """The caller's credentials. A browser's cookie counts only for requests from our own pages."""
    if bearer is not None:
        return Caller(container, request, bearer.credentials)
    if session_token_of(request, container.settings.app):
        refuse_foreign_origin(request)
    return Caller(container, request)


Asking = Annotated[Caller, Depends(caller_of)]


def _is_own(request: Request) -> bool:
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        return site in OWN_SITES
    if origin is not None:
        return origin.partition("://")[2] == request.headers.get("host")
    return not request.headers.get("user-agent", "").startswith(_BROWSERS)


def refuse_foreign_origin(request: Request) -> None:
    """Refuse unsafe requests that another site's page has made in the user's name.

    Browsers say where a request comes from, in Fetch Metadata (``Sec-Fetch-Site``) and in ``Origin``, and no page can
    make them lie. One that says neither is too old to be trusted with a cookie; programs need to say nothing.

    Raises:
        ForbiddenError: The request comes from elsewhere, or from a browser that does not tell.
    """
    if request.method not in _SAFE_METHODS and not _is_own(request):
        raise ForbiddenError(
            "This request comes from a page of another site. Use Reelgrove's own pages, or an API key."
        )
