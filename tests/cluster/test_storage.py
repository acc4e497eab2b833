"""What every object store promises, asked of a directory and of a real S3 server."""

import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cluster.ports import ObjectStore
from cluster.s3 import S3ObjectStore
from cluster.storage import (
    InvalidKeyError,
    LocalObjectStore,
    ObjectNotFoundError,
    StorageError,
    asset_key,
    beside,
    cell_key,
    render_key,
    sound_key,
)


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


def test_keys_say_where_things_are() -> None:
    assert asset_key("avatar", "f00d") == "user-avatars/f00d"
    assert asset_key("music", "f00d") == "user-music/f00d"
    assert cell_key("abcdef") == "cells/ab/abcdef.mp4"
    assert sound_key("abcdef") == "sounds/ab/abcdef.m4a"
    assert render_key("v", "j") == "rendered-videos/v/j.mp4"
    assert (cell_key("abcdef", "gif"), sound_key("abcdef", "webm")) == ("cells/ab/abcdef.gif", "sounds/ab/abcdef.webm")
    assert beside(render_key("v", "j", "webm"), "poster.jpg") == "rendered-videos/v/j.poster.jpg"


def test_a_key_is_not_made_from_a_path() -> None:
    with pytest.raises(InvalidKeyError):
        asset_key("avatar", "../../etc/passwd")


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    store = LocalObjectStore(tmp_path / "objects")
    with pytest.raises(FileNotFoundError):
        store.put_file("a/b", tmp_path / "missing")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_server_that_is_away_is_a_storage_error(tmp_path: Path) -> None:
    store = S3ObjectStore(bucket="media", cache=tmp_path, endpoint="http://127.0.0.1:9", access_key="a", secret_key="b")
    with pytest.raises(StorageError) as caught:
        store.read("a/b")
    assert not isinstance(caught.value, ObjectNotFoundError)


def test_a_secret_is_not_shown(tmp_path: Path) -> None:
    assert "hush" not in repr(S3ObjectStore(bucket="media", cache=tmp_path, secret_key="hush"))
