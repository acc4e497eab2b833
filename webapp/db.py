"""The database: one engine per process, short transactions, migrations from anywhere."""

import select
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from pydantic_core import from_json, to_json
from sqlalchemy import Connection, Engine, SelectBase, event
from sqlalchemy import create_engine as create_sqlalchemy_engine
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError
from sqlmodel import Session, SQLModel

from alembic import command
from webapp.settings import Settings

BUSY_TIMEOUT_MS = 10_000
_ROOT = Path(__file__).resolve().parents[1]
_AFTER_COMMIT = "after_commit"
_IN_TURN = "in_turn"
_RESTS_SINCE = "rests_since"


def create_engine(url: str, *, believed_s: float = 2.0) -> Engine:
    """An engine for SQLite (write-ahead log, writers queue up) or PostgreSQL. Its errors tell no values of rows.

    Args:
        url: SQLAlchemy's.
        believed_s: A server's connection that has rested for longer is asked whether it still stands, in seconds.
            One whose server has said something meanwhile is asked in any case: most likely that was its end.
    """
    if not url.startswith("sqlite"):
        engine = create_sqlalchemy_engine(url, hide_parameters=True, pool_size=10, max_overflow=20, **_JSON)
        _test_connections(engine, believed_s)
        return engine
    database = make_url(url).database
    if database:
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_sqlalchemy_engine(url, hide_parameters=True, **_JSON)
    event.listen(engine, "connect", _prepare_sqlite)
    _WritersInLine(engine)
    return engine


def _to_json(value: object) -> str:
    return to_json(value).decode()


_JSON: dict[str, Any] = {"json_serializer": _to_json, "json_deserializer": from_json}
"""A third of the time that the standard library takes."""


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own class
    # The driver would begin transactions by itself, deferred: two readers that turn writers then dead-lock.
    connection.isolation_level = None
    for pragma in (f"busy_timeout={BUSY_TIMEOUT_MS}", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


class _WritersInLine:
    """Transactions on SQLite read as PostgreSQL's do until they first write or lock a row; from then on they are alone.

    SQLite itself has no queue: writers ask again and again, and who is unlucky for long enough is refused. Within the
    process they stand in line here; between processes SQLite's way has to do.
    """

    def __init__(self, engine: Engine) -> None:
        self._turn = threading.Lock()
        event.listen(engine, "begin", self._begin)
        event.listen(engine, "before_cursor_execute", self._before_statement)
        event.listen(engine, "checkin", self._leave)

    def _begin(self, connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("is_read_only", False):
            connection.exec_driver_sql("BEGIN")
        elif options.get("is_exclusive", False):
            self._write(connection)

    def _before_statement(
        self,
        connection: Connection,
        _cursor: object,
        statement: str,
        _values: object,
        context: Any,  # noqa: ANN401 - the dialect's own class
        _many: object,
    ) -> None:
        if not _is_reading(statement, context):
            self._write(connection)

    def _write(self, connection: Connection) -> None:
        """Stand in line, once a transaction."""
        pooled = connection.connection
        driver: Any = pooled.dbapi_connection
        if not driver.in_transaction:
            pooled.info[_IN_TURN] = self._turn.acquire(timeout=BUSY_TIMEOUT_MS / 1000)
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    def _leave(self, _connection: object, record: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own class
        if record.info.pop(_IN_TURN, False):
            self._turn.release()


def _is_reading(statement: str, context: Any) -> bool:  # noqa: ANN401 - the dialect's own class
    asked = context.compiled.statement if context.compiled else None
    if isinstance(asked, SelectBase):
        return getattr(asked, "_for_update_arg", None) is None
    return statement.split(maxsplit=1)[0].upper() in {"BEGIN", "PRAGMA", "SELECT"}


def _test_connections(engine: Engine, believed_s: float) -> None:
    """SQLAlchemy's own test costs each transaction a round trip; this one only those after a rest, or a farewell."""

    def note(_connection: object, record: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own class
        record.info[_RESTS_SINCE] = time.monotonic()

    def test(connection: Any, record: Any, _proxy: object) -> None:  # noqa: ANN401 - the driver's own class
        rested_s = time.monotonic() - record.info.get(_RESTS_SINCE, time.monotonic())
        if rested_s > believed_s or _has_word(connection):
            _ping(engine, connection)

    event.listen(engine, "checkin", note)
    event.listen(engine, "checkout", test)


def _has_word(connection: Any) -> bool:  # noqa: ANN401 - the driver's own class
    """Whether a server that was not asked anything has spoken, or hung up. Asks this machine alone: 2 µs."""
    if connection.closed:
        return True
    socket = select.poll()
    socket.register(connection.fileno(), select.POLLIN)
    return bool(socket.poll(0))


def _ping(engine: Engine, connection: Any) -> None:  # noqa: ANN401 - the driver's own class
    try:
        engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error as error:
        raise DisconnectionError from error  # the pool opens another one


@contextmanager
def unit_of_work(engine: Engine, *, is_read_only: bool = False) -> Iterator[Session]:
    """One transaction: committed at the end, rolled back on any error.

    What was handed to ``after_commit`` runs once the rows are there for others to see. Rows stay readable afterwards.
    Each statement reads what is committed, until rows are locked or written. With ``is_read_only`` it promises to write
    nothing, and on SQLite all its statements see the same moment.
    """
    bind = engine.execution_options(is_read_only=True) if is_read_only else engine
    with Session(bind, expire_on_commit=False) as session:
        with session.begin():
            yield session
        for act in session.info.pop(_AFTER_COMMIT, ()):
            act()


def after_commit(session: Session, act: Callable[[], object]) -> None:
    """Do something outside the database once, and only if, the transaction is committed."""
    session.info.setdefault(_AFTER_COMMIT, []).append(act)


def insert_into(session: Session, table: type[SQLModel]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT: both databases have it, each with a class of its own."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def migrate(settings: Settings) -> None:
    """Bring the database to the newest revision; does nothing when it is there."""
    command.upgrade(alembic_config(settings.database_url), "head")


def revision_of(connection: Connection) -> str | None:
    """The revision that the database is at; None before the first one."""
    return MigrationContext.configure(connection).get_current_revision()


@cache
def known_revisions() -> frozenset[str]:
    """The revisions that this code has."""
    return frozenset(one.revision for one in _scripts().walk_revisions())


@cache
def head_revision() -> str:
    """The newest of them, which the models describe."""
    head = _scripts().get_current_head()
    assert head is not None  # noqa: S101 - the repository has revisions
    return head


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(alembic_config(""))


def alembic_config(url: str) -> Config:
    """Alembic's configuration for a database, wherever the process was started."""
    config = Config(_ROOT / "alembic.ini")
    config.set_main_option("script_location", str(_ROOT / "alembic"))
    config.attributes["url"] = url
    return config
