"""The database: one engine per process, short transactions, migrations from anywhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, event
from sqlalchemy import create_engine as create_sqlalchemy_engine
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlmodel import Session, SQLModel

from alembic import command
from webapp.settings import Settings

BUSY_TIMEOUT_MS = 10_000
_ROOT = Path(__file__).resolve().parents[1]
_AFTER_COMMIT = "after_commit"


def create_engine(url: str) -> Engine:
    """An engine for SQLite (write-ahead log, writers queue up) or PostgreSQL. Its errors tell no values of rows."""
    if not url.startswith("sqlite"):
        return create_sqlalchemy_engine(url, hide_parameters=True, pool_pre_ping=True, pool_size=10, max_overflow=20)
    database = make_url(url).database
    if database:
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_sqlalchemy_engine(url, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own class
    # The driver would begin transactions by itself, deferred: two readers that turn writers then dead-lock.
    connection.isolation_level = None
    for pragma in (f"busy_timeout={BUSY_TIMEOUT_MS}", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Connection) -> None:
    is_read_only = connection.get_execution_options().get("is_read_only", False)
    connection.exec_driver_sql("BEGIN" if is_read_only else "BEGIN IMMEDIATE")


@contextmanager
def unit_of_work(engine: Engine, *, is_read_only: bool = False) -> Iterator[Session]:
    """One transaction: committed at the end, rolled back on any error.

    What was handed to ``after_commit`` runs once the rows are there for others to see. Rows stay readable afterwards.
    With ``is_read_only`` it promises to write nothing, and on SQLite waits for no writer.
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
