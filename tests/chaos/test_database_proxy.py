from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.chaos.database_proxy import Cut, DatabaseProxy, database_proxy
from tests.webapp.servers import run_postgres

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def server_url() -> Iterator[str]:
    with run_postgres() as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE notes (text text)")
        yield url


@pytest.fixture
def proxy(server_url: str) -> Iterator[DatabaseProxy]:
    with psycopg.connect(server_url) as connection:
        connection.execute("TRUNCATE notes")
    with database_proxy(urlsplit(server_url).port or 0) as proxy:
        yield proxy


def _note(server_url: str, proxy: DatabaseProxy, text: str) -> None:
    url = server_url.replace(f":{urlsplit(server_url).port}", f":{proxy.port}")
    with psycopg.connect(url) as connection:
        connection.execute("INSERT INTO notes VALUES (%s)", [text])


def _notes(server_url: str) -> list[str]:
    with psycopg.connect(server_url) as connection:
        return [text for (text,) in connection.execute("SELECT text FROM notes ORDER BY text").fetchall()]


def test_without_an_order_nothing_is_cut(server_url: str, proxy: DatabaseProxy):
    _note(server_url, proxy, "a")
    assert (_notes(server_url), proxy.cuts) == (["a"], 0)


@pytest.mark.parametrize(("cut", "kept"), [(Cut.BEFORE, ["a", "c"]), (Cut.AFTER, ["a", "b", "c"])])
def test_a_commit_is_lost_before_or_after_it_counts(server_url: str, proxy: DatabaseProxy, cut: Cut, kept: list[str]):
    proxy.cut(cut, after=1)
    _note(server_url, proxy, "a")
    with pytest.raises(psycopg.OperationalError):
        _note(server_url, proxy, "b")
    _note(server_url, proxy, "c")
    assert (_notes(server_url), proxy.cuts) == (kept, 1)


def test_orders_for_the_same_commit_are_struck_one_after_the_other(server_url: str, proxy: DatabaseProxy):
    for _ in range(2):
        proxy.cut(Cut.BEFORE, after=0)
    for text in "ab":
        with pytest.raises(psycopg.OperationalError):
            _note(server_url, proxy, text)
    _note(server_url, proxy, "c")
    assert (_notes(server_url), proxy.cuts) == (["c"], 2)
