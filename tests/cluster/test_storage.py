"""What every object store promises, asked of a directory and of a real S3 server."""

import os
import pickle
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cluster.keys import InvalidKeyError
from cluster.ports import ObjectStore
from cluster.s3 import S3ObjectStore
from cluster.storage import Entry, LocalObjectStore, ObjectNotFoundError, StorageError


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param == "s3":
        s3: S3ObjectStore = request.getfixturevalue("s3_store")
        return s3
    return LocalObjectStore(tmp_path / "objects")


def test_bytes_come_back(store: ObjectStore) -> None:
    store.put_bytes("a/b.mp4", b"hello")
    assert store.read("a/b.mp4") == b"hello"
    assert store.size("a/b.mp4") == 5


def test_a_file_comes_back(store: ObjectStore, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(bytes(range(256)) * 10_000)
    store.put_file("a/file", source)
    assert store.read("a/file") == source.read_bytes()
    assert source.exists()


def test_an_empty_object_is_an_object(store: ObjectStore) -> None:
    store.put_bytes("empty", b"")
    assert store.size("empty") == 0
    assert store.read("empty") == b""


def test_put_replaces(store: ObjectStore) -> None:
    store.put_bytes("a", b"first")
    store.put_bytes("a", b"second")
    assert store.read("a") == b"second"


def test_create_keeps_what_was_there(store: ObjectStore) -> None:
    assert store.create("cells/a", b"first")
    assert not store.create("cells/a", b"second")
    assert store.read("cells/a") == b"first"


def test_of_many_creators_one_succeeds(store: ObjectStore) -> None:
    with ThreadPoolExecutor(8) as threads:
        won = list(threads.map(lambda n: store.create("cells/raced", b"%d" % n), range(8)))
    assert sum(won) == 1
    assert store.read("cells/raced") == b"%d" % won.index(True)


def test_a_missing_object_has_no_size_and_cannot_be_read(store: ObjectStore) -> None:
    assert store.size("no/such") is None
    for read in (store.read, store.materialise, lambda key: store.open_range(key, 0, 1)):
        with pytest.raises(ObjectNotFoundError, match="no/such"):
            read("no/such")


def test_a_range_has_both_its_ends(store: ObjectStore) -> None:
    store.put_bytes("digits", b"0123456789")
    with store.open_range("digits", 2, 5) as stream:
        assert stream.read() == b"2345"
    with store.open_range("digits", 8, 100) as stream:
        assert stream.read() == b"89"


def test_a_range_can_be_read_in_pieces(store: ObjectStore) -> None:
    store.put_bytes("digits", b"0123456789")
    with store.open_range("digits", 1, 8) as stream:
        pieces = list(iter(lambda: stream.read(3), b""))
    assert pieces == [b"123", b"456", b"78"]


def test_a_materialised_object_is_a_file(store: ObjectStore) -> None:
    store.put_bytes("a/b", b"hello")
    path = store.materialise("a/b")
    assert path.read_bytes() == b"hello"
    assert store.materialise("a/b") == path


def test_a_copy_is_an_object_of_its_own(store: ObjectStore) -> None:
    store.put_bytes("incoming/a", b"hello")
    store.copy("incoming/a", "quarantine/b")
    store.put_bytes("incoming/a", b"changed")
    assert store.read("quarantine/b") == b"hello"
    with pytest.raises(ObjectNotFoundError):
        store.copy("incoming/no", "quarantine/c")


def test_without_a_public_address_clients_come_through_us(store: ObjectStore) -> None:
    store.put_bytes("a", b"x")
    assert store.upload_form("a", 1, timedelta(minutes=1)) is None
    assert store.download_url("a", mime_type="video/mp4", disposition="inline", lifetime=timedelta(minutes=1)) is None


def test_deleting_twice_does_no_harm(store: ObjectStore) -> None:
    store.put_bytes("a", b"x")
    store.delete("a")
    store.delete("a")
    assert store.size("a") is None


def test_keys_are_listed_by_prefix(store: ObjectStore) -> None:
    for key in ("cells/ab/1.mp4", "cells/ab/2.mp4", "cells/cd/3.mp4", "sounds/x"):
        store.put_bytes(key, b"x")
    assert list(store.keys("cells/ab/")) == ["cells/ab/1.mp4", "cells/ab/2.mp4"]
    assert list(store.keys("cells/")) == ["cells/ab/1.mp4", "cells/ab/2.mp4", "cells/cd/3.mp4"]
    assert list(store.keys("so")) == ["sounds/x"]
    assert list(store.keys("none")) == []


def test_entries_tell_size_and_last_use(store: ObjectStore) -> None:
    began = datetime.now(UTC) - timedelta(seconds=1)  # S3 tells whole seconds
    for key, data in (("cells/ab/1.mp4", b"x"), ("cells/ab/2.mp4", b"yes"), ("sounds/x", b"")):
        store.put_bytes(key, data)
    entries = list(store.entries("cells/"))
    assert [(entry.key, entry.size_bytes) for entry in entries] == [("cells/ab/1.mp4", 1), ("cells/ab/2.mp4", 3)]
    assert all(began <= entry.used_at <= datetime.now(UTC) for entry in entries)


def test_a_touch_is_a_use_and_changes_no_byte(store: ObjectStore) -> None:
    store = _noting_every_use(store)
    store.put_bytes("cells/a", b"hello")
    [before] = store.entries("cells/")
    assert _until_noted(store, before) > before.used_at
    assert store.read("cells/a") == b"hello"


def test_touching_says_whether_there_is_something(store: ObjectStore) -> None:
    store.put_bytes("cells/ab/1", b"x")
    assert store.touch("cells/ab/1")
    assert not store.touch("cells/ab/2")
    assert not store.touch("cells/ab")
    assert not store.touch("cells/ab/1/2")


def test_what_is_unused_goes(store: ObjectStore) -> None:
    store.put_bytes("cells/a", b"hello")
    [entry] = store.entries("cells/")
    assert store.delete_unused("cells/a", entry.used_at)
    assert not store.delete_unused("cells/a", entry.used_at)
    assert list(store.keys("")) == []


def test_what_has_been_used_since_stays(store: ObjectStore) -> None:
    store = _noting_every_use(store)
    store.put_bytes("cells/a", b"hello")
    [entry] = store.entries("cells/")
    _until_noted(store, entry)
    assert not store.delete_unused("cells/a", entry.used_at)
    assert store.read("cells/a") == b"hello"
    assert store.sweep(datetime.now(UTC) + timedelta(days=1)) == 0


def _noting_every_use(store: ObjectStore) -> ObjectStore:
    return replace(store, touch_every_s=0.0) if isinstance(store, S3ObjectStore) else store


def _until_noted(store: ObjectStore, before: Entry) -> datetime:
    """S3 tells whole seconds: touch until one has passed."""
    for _ in range(1000):
        assert store.touch(before.key)
        [entry] = store.entries(before.key)
        if entry.used_at > before.used_at:
            return entry.used_at
        time.sleep(0.01)
    raise AssertionError("no use was noted")


@pytest.mark.parametrize(
    "key",
    ["", "/etc/passwd", "../x", "a/../b", "a/./b", "a//b", "a/", ".hidden", "a/.b", "a\\b", "a\0b", "a b", "a" * 600],
)
def test_a_key_cannot_leave_the_store(store: ObjectStore, key: str) -> None:
    for use in (store.read, store.size, store.delete, store.materialise, lambda key: store.put_bytes(key, b"x")):
        with pytest.raises(InvalidKeyError):
            use(key)


def test_a_store_crosses_processes(store: ObjectStore) -> None:
    store.put_bytes("a", b"x")
    assert pickle.loads(pickle.dumps(store)).read("a") == b"x"


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    store = LocalObjectStore(tmp_path / "objects")
    with pytest.raises(FileNotFoundError):
        store.put_file("a/b", tmp_path / "missing")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_uses_within_the_hour_are_not_noted_again_on_s3(s3_store: S3ObjectStore) -> None:
    s3_store.put_bytes("cells/a", b"x")
    copies: list[object] = []
    client = s3_store._client
    client.meta.events.register("before-call.s3.CopyObject", lambda **call: copies.append(call))
    assert s3_store.touch("cells/a")
    assert not copies
    assert replace(s3_store, touch_every_s=-1.0).touch("cells/a")
    assert len(copies) == 1


def test_leftovers_of_interrupted_writes_are_swept(tmp_path: Path) -> None:
    store = LocalObjectStore(tmp_path / "objects")
    store.put_bytes("cells/ab/1.mp4", b"x")
    left = tmp_path / "objects" / "cells" / "ab" / ".interrupted"
    left.write_bytes(b"half of it")
    now = datetime.now(UTC)
    assert store.sweep(now - timedelta(days=1)) == 0
    assert store.sweep(now + timedelta(minutes=1)) == 1
    assert not left.exists()
    assert store.size("cells/ab/1.mp4") == 1


def test_uploads_in_parts_that_never_ended_are_given_up(s3_store: S3ObjectStore) -> None:
    client = s3_store._client
    client.create_multipart_upload(Bucket=s3_store.bucket, Key="rendered-videos/v/j.mp4")
    now = datetime.now(UTC)
    assert s3_store.sweep(now - timedelta(days=1)) == 0
    assert s3_store.sweep(now + timedelta(minutes=1)) == 1
    assert s3_store.sweep(now + timedelta(minutes=1)) == 0


def test_of_a_use_and_a_removal_at_once_one_is_first(tmp_path: Path) -> None:
    store = LocalObjectStore(tmp_path / "objects")
    for n in range(100):
        key = f"cells/{n}"
        store.put_bytes(key, b"x")
        os.utime(store.materialise(key), (1, 1))
        [entry] = store.entries(key)
        with ThreadPoolExecutor(2) as threads:
            is_used = threads.submit(store.touch, key)
            is_gone = threads.submit(store.delete_unused, key, entry.used_at)
        assert is_used.result() != is_gone.result()
        assert is_gone.result() == (store.size(key) is None)


def test_a_server_that_is_away_is_a_storage_error(tmp_path: Path) -> None:
    store = S3ObjectStore(bucket="media", cache=tmp_path, endpoint="http://127.0.0.1:9", access_key="a", secret_key="b")
    with pytest.raises(StorageError) as caught:
        store.read("a/b")
    assert not isinstance(caught.value, ObjectNotFoundError)


def test_a_secret_is_not_shown(tmp_path: Path) -> None:
    assert "hush" not in repr(S3ObjectStore(bucket="media", cache=tmp_path, secret_key="hush"))
