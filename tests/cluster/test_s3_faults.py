"""A service that answers wrongly, late or not at all: the client gets through, or says that the store failed."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from cluster.s3 import S3ObjectStore
from cluster.storage import StorageError
from tests.chaos.fates import Fate
from tests.chaos.store_proxy import StoreProxy, store_proxy

_DATA = b"0123456789" * 1000


@pytest.fixture
def proxy(s3_store: S3ObjectStore) -> Iterator[StoreProxy]:
    assert s3_store.endpoint
    with store_proxy(s3_store.endpoint) as proxy:
        yield proxy


@pytest.fixture
def store(s3_store: S3ObjectStore, proxy: StoreProxy) -> S3ObjectStore:
    return replace(s3_store, endpoint=proxy.endpoint)


def _by_name(name: str, turn: int) -> Fate | None:
    """The first request of each method for a key has the fate that is in the key."""
    return next((fate for fate in Fate if f"/{fate.name}/" in name and turn == 1), None)


def _at_once(do: Callable[[str], object], keys: list[str]) -> None:
    with ThreadPoolExecutor(len(keys)) as threads:
        list(threads.map(do, keys))


def test_without_faults_nothing_is_changed(store: S3ObjectStore, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(_DATA)
    store.put_file("a/file", tmp_path / "file")
    assert store.read("a/file") == _DATA
    assert store.size("a/file") == len(_DATA)
    assert list(store.keys("a/")) == ["a/file"]
    store.delete("a/file")
    assert store.size("a/file") is None


def test_every_call_outlives_every_fault(store: S3ObjectStore, proxy: StoreProxy, tmp_path: Path) -> None:
    file, impatient = tmp_path / "file", replace(store, timeout_s=1.5)
    file.write_bytes(_DATA)

    def asked(key: str) -> S3ObjectStore:
        """Impatient only where there is nothing to wait for."""
        return impatient if key.startswith(Fate.NO_ANSWER.name) else store

    calls = {
        "bytes": lambda key: asked(key).put_bytes(key, _DATA),
        "file": lambda key: asked(key).put_file(key, file),
        "create": lambda key: asked(key).create(key, _DATA),
    }
    keys = [f"{fate.name}/{call}" for fate in Fate for call in calls]
    proxy.follow(_by_name)
    _at_once(lambda key: calls[key.partition("/")[2]](key), keys)
    assert proxy.turns.given == dict.fromkeys(Fate, len(calls))
    assert {proxy.stored[f"{fate.name}/create"] for fate in Fate} == {1}
    _at_once(lambda key: asked(key).materialise(key), keys)
    assert all((store.cache / key).read_bytes() == _DATA for key in keys)
    _at_once(lambda key: asked(key).delete(key), keys)
    assert list(store.keys("")) == []


def test_a_fault_that_stays_is_a_storage_error(store: S3ObjectStore, proxy: StoreProxy) -> None:
    keys = [f"{fate.name}/a" for fate in Fate if fate is not Fate.ANSWER_LOST]
    for key in keys:
        store.put_bytes(key, _DATA)
    proxy.follow(lambda name, _turn: _by_name(name, 1))

    def fail(key: str) -> None:
        with pytest.raises(StorageError):
            replace(store, timeout_s=0.5).read(key)

    _at_once(fail, keys)
    proxy.calm()
    assert all(store.read(key) == _DATA for key in keys)


def test_a_lost_answer_makes_no_second_object(store: S3ObjectStore, proxy: StoreProxy) -> None:
    proxy.follow(_by_name)
    store.create("ANSWER_LOST/x", b"first")
    assert not store.create("ANSWER_LOST/x", b"second")
    assert store.read("ANSWER_LOST/x") == b"first"
