"""How long cells and sounds are kept: by age and by quota, the longest unused go first, and none that a job may need.

The invariant: what was used since ``BEFORE_JOB`` before the oldest job at work was taken up stays, and what was used
within ``SAFE_AGE``, whatever age and quota say. A plan notes a use of every part that it finds, and a part that is made
later is younger than the plan.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from cluster.ports import ObjectStore
from cluster.storage import Entry

BEFORE_JOB = timedelta(hours=2)
"""One hour that a noted use may be behind; one for clocks that differ."""

SAFE_AGE = timedelta(hours=4)
"""For jobs that have begun since anyone looked, and for what will soon be asked for again."""

KINDS = ("cells", "sounds")
"""What is kept, named as the folders of the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPolicy:
    """What may be kept.

    Attributes:
        max_age: Unused for longer, a part goes.
        max_bytes: Beyond this sum the longest unused go.
    """

    max_age: timedelta
    max_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What went and what stayed."""

    removed: int
    removed_bytes: int
    kept: int
    kept_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What is kept of one kind; ``oldest`` and ``newest`` are the times of use, None where there is nothing."""

    kind: str
    count: int
    size_bytes: int
    oldest: datetime | None
    newest: datetime | None


def expendable(
    entries: Iterable[Entry], policy: RetentionPolicy, now: datetime, jobs_since: datetime | None = None
) -> Iterator[Entry]:
    """What should go, the longest unused first. ``jobs_since``: see ``prune``."""
    spared_since = now - SAFE_AGE if jobs_since is None else min(now - SAFE_AGE, jobs_since - BEFORE_JOB)
    oldest_first = sorted(entries, key=lambda entry: (entry.used_at, entry.key))
    left_bytes = sum(entry.size_bytes for entry in oldest_first)
    for entry in oldest_first:
        age = now - entry.used_at
        if entry.used_at >= spared_since or (age <= policy.max_age and left_bytes <= policy.max_bytes):
            return
        left_bytes -= entry.size_bytes
        yield entry


def prune(
    objects: ObjectStore,
    policy: RetentionPolicy,
    now: datetime,
    *,
    jobs_since: datetime | None = None,
    dry_run: bool = False,
) -> Pruned:
    """Remove what should go; what is used at this very moment stays.

    Args:
        objects: Where parts are kept.
        policy: What may be kept.
        now: In UTC.
        jobs_since: When the oldest of the jobs that are at work was taken up, as known a moment ago.
        dry_run: Only count.

    Raises:
        StorageError: The store failed; what has been removed until then stays removed.
    """
    entries = [entry for kind in KINDS for entry in objects.entries(f"{kind}/")]
    gone = [
        entry.size_bytes
        for entry in expendable(entries, policy, now, jobs_since)
        if dry_run or objects.delete_unused(entry.key, entry.used_at)
    ]
    return Pruned(
        removed=len(gone),
        removed_bytes=sum(gone),
        kept=len(entries) - len(gone),
        kept_bytes=sum(entry.size_bytes for entry in entries) - sum(gone),
    )


def take_stock(objects: ObjectStore) -> tuple[Stock, ...]:
    """Count what is kept, by kind."""
    return tuple(_stock(kind, objects.entries(f"{kind}/")) for kind in KINDS)


def _stock(kind: str, entries: Iterable[Entry]) -> Stock:
    facts = [(entry.size_bytes, entry.used_at) for entry in entries]
    uses = [used_at for _, used_at in facts]
    size_bytes = sum(size for size, _ in facts)
    oldest, newest = min(uses, default=None), max(uses, default=None)
    return Stock(kind=kind, count=len(facts), size_bytes=size_bytes, oldest=oldest, newest=newest)
