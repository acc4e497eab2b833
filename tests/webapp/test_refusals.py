"""Nobody gets at what is not theirs: every route and every handler, asked by everybody who may not.

What is asked comes from the application itself. A route or a handler that is not in its table fails here by its name:
enter it into ``refusals/routes.py`` or ``refusals/handlers.py`` with what it takes.
"""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import reflex as rx
from fastapi import FastAPI
from httpx import Response

from render_core.errors import InvalidInputError
from tests.webapp.product import Product
from tests.webapp.refusals.clients import Caller, Clients, callers, owner, routes_of
from tests.webapp.refusals.handlers import HANDLERS, Handler, handlers
from tests.webapp.refusals.handlers import PUBLIC as OPEN_HANDLERS
from tests.webapp.refusals.ledger import Ledger, ledger_of, mentions
from tests.webapp.refusals.routes import BY_LINK, PUBLIC, ROUTES, Entry, Request
from tests.webapp.refusals.stage import SECRET, Stage, set_stage
from tests.webapp.refusals.visitors import Visitor
from tests.webapp.refusals.visitors import callers as visits
from webapp.api.app import build_api
from webapp.errors import AppError
from webapp.renders.stream import RenderStream
from webapp.settings import RateSettings
from webapp.ui import edge

_NOBODY = Caller(name="nobody", status=404)
_REFUSALS = {401, 403, 404, 405, 422}
_EVEN_ARCHIVED = {f"{what} /api/workspaces/{{workspace_id}}" for what in ("GET", "HEAD")}
_EVEN_ARCHIVED |= {f"POST /api/workspaces/{{workspace_id}}/{what}" for what in ("archive", "restore")}


def entry_of(method: str, path: str) -> Entry | None:
    return ROUTES.get(f"{'GET' if method == 'HEAD' else method} {path}")


def test_every_route_is_in_the_table_and_nothing_else_is():
    known = ROUTES.keys() | BY_LINK.keys() | PUBLIC.keys()
    there = {f"{'GET' if method == 'HEAD' else method} {path}" for method, path in routes_of(build_api_of_nothing())}
    assert there - known == set(), "routes without an entry in tests/webapp/refusals/routes.py"
    assert known - there == set(), "entries without a route"


def build_api_of_nothing() -> FastAPI:
    def open_nothing():
        raise AssertionError("nobody asks anything")

    return build_api(open_nothing)


def api_of(product: Product) -> FastAPI:
    """The API; those who may watch are told that too many do, instead of watching for ever."""
    closed = RenderStream(product.container.engine, most_watchers=0)
    unbounded = replace(product.container.settings, rates=RateSettings(rate_limits=False))
    return build_api(replace(product.container, settings=unbounded, stream=closed))


def test_every_route_refuses_who_may_not_and_changes_nothing(product: Product):
    stage, app = set_stage(product), api_of(product)
    clients, kept = Clients(app, stage), product.stored_keys()
    with ledger_of(product.container.settings) as ledger:
        wrong = [
            problem
            for method, path in sorted(routes_of(app), key=ends_sessions)
            if (entry := entry_of(method, path))
            for caller in callers(entry, method)
            for problem in problems_of(clients, ledger, stage, (method, path, entry, caller))
        ]
    clients.close()
    assert not wrong, "\n".join(wrong)
    assert kept <= product.stored_keys()


def ends_sessions(route: tuple[str, str]) -> tuple[bool, str, str]:
    """The order of requests: who has logged out is nobody to those that follow."""
    method, path = route
    return path.endswith("/logout"), path, method


def problems_of(clients: Clients, ledger: Ledger, stage: Stage, asked: tuple[str, str, Entry, Caller]) -> Iterator[str]:
    method, path, entry, caller = asked
    before = ledger.rows()
    answer = clients.send(method, path, entry.request, caller)
    after = ledger.rows()
    call = f"{method} {path} by {caller.name}"
    if caller.status is None and answer.status_code >= 400 and entry.has_answer:
        yield f"{call}: {answer.status_code} {answer.text[:200]}"
    if caller.status is not None and answer.status_code != caller.status:
        yield f"{call}: {answer.status_code} instead of {caller.status}: {answer.text[:200]}"
    if SECRET in told(answer):
        yield f"{call}: tells a secret: {told(answer)[:300]}"
    if caller.status is not None and before != after:
        yield f"{call}: changes {before ^ after}"
    yield from (f"{call}: changes {row}" for row in before ^ after if mentions(row, stage.secrets))


def told(answer: Response) -> str:
    return f"{answer.text} {answer.headers}"


def test_links_that_were_made_up_open_nothing_for_anybody(product: Product):
    stage, app = set_stage(product), api_of(product)
    clients, made_up = Clients(app, stage), Request(path={"token": "made-up", "share_token": "made-up"})
    statuses = {
        f"{method} {path} by {caller.name}": clients.send(method, path + BY_LINK[key], made_up, caller).status_code
        for method, path in routes_of(app)
        if (key := f"{'GET' if method == 'HEAD' else method} {path}") in BY_LINK
        for caller in (_NOBODY, Caller(name="ann", session="ann", status=404))
    }
    clients.close()
    assert {call: status for call, status in statuses.items() if status != 404} == {}


