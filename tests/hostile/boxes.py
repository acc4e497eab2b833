"""The boxes of MP4 (ISO/IEC 14496-12): found, changed, added, with the sizes around them made right again."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_FULL_OF_BOXES = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"dinf", b"udta"}


@dataclass(frozen=True, slots=True)
class Box:
    """A box at ``start``; its payload begins after eight bytes. ``around`` are the starts of the boxes it is in."""

    kind: bytes
    start: int
    end: int
    around: tuple[int, ...]


def box(kind: bytes, *payload: bytes) -> bytes:
    content = b"".join(payload)
    return struct.pack(">I4s", 8 + len(content), kind) + content


def full_box(kind: bytes, *payload: bytes, version: int = 0, flags: int = 0) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *payload)


def boxes_of(data: bytes, start: int = 0, end: int | None = None, around: tuple[int, ...] = ()) -> Iterator[Box]:
    """All boxes of an honest file, outer ones first."""
    end = len(data) if end is None else end
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, start)
        found = Box(kind, start, start + size, around)
        yield found
        if kind in _FULL_OF_BOXES:
            yield from boxes_of(data, start + 8, found.end, (*around, start))
        start = found.end


def find(data: bytes, kind: bytes) -> Box:
    return next(found for found in boxes_of(data) if found.kind == kind)


def written(data: bytes, kind: bytes, offset: int, value: bytes) -> bytes:
    """With bytes of the first box's payload overwritten."""
    at = find(data, kind).start + 8 + offset
    return data[:at] + value + data[at + len(value) :]


def replaced(data: bytes, kind: bytes, new: bytes) -> bytes:
    """With another box, or several, in the first one's place."""
    old = find(data, kind)
    return _resized(data[: old.start] + new + data[old.end :], old.around, len(new) - (old.end - old.start))


def added(data: bytes, kind: bytes, new: bytes) -> bytes:
    """With a box at the end of the first one of a kind."""
    old = find(data, kind)
    return _resized(data[: old.end] + new + data[old.end :], (*old.around, old.start), len(new))


def _resized(data: bytes, around: tuple[int, ...], growth: int) -> bytes:
    grown = bytearray(data)
    for start in around:
        (size,) = struct.unpack_from(">I", grown, start)
        struct.pack_into(">I", grown, start, (size + growth) & 0xFFFFFFFF)
    return bytes(grown)
