"""Whether what the product stands on answers."""

from collections.abc import Callable, Iterator

from sqlalchemy import text

from webapp.container import Container
from webapp.db import head_revision, known_revisions, revision_of, unit_of_work
from webapp.renders.figures import find_lease

ESSENTIAL = frozenset({"database", "migrations", "storage"})


class NoDispatcherError(Exception):
    """Nobody holds the lease."""


class NotMigratedError(Exception):
    """The tables are older than the code: `reelgrove migrate` brings them up to date."""


def probe_services(container: Container) -> Iterator[tuple[str, str | None]]:
    """Each service by name with what is wrong with it, or None when it answers."""
    yield "database", _problem_of(lambda: _ask_database(container))
    yield "migrations", _problem_of(lambda: _compare_revision(container))
    yield "storage", _problem_of(lambda: container.objects.size("probe"))
    if container.redis is not None:
        yield "redis", _problem_of(container.redis.ping)
    yield "dispatcher", _problem_of(lambda: _look_for_dispatcher(container))


def _ask_database(container: Container) -> None:
    with container.engine.connect() as connection:
        connection.execute(text("SELECT 1 FROM users LIMIT 1"))


def _compare_revision(container: Container) -> None:
    """A revision that this code does not know is a newer one: during a roll-out the processes before it still serve."""
    with container.engine.connect() as connection:
        found = revision_of(connection)
    if found is None or (found in known_revisions() and found != head_revision()):
        raise NotMigratedError(f"the database is at {found or 'no revision'}, this code at {head_revision()}")


def _look_for_dispatcher(container: Container) -> None:
    with unit_of_work(container.engine, is_read_only=True) as session:
        lease = find_lease(session)
        if lease is None or not lease.is_alive:
            raise NoDispatcherError("none is running, so renders stay queued: `reelgrove up` starts one")


def _problem_of(ask: Callable[[], object]) -> str | None:
    try:
        ask()
    except (NoDispatcherError, NotMigratedError) as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - whatever is wrong is the answer
        return f"{type(error).__name__}: {error}".splitlines()[0]
    return None
