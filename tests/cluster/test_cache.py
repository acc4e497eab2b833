import os
import time
from pathlib import Path

import pytest

from cluster.cache import FileCache


def _write(size: int):
    return lambda _key, path: path.write_bytes(b"x" * size)


def _age(path: Path, hours: float) -> None:
    at = time.time() - hours * 3600
    os.utime(path, (at, at))


def test_a_copy_is_fetched_once(tmp_path: Path) -> None:
    cache, fetched = FileCache(tmp_path, 1000), []

    def fetch(key: str, path: Path) -> None:
        fetched.append(key)
        path.write_bytes(b"x")

    assert cache.get("a/b", fetch) == cache.get("a/b", fetch)
    assert fetched == ["a/b"]


def test_the_longest_unused_copies_go_first(tmp_path: Path) -> None:
    cache = FileCache(tmp_path, 250)
    for hours, name in enumerate(("new", "older", "oldest"), start=1):
        _age(cache.get(name, _write(100)), hours)
    cache.get("now", _write(100))
    assert {path.name for path in tmp_path.iterdir()} == {"now", "new"}


def test_a_copy_just_handed_out_stays_beyond_the_limit(tmp_path: Path) -> None:
    cache = FileCache(tmp_path, 10)
    first = cache.get("first", _write(100))
    cache.get("second", _write(100))
    assert first.exists()


def test_use_makes_a_copy_young_again(tmp_path: Path) -> None:
    cache = FileCache(tmp_path, 150)
    kept = cache.get("kept", _write(100))
    _age(kept, 5)
    cache.get("kept", _write(100))
    cache.get("other", _write(100))
    assert kept.exists()


def test_a_failed_fetch_leaves_nothing_behind(tmp_path: Path) -> None:
    def fetch(_key: str, path: Path) -> None:
        path.write_bytes(b"half")
        raise ConnectionError

    with pytest.raises(ConnectionError):
        FileCache(tmp_path, 1000).get("a", fetch)
    assert not list(tmp_path.iterdir())
