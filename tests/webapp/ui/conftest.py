"""The page's process works with the test's own product."""

from collections.abc import Iterator

import pytest

from tests.webapp.logins import log_in
from tests.webapp.ui.tabs import Tab
from webapp.container import Container
from webapp.db import unit_of_work
from webapp.ui import edge


@pytest.fixture
def services(embedded: Container, monkeypatch: pytest.MonkeyPatch) -> Iterator[Container]:
    """The process's container is the test's own."""
    edge.container.cache_clear()
    monkeypatch.setattr(edge, "build_container", lambda: embedded)
    yield embedded
    edge.container.cache_clear()


@pytest.fixture
def tab(services: Container) -> Tab:
    """A tab of somebody who is logged in."""
    with unit_of_work(services.engine) as session:
        _actor, token = log_in(session, "typist")
    return Tab(token)