def test_who_may_is_let_in_so_that_the_refusals_mean_something(small_product: Product, tmp_path: Path):
    stage, app = set_stage(small_product), api_of(small_product)
    clients, as_it_was = Clients(app, stage), Copies(small_product, tmp_path / "kept")
    wrong = []
    for method, path in sorted(routes_of(app)):
        entry = entry_of(method, path)
        if entry is None or not entry.has_answer or is_made_up(entry):
            continue
        for caller in owner(entry):
            answer = clients.send(method, path, entry.request, caller)
            if answer.status_code in _REFUSALS or answer.status_code >= 500:
                wrong.append(f"{method} {path} by {caller.name}: {answer.status_code} {answer.text[:200]}")
            if method not in {"GET", "HEAD"}:
                as_it_was.restore()
    clients.close()
    assert not wrong, "\n".join(wrong)


def test_nothing_of_an_archived_workspace_is_there_even_for_its_owner(small_product: Product):
    stage, app = set_stage(small_product), api_of(small_product)
    clients, ann = Clients(app, stage), Caller(name="ann", session="ann", status=404)
    assert clients.send("POST", "/api/workspaces/{workspace_id}/archive", Request(), ann).status_code == 200
    with ledger_of(small_product.container.settings) as ledger:
        wrong = [
            problem
            for method, path in sorted(routes_of(app))
            if (entry := entry_of(method, path)) and entry.role and f"{method} {path}" not in _EVEN_ARCHIVED
            for problem in problems_of(clients, ledger, stage, (method, path, entry, ann))
        ]
    clients.close()
    assert not wrong, "\n".join(wrong)


def is_made_up(entry: Entry) -> bool:
    """Whether what is named belongs to nobody, so that its owner is refused like all others."""
    return entry.is_named and entry.role is None and any(part in str(entry.request) for part in ("made-up", "0" * 64))


class Copies:
    """A product's data as they once were."""

    def __init__(self, product: Product, folder: Path) -> None:
        self._product, self._folder = product, folder
        self._data_dir = product.container.settings.app.data_dir
        product.container.engine.dispose()
        shutil.copytree(self._data_dir, folder)

    def restore(self) -> None:
        self._product.container.engine.dispose()
        shutil.rmtree(self._data_dir)
        shutil.copytree(self._folder, self._data_dir)


def test_every_handler_is_in_the_table_and_nothing_else_is():
    known = HANDLERS.keys() | OPEN_HANDLERS.keys()
    assert handlers().keys() - known == set(), "handlers without an entry in tests/webapp/refusals/handlers.py"
    assert known - handlers().keys() == set(), "entries without a handler"


def known_handlers() -> list[tuple[str, Handler]]:
    return [(called, entry) for called, entry in HANDLERS.items() if called in handlers()]


@pytest.fixture
def stage(small_product: Product, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """The page's process works with the test's product."""
    edge.container.cache_clear()
    monkeypatch.setattr(edge, "build_container", lambda: small_product.container)
    yield set_stage(small_product)
    edge.container.cache_clear()


def test_every_handler_refuses_who_may_not_and_changes_nothing(stage: Stage):
    with ledger_of(stage.product.container.settings) as ledger:
        wrong = [
            problem
            for called, entry in known_handlers()
            for session, status in visits(entry)
            for problem in problems_in(stage, ledger, called, (session, status))
        ]
    assert not wrong, "\n".join(wrong)


def problems_in(stage: Stage, ledger: Ledger, called: str, caller: tuple[str, int | None]) -> Iterator[str]:
    (kind, name), (session, status) = handlers()[called], caller
    visitor, before = Visitor(stage, session), ledger.rows()
    answer = answered(visitor, kind, name)
    after = ledger.rows()
    call = f"{called} by {session or 'nobody'}"
    if status is not None and status_of(answer) != status:
        yield f"{call}: {answer!r} instead of {status}"
    if status not in {None, 403} and SECRET in f"{answer!r} {visitor.shown()}":
        yield f"{call}: tells a secret: {answer!r} {visitor.shown()}"
    if status is not None and before != after:
        yield f"{call}: changes {before ^ after}"
    yield from (f"{call}: changes {row}" for row in before ^ after if mentions(row, stage.secrets))


def answered(visitor: Visitor, kind: type[rx.State], name: str) -> object:
    try:
        return visitor.call(kind, name, HANDLERS[f"{kind.__name__}.{name}"])
    except (AppError, InvalidInputError) as refusal:
        return refusal


def status_of(answer: object) -> int | None:
    """Of an error that was raised, or is shown as a toast."""
    if isinstance(answer, AppError):
        return answer.status
    toasts = {"Not found": 404, "Not allowed": 403}
    return next((status for words, status in toasts.items() if words in str(answer)), None)


def test_handlers_let_in_who_may_so_that_the_refusals_mean_something(stage: Stage, tmp_path: Path):
    as_it_was, wrong = Copies(stage.product, tmp_path / "kept"), []
    for called, entry in known_handlers():
        if entry.runs_beside or entry.role is None:
            continue
        answer = answered(Visitor(stage, "ann"), *handlers()[called])
        if status_of(answer) in {401, 403, 404, 422} or isinstance(answer, InvalidInputError):
            wrong.append(f"{called}: {answer!r}")
        as_it_was.restore()
    assert not wrong, "\n".join(wrong)
