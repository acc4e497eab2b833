"""What object stores say, and the store of a local directory."""

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BufferedReader, RawIOBase
from pathlib import Path
from secrets import token_hex
from typing import IO, TYPE_CHECKING, BinaryIO

from cluster.keys import checked_key

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class StorageError(Exception):
    """The store could not be reached or refused; trying again may help.

    Args:
        key: What was asked for.
        problem: What the store said.
    """

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(key, problem)
        self.key = key
        self.problem = problem

    def __str__(self) -> str:
        return f"object {self.key}: {self.problem}"


class ObjectNotFoundError(StorageError, LookupError):
    """There is no object under this key."""

    def __init__(self, key: str, problem: str = "does not exist") -> None:
        super().__init__(key, problem)


@dataclass(frozen=True, slots=True)
class Entry:
    """An object in a listing.

    Attributes:
        used_at: When its use was last noted, or it was written; in UTC.
    """

    key: str
    size_bytes: int
    used_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadForm:
    """What lets a client put one file straight into the store: a ``multipart/form-data`` POST, the file as last field.

    Attributes:
        fields: To be sent before the file, as they are.
    """

    url: str
    fields: dict[str, str]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class LocalObjectStore:
    """Objects as files below ``root``: written aside, flushed to the disk, renamed into place."""

    root: Path

    def put_file(self, key: str, path: Path) -> None:
        """Store a file's bytes under ``key``, replacing what was there, atomically."""
        target = self._path(key)
        with path.open("rb") as source, _written_aside(target) as (stream, temporary):
            while chunk := source.read(1 << 20):
                stream.write(chunk)
            _flush(stream)
            temporary.replace(target)

    def put_bytes(self, key: str, data: bytes) -> None:
        """Store bytes under ``key``, replacing what was there, atomically."""
        target = self._path(key)
        with _written_aside(target) as (stream, temporary):
            stream.write(data)
            _flush(stream)
            temporary.replace(target)

    def create(self, key: str, data: bytes) -> bool:
        """Store bytes unless the key exists; False when it did. A hard link decides between processes."""
        target = self._path(key)
        if target.is_file():
            return False
        with _written_aside(target) as (stream, temporary):
            stream.write(data)
            _flush(stream)
            try:
                target.hardlink_to(temporary)
            except FileExistsError:
                return False
        return True

    def size(self, key: str) -> int | None:
        """Size in bytes, or None when the key does not exist."""
        path = self._path(key)
        return path.stat().st_size if path.is_file() else None

    def read(self, key: str) -> bytes:
        """The whole object."""
        return self.materialise(key).read_bytes()

    def open_range(self, key: str, start: int, end: int) -> BinaryIO:
        """A stream of the bytes ``start`` … ``end`` (both included)."""
        stream = self.materialise(key).open("rb")
        stream.seek(start)
        return BufferedReader(_Bounded(stream, end + 1 - start))

    def materialise(self, key: str) -> Path:
        """The object's own file: to be read, never written."""
        path = self._path(key)
        if not path.is_file():
            raise ObjectNotFoundError(key)
        return path

    def copy(self, source: str, target: str) -> None:
        """Store an object's bytes under another key as well, atomically."""
        self.put_file(target, self.materialise(source))

    def download_url(self, key: str, *, mime_type: str, disposition: str, lifetime: timedelta) -> str | None:  # noqa: ARG002 - what every store is asked
        """None: the files are on this machine."""
        return None

    def upload_form(self, key: str, size_bytes: int, lifetime: timedelta) -> UploadForm | None:  # noqa: ARG002 - what every store is asked
        """None: the files are on this machine."""
        return None

    def delete(self, key: str) -> None:
        """Remove the object; nothing happens when it is not there."""
        self._path(key).unlink(missing_ok=True)

    def keys(self, prefix: str) -> Iterator[str]:
        """All keys that begin with ``prefix``, sorted."""
        return (entry.key for entry in self.entries(prefix))

    def entries(self, prefix: str) -> Iterator[Entry]:
        """All objects whose keys begin with ``prefix``, sorted by key; those that vanish meanwhile are left out."""
        for path, status in _files(self.root / prefix.rpartition("/")[0]):
            key = path.relative_to(self.root).as_posix()
            if key.startswith(prefix) and not path.name.startswith("."):
                yield Entry(key, status.st_size, _used_at(status))

    def touch(self, key: str) -> bool:
        """Note that the object is used now; False when it does not exist."""
        path = self._path(key)
        with suppress(FileNotFoundError):  # it may go at this moment
            if path.is_file():
                os.utime(path)
                return True
        return False

    def delete_unused(self, key: str, since: datetime) -> bool:
        """Remove an object unless it has been used after ``since``; False when it stays or was not there.

        It is moved aside first: who notes a use before that keeps it, who comes later finds it gone.
        """
        path = self._path(key)
        aside = path.with_name(f".{path.name}.{token_hex(4)}")
        try:
            path.rename(aside)
        except FileNotFoundError:
            return False
        is_used = _used_at(aside.stat()) > since
        if is_used:
            with suppress(FileExistsError):  # it has been made again meanwhile
                path.hardlink_to(aside)
        aside.unlink()
        return not is_used

    def sweep(self, before: datetime) -> int:
        """Remove what writes that were interrupted before then have left behind; says how many."""
        limit = before.timestamp()
        left = [path for path, status in _files(self.root) if path.name.startswith(".") and status.st_ctime < limit]
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

    def _path(self, key: str) -> Path:
        return self.root / checked_key(key)


@contextmanager
def _written_aside(target: Path) -> Iterator[tuple[IO[bytes], Path]]:
    """A temporary file beside ``target``; gone at the end unless it was renamed. Its dot hides it from ``keys``."""
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream, temporary
    finally:
        temporary.unlink(missing_ok=True)


def _files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """All files below a folder, sorted."""
    for path in sorted(folder.rglob("*")):
        try:
            status = path.stat()
        except FileNotFoundError:
            continue
        if stat.S_ISREG(status.st_mode):
            yield path, status


def _used_at(status: os.stat_result) -> datetime:
    return datetime.fromtimestamp(status.st_mtime, UTC)


def _flush(stream: IO[bytes]) -> None:
    stream.flush()
    os.fsync(stream.fileno())


class _Bounded(RawIOBase):
    """A file's next ``length`` bytes as a stream of its own."""

    def __init__(self, stream: BinaryIO, length: int) -> None:
        self._stream = stream
        self._left = max(0, length)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        data = self._stream.read(min(memoryview(buffer).nbytes, self._left))
        memoryview(buffer)[: len(data)] = data
        self._left -= len(data)
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()
