"""Requests of everybody to every route."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from httpx import Response

from tests.webapp.refusals.routes import Entry, Request
from tests.webapp.refusals.stage import Stage
from webapp.accounts.sessions import SESSION_COOKIE
from webapp.models import Role, Scope

ADDRESS = "http://localhost:3000"
_LESSER = {Role.VIEWER: (), Role.EDITOR: ("vi",), Role.OWNER: ("vi", "ed")}
_FOREIGN = {"Origin": "https://elsewhere.example"}
_READS = {"GET", "HEAD"}


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who sends a request.

    Attributes:
        session: The name of a token of the stage's; empty for none.
        key: The name of a key; empty for none.
        status: What they are told; None for those who may do this with what is their own.
    """

    name: str
    session: str = ""
    key: str = ""
    status: int | None
    is_foreign: bool = False


def routes_of(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Method and path of everything that answers; ``*`` where an application of its own does, or all methods do."""
    for route in iter_route_contexts(app.routes):
        methods = route.methods or {"*"}
        for method in {"*"} if len(methods) > 2 else methods:
            yield method, str(route.path)


def callers(entry: Entry, method: str) -> Iterator[Caller]:
    """All who are refused, and those who get no further than to their own."""
    yield Caller(name="nobody", status=401)
    yield Caller(name="an ended session", session="ended", status=401)
    for key in ("revoked", "expired"):
        yield Caller(name=f"an {key} key", key=key, status=401)
    if not entry.takes_any_key:
        for without in sorted(entry.scopes) or ("no scope",):
            yield Caller(name=f"a key for all but {without}", key=f"all but {without}", status=403)
    if method not in _READS:
        yield Caller(name="another site's page", session="ann", status=403, is_foreign=True)
    for name in ("sam", "gone"):
        yield Caller(name=name, session=name, status=404 if entry.is_named else None)
    for name in _LESSER[entry.role] if entry.role else ():
        yield Caller(name=name, session=name, status=403)


def owner(entry: Entry) -> Iterator[Caller]:
    """Who is let in: the owner, and a program of hers with these scopes alone, if any will do."""
    yield Caller(name="ann", session="ann", status=None)
    if entry.scopes or entry.takes_any_key:
        yield Caller(name="a program of hers", key=" ".join(sorted(entry.scopes)) or Scope.WEBHOOKS_READ, status=None)


class Clients:
    """Sends requests for anybody."""

    def __init__(self, app: FastAPI, stage: Stage) -> None:
        self._client = TestClient(
            app, base_url=ADDRESS, client=("127.0.0.1", 50000), raise_server_exceptions=False, follow_redirects=False
        )
        self._stage = stage

    def close(self) -> None:
        self._client.close()

    def send(self, method: str, path: str, request: Request, caller: Caller) -> Response:
        """The answer to a caller's request."""
        self._client.cookies.clear()
        ids = self._stage.ids
        address = path.format_map(ids | {name: self._filled(value) for name, value in request.path.items()})
        body, file = self._filled(request.body), request.file
        content: dict[str, Any] = {"json": body} if body is not None else {}
        if file:
            content = {"data": body, "files": {"file": (file, b"not a video", "video/mp4")}}
        return self._client.request(
            method, address, params=self._filled(request.query), headers=self._headers(caller), **content
        )

    def _filled(self, value: Any) -> Any:  # noqa: ANN401 - any part of a request
        if isinstance(value, dict):
            return {name: self._filled(part) for name, part in value.items()}
        if isinstance(value, list):
            return [self._filled(part) for part in value]
        return value.format_map(self._stage.ids) if isinstance(value, str) else value

    def _headers(self, caller: Caller) -> dict[str, str]:
        headers = dict(_FOREIGN) if caller.is_foreign else {}
        if caller.session:
            headers["Cookie"] = f"{SESSION_COOKIE}={self._stage.tokens[caller.session]}"
        if caller.key:
            headers["Authorization"] = f"Bearer {self._stage.keys[caller.key]}"
        return headers
