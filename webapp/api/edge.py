"""What every resource asks first: who calls, from where, and in which transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, cast
from urllib.parse import urlsplit
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
    cookie_name,
)
from webapp.container import Container
from webapp.db import unit_of_work
from webapp.errors import ForbiddenError, UnauthenticatedError
from webapp.trace import note

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_cookie = APIKeyCookie(name=SESSION_COOKIE, auto_error=False, description="Set by the login.")
_bearer = HTTPBearer(auto_error=False, description="An API key.")


def container_of(request: Request) -> Container:
    """What this process works with; built when the first request needs it."""
    return cast("Container", request.app.state.open_container())


Services = Annotated[Container, Depends(container_of)]


class Caller:
    """A request's credentials, checked whenever it acts."""

    def __init__(self, container: Container, *, session_token: str | None = None, api_key: str | None = None) -> None:
        self.container = container
        self._session_token = session_token
        self._api_key = api_key
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
            yield session, actor

    def _authenticate(self, session: Session) -> Actor:
        if self._api_key:
            return authenticate_key(session, self._api_key)
        if self._session_id:  # a long request outlives its token, but not its session
            return actor_of_session(session, self._session_id)
        if not self._session_token:
            raise UnauthenticatedError("Log in first, or send an API key as 'Authorization: Bearer …'.")
        actor = authenticate_session(session, self._session_token)
        self._session_id = actor.session_id
        return actor

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


def caller_of(
    request: Request,
    container: Services,
    _documented: Annotated[str | None, Security(_cookie)],
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
) -> Caller:
    """The caller's credentials. A browser's cookie counts only for requests from our own pages."""
    if bearer is not None:
        return Caller(container, api_key=bearer.credentials)
    token = request.cookies.get(cookie_name(container.settings.app))
    if token is not None:
        refuse_foreign_origin(request)
    return Caller(container, session_token=token)


Asking = Annotated[Caller, Depends(caller_of)]


def refuse_foreign_origin(request: Request) -> None:
    """Refuse unsafe requests that another site's page has made in the user's name.

    Raises:
        ForbiddenError: The browser says that the request comes from elsewhere.
    """
    origin = request.headers.get("origin")
    if request.method in _SAFE_METHODS or origin is None:
        return
    if urlsplit(origin).netloc != request.headers.get("host"):
        raise ForbiddenError(
            "This request comes from a page of another site. Use Reelgrove's own pages, or an API key."
        )
