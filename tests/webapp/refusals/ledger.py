"""All rows of a product's database, to see that nothing has changed; and whose the new ones are."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from webapp.models import metadata
from webapp.settings import Settings

Row = tuple[str, ...]
_SEEN = {"last_seen_at", "last_used_at"}  # being recognised is noted, whatever is refused afterwards
_IS_MOVED = {True: "PRAGMA data_version", False: "SELECT pg_current_wal_insert_lsn()::text"}


class Ledger:
    """What the tables hold, read beside the product on a connection of its own."""

    def __init__(self, connection: Any) -> None:  # noqa: ANN401 - two drivers that share what is needed here
        self._connection = connection
        self._version_of = _IS_MOVED[isinstance(connection, sqlite3.Connection)]
        self._version: object = None
        self._rows: frozenset[Row] = frozenset()

    def rows(self) -> frozenset[Row]:
        """Every row of every table; read anew only if somebody may have written."""
        version = self._connection.execute(self._version_of).fetchone()
        if version != self._version:
            self._version, self._rows = version, frozenset(self._read())
        return self._rows

    def _read(self) -> Iterator[Row]:
        for table in metadata.sorted_tables:
            columns = ", ".join(f'"{column.name}"' for column in table.columns if column.name not in _SEEN)
            for row in self._connection.execute(f"SELECT {columns} FROM {table.name}"):  # our own names
                yield table.name, *(str(value).replace("-", "") for value in row)


@contextmanager
def ledger_of(settings: Settings) -> Iterator[Ledger]:
    """The ledger of a product."""
    if settings.database.database_url:
        with psycopg.connect(settings.database.database_url, autocommit=True) as connection:
            yield Ledger(connection)
        return
    connection = sqlite3.connect(settings.app.data_dir / "reelgrove.db", isolation_level=None, check_same_thread=False)
    try:
        yield Ledger(connection)
    finally:
        connection.close()


def mentions(row: Row, ids: frozenset[str]) -> bool:
    """Whether a row speaks of one of these ids, which have no dashes."""
    return any(each in value for value in row for each in ids)
