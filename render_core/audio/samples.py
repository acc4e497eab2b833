"""What sound is throughout the renderer: samples in pieces, so that an hour takes no more memory than a minute."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, repeat
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")

SAMPLE_RATE = 48_000
STEP = SAMPLE_RATE // 1000
"""Samples in a millisecond: how finely peaks are measured and gains decided."""
BLOCK = SAMPLE_RATE
"""Samples that are measured and mixed at once. Pieces of any size are cut to it, so they cannot change the result."""

Samples = NDArray[np.float32]
"""Shape (n, 2), dtype float32, left and right in C order, full scale ±1, 48 kHz."""
Pieces = Iterable[Samples]
"""A sound in pieces of any size, in order. Their arrays are not changed by those who get them."""

_KEPT = 60 * SAMPLE_RATE


class Take:
    """A sound that can be listened to again: a minute of it is kept, what is longer is decoded anew.

    Args:
        decode: Begins to decode it.
    """

    def __init__(self, decode: Callable[[], Pieces]) -> None:
        self._decode = decode
        self._kept: list[Samples] | None = None

    def __iter__(self) -> Iterator[Samples]:
        if self._kept is not None:
            yield from self._kept
            return
        heard, room = list[Samples](), _KEPT
        for piece in self._decode():
            room -= len(piece)
            if room >= 0:
                heard.append(piece)
            else:
                heard.clear()
            yield piece
        if room >= 0:
            self._kept = heard


def silence(length: int) -> Samples:
    """So many samples of nothing."""
    return np.zeros((length, 2), np.float32)


def joined(pieces: Pieces) -> Samples:
    """All of a sound at once."""
    return np.concatenate([silence(0), *pieces])


def in_blocks(pieces: Pieces, size: int = BLOCK) -> Iterator[Samples]:
    """The same sound in blocks of one size; the last one may be shorter."""
    held, count = list[Samples](), 0
    for piece in pieces:
        held.append(piece)
        count += len(piece)
        if count >= size:
            whole, rest = np.concatenate(held), count % size
            yield from (whole[at : at + size] for at in range(0, count - rest, size))
            held, count = [whole[count - rest :].copy()], rest
    if count:
        yield np.concatenate(held)


def lasting(pieces: Pieces, length: int) -> Iterator[Samples]:
    """Exactly so many samples of it: cut, or filled up with silence."""
    for piece in chain(pieces, repeat(silence(BLOCK))):
        if not length:
            return
        yield piece[:length]
        length -= min(length, len(piece))


def neighbours(items: Iterable[T]) -> Iterator[tuple[T | None, T, T | None]]:
    """Each item between the one before it and the one after it; None where there is none."""
    before: T | None = None
    now: T | None = None
    for after in items:
        if now is not None:
            yield before, now, after
        before, now = now, after
    if now is not None:
        yield before, now, None
