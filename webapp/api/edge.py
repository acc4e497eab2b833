"""What every resource asks first: who calls, from where, and in which transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, cast
from urllib.parse import urlsplit

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from sqlmodel import Session

from webapp.accounts.service import SESSION_COOKIE, Actor, authenticate
from webapp.container import Container
from webapp.db import unit_of_work
from webapp.errors import ForbiddenError, UnauthenticatedError

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_cookie = APIKeyCookie(name=SESSION_COOKIE, auto_error=False, description="Set by the login.")
_bearer = HTTPBearer(auto_error=False, description="An API key.")


def container_of(request: Request) -> Container:
    """What this process works with; built when the first request needs it."""
    return cast("Container", request.app.state.open_container())


Services = Annotated[Container, Depends(container_of)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A request's credentials, not yet checked."""

    container: Container
    session_token: str | None
    api_key: str | None

    @contextmanager
    def transaction(self) -> Iterator[tuple[Session, Actor]]:
        """One transaction in the caller's name, committed before the response is sent.

        Raises:
            UnauthenticatedError: The credentials are missing or wrong.
        """
        with unit_of_work(self.container.engine) as session:
            yield session, authenticate(session, session_token=self.session_token, api_key=self.api_key)

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
    session_token: Annotated[str | None, Security(_cookie)],
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
) -> Caller:
    """The caller's credentials. A browser's cookie counts only for requests from our own pages."""
    if bearer is None and session_token is not None:
        refuse_foreign_origin(request)
    api_key = bearer.credentials if bearer else None
    return Caller(container=container, session_token=session_token, api_key=api_key)


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
