"""What the dispatcher's process does now and then beside its work: cells beyond age and quota go, and leftovers."""

import threading
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Engine

from cluster.ports import ObjectStore
from cluster.retention import RetentionPolicy, prune
from webapp.db import unit_of_work
from webapp.models import utc_now
from webapp.renders.figures import find_lease, oldest_start
from webapp.settings import CellSettings

_FIRST_S = 60.0
_EVERY_S = 900.0
_LEFTOVER_AGE = timedelta(days=1)
_log = structlog.get_logger()


class Housekeeping:
    """Does chores in a thread of its own, while this process is the one dispatcher.

    Args:
        is_ours: Whether it is. Two that do the same chores do each other no harm.
        chores: What to do each time; one that fails is tried again next time.
    """

    def __init__(
        self,
        is_ours: Callable[[], bool],
        chores: Iterable[Callable[[], object]],
        *,
        first_s: float = _FIRST_S,
        every_s: float = _EVERY_S,
    ) -> None:
        self._is_ours = is_ours
        self._chores = tuple(chores)
        self._every_s = every_s
        self._is_closed = threading.Event()
        self._thread = threading.Thread(target=self._work, args=(first_s,), name="housekeeping", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Begin nothing more. What is being done may end with the process: it can be cut short anywhere."""
        self._is_closed.set()

    def _work(self, first_s: float) -> None:
        wait_s = first_s
        while not self._is_closed.wait(wait_s):
            wait_s = self._every_s
            for chore in self._chores:
                _do(chore, self._is_ours)


def _do(chore: Callable[[], object], is_ours: Callable[[], bool]) -> None:
    try:
        if is_ours():
            chore()
    except Exception as error:  # noqa: BLE001 - whatever it was, the next time may go well, and renders go on
        _log.warning("housekeeping.failed", reason=f"{type(error).__name__}: {error}")


def holds_lease(engine: Engine, holder: str) -> bool:
    """Whether this process is the dispatcher at work."""
    with unit_of_work(engine, is_read_only=True) as session:
        lease = find_lease(session)
        return lease is not None and lease.is_alive and lease.holder == holder


def retention_of(settings: CellSettings) -> RetentionPolicy:
    """What may be kept."""
    return RetentionPolicy(max_age=timedelta(days=settings.cells_max_age_days), max_bytes=int(settings.cells_max_bytes))


def at_work_since(engine: Engine) -> datetime | None:
    """When the oldest of the renders that are at work was taken up; None with none."""
    with unit_of_work(engine, is_read_only=True) as session:
        return oldest_start(session)


def prune_cells(engine: Engine, objects: ObjectStore, policy: RetentionPolicy) -> None:
    """Remove cells and sounds beyond age and quota, but none that a render at work may need."""
    pruned = prune(objects, policy, utc_now(), jobs_since=at_work_since(engine))
    if pruned.removed:
        _log.info("cells.pruned", removed=pruned.removed, bytes=pruned.removed_bytes, kept_bytes=pruned.kept_bytes)


def sweep_leftovers(objects: ObjectStore) -> None:
    """Remove what writes that were interrupted more than a day ago have left in the store."""
    if count := objects.sweep(utc_now() - _LEFTOVER_AGE):
        _log.info("objects.swept", count=count)
