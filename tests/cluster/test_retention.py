import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st

from cluster.ports import ObjectStore
from cluster.retention import BEFORE_JOB, SAFE_AGE, RetentionPolicy, expendable, prune, take_stock
from cluster.s3 import S3ObjectStore
from cluster.storage import Entry, LocalObjectStore

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NOTED_S = S3ObjectStore(bucket="any", cache=Path()).touch_every_s


def _entry(name: str, size: int, days: float) -> Entry:
    return Entry(f"cells/{name}", size, NOW - timedelta(days=days))


def _names(entries: Iterable[Entry]) -> str:
    return "".join(entry.key[-1] for entry in entries)


def _policy(days: float, size: int) -> RetentionPolicy:
    return RetentionPolicy(max_age=timedelta(days=days), max_bytes=size)


def test_what_is_older_than_allowed_goes_the_longest_unused_first():
    entries = [_entry("a", 1, 31), _entry("b", 1, 29), _entry("c", 1, 40)]
    assert _names(expendable(entries, _policy(30, 100), NOW)) == "ca"


def test_beyond_the_quota_the_longest_unused_go():
    entries = [_entry("a", 5, 1), _entry("b", 5, 3), _entry("c", 5, 2)]
    assert _names(expendable(entries, _policy(30, 10), NOW)) == "b"
    assert _names(expendable(entries, _policy(30, 9), NOW)) == "bc"
    assert _names(expendable(entries, _policy(30, 15), NOW)) == ""


def test_what_a_job_may_need_stays_whatever_the_limits():
    entries = [_entry("a", 5, 0.1), _entry("b", 5, 0.2)]
    assert _names(expendable(entries, _policy(0, 0), NOW)) == "b"


def test_what_was_used_since_a_job_began_stays_however_long_it_takes():
    entries = [_entry("a", 5, 3.0), _entry("b", 5, 2.0)]
    began = NOW - timedelta(days=2.05)
    assert _names(expendable(entries, _policy(0, 0), NOW, began)) == "a"
    assert _names(expendable(entries, _policy(0, 0), NOW)) == "ab"


def test_a_job_that_has_just_begun_takes_no_safety_away():
    entries = [_entry("a", 5, 0.1)]
    assert _names(expendable(entries, _policy(0, 0), NOW, NOW)) == ""


def test_what_is_spared_before_a_job_covers_the_coarsest_note():
    assert timedelta(seconds=NOTED_S) < BEFORE_JOB < SAFE_AGE


_ages = st.integers(0, 40 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
_entries = st.lists(st.tuples(st.integers(0, 20), _ages), max_size=30)
_policies = st.builds(RetentionPolicy, max_age=_ages, max_bytes=st.integers(0, 200))


@given(_entries, _policies)
def test_exactly_what_must_go_goes(facts: list[tuple[int, timedelta]], policy: RetentionPolicy):
    entries = [Entry(f"cells/{n}", size, NOW - age) for n, (size, age) in enumerate(facts)]
    gone = list(expendable(iter(entries), policy, NOW))
    kept = [entry for entry in entries if entry not in gone]
    assert all(NOW - entry.used_at > SAFE_AGE for entry in gone)
    assert all(left.used_at <= stays.used_at for left in gone for stays in kept)
    loose = [entry for entry in kept if NOW - entry.used_at > SAFE_AGE]
    assert all(NOW - entry.used_at <= policy.max_age for entry in loose)
    assert not loose or sum(entry.size_bytes for entry in kept) <= policy.max_bytes
    if gone and NOW - gone[-1].used_at <= policy.max_age:
        assert sum(entry.size_bytes for entry in [*kept, gone[-1]]) > policy.max_bytes


@dataclass
class ClockedStore:
    """An object store that notes a use only when the last note is an hour old, as S3 does."""

    now: datetime = NOW
    used: dict[str, datetime] = field(default_factory=dict)

    def entries(self, prefix: str) -> Iterator[Entry]:
        yield from [Entry(key, 1, used_at) for key, used_at in self.used.items() if key.startswith(prefix)]

    def touch(self, key: str) -> bool:
        if key in self.used and self.used[key] < self.now - timedelta(seconds=NOTED_S):
            self.used[key] = self.now
        return key in self.used

    def delete_unused(self, key: str, since: datetime) -> bool:
        if self.used[key] > since:
            return False
        del self.used[key]
        return True


_steps = st.lists(
    st.one_of(
        st.tuples(st.just("plan"), st.frozensets(st.integers(0, 7), min_size=1, max_size=4)),
        st.tuples(st.just("make"), st.integers(0, 7)),
        st.tuples(st.just("prune"), _policies),
        st.tuples(st.just("wait"), st.integers(1, 300)),
        st.tuples(st.just("end"), st.just(0)),
    ),
    max_size=40,
)


@settings(max_examples=150)
@given(_steps)
def test_no_history_takes_a_part_from_a_job_that_needs_it(steps: list[tuple[str, object]]):
    store, jobs = ClockedStore(), cast("list[tuple[datetime, set[str]]]", [])
    for verb, value in steps:
        match verb, value:
            case "plan", frozenset():
                jobs.append((store.now, {key for key in map(_key, value) if store.touch(key)}))
            case "make", int():
                store.used.setdefault(_key(value), store.now)
                for _began, parts in jobs:
                    parts.add(_key(value))
            case "prune", RetentionPolicy():
                began = min((began for began, _parts in jobs), default=None)
                prune(cast("ObjectStore", store), value, store.now, jobs_since=began)
            case "wait", int():
                store.now += timedelta(minutes=value)
            case "end", _:
                del jobs[:1]
        assert all(parts <= store.used.keys() for _began, parts in jobs)


def _key(n: object) -> str:
    return f"cells/{n}"


def _stored(tmp_path: Path) -> LocalObjectStore:
    """Two cells and a sound that were used 1, 40 and 50 days ago, and a video that is older than all."""
    store = LocalObjectStore(tmp_path / "objects")
    for key, days in (("cells/ab/1.mp4", 1), ("cells/cd/2.mp4", 40), ("sounds/ef/3.m4a", 50), ("user-avatars/x", 99)):
        store.put_bytes(key, b"12345")
        used_at = (NOW - timedelta(days=days)).timestamp()
        os.utime(store.materialise(key), (used_at, used_at))
    return store


def test_pruning_removes_parts_and_nothing_else(tmp_path: Path):
    store = _stored(tmp_path)
    pruned = prune(store, _policy(30, 100), NOW)
    assert (pruned.removed, pruned.removed_bytes, pruned.kept, pruned.kept_bytes) == (2, 10, 1, 5)
    assert list(store.keys("")) == ["cells/ab/1.mp4", "user-avatars/x"]


def test_a_dry_run_says_the_same_and_removes_nothing(tmp_path: Path):
    store = _stored(tmp_path)
    foretold = prune(store, _policy(30, 100), NOW, dry_run=True)
    assert len(list(store.keys(""))) == 4
    assert prune(store, _policy(30, 100), NOW) == foretold


def test_what_is_used_between_the_listing_and_the_removal_stays(tmp_path: Path):
    store = _stored(tmp_path)

    class UsedMeanwhile(LocalObjectStore):
        def entries(self, prefix: str) -> Iterator[Entry]:
            found = list(super().entries(prefix))
            for entry in found:
                self.touch(entry.key)
            return iter(found)

    pruned = prune(UsedMeanwhile(store.root), _policy(0, 0), NOW)
    assert (pruned.removed, pruned.kept) == (0, 3)
    assert len(list(store.keys(""))) == 4


def test_the_stock_is_counted_by_kind(tmp_path: Path):
    cells, sounds = take_stock(_stored(tmp_path))
    assert (cells.kind, cells.count, cells.size_bytes) == ("cells", 2, 10)
    assert (cells.oldest, cells.newest) == (NOW - timedelta(days=40), NOW - timedelta(days=1))
    assert (sounds.kind, sounds.count, sounds.size_bytes) == ("sounds", 1, 5)


def test_an_empty_store_has_no_oldest_part(tmp_path: Path):
    assert all((stock.count, stock.oldest) == (0, None) for stock in take_stock(LocalObjectStore(tmp_path)))


def test_pruning_works_on_s3(s3_store: S3ObjectStore):
    for key in ("cells/ab/1.mp4", "sounds/ef/3.m4a", "user-avatars/x"):
        s3_store.put_bytes(key, b"12345")
    now = datetime.now(UTC)
    assert prune(s3_store, _policy(0, 0), now).removed == 0, "they are new"
    assert prune(s3_store, _policy(0, 0), now + SAFE_AGE + timedelta(minutes=1)).removed_bytes == 10
    assert list(s3_store.keys("")) == ["user-avatars/x"]
