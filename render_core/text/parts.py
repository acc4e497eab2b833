"""A block of text cut into what moves as one: itself, its lines, words or letters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from math import floor

from render_core.geometry import Box
from render_core.text.animation import Per
from render_core.text.line import Stretch
from render_core.text.raster import CAPITALS, Align, TextStyle, even_length, lay_block, margin_of

SIZES: tuple[Per, ...] = ("block", "line", "word", "letter")
"""From the largest to the smallest."""


@dataclass(frozen=True, slots=True)
class Whole:
    """What a part belongs to, or the part itself.

    Attributes:
        rank: Which one of its size it is, from 0 in reading order.
        middle: (x, y) in the block's picture.
    """

    rank: int
    middle: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Part:
    """Text that moves as one.

    Attributes:
        stretches: Placed in a picture of its own.
        box: Where that picture lies in the block's: on even pixels.
        wholes: For its own size and each larger one what it belongs to.
    """

    stretches: tuple[Stretch, ...]
    box: Box
    wholes: Mapping[Per, Whole]


@dataclass(frozen=True, slots=True)
class _Placed:
    """A stretch and its (line, word, letter), each from 0 in reading order."""

    place: tuple[int, int, int]
    stretch: Stretch

    def whole(self, size: Per) -> tuple[int, ...]:
        """What tells its whole of a size from others."""
        return self.place[: SIZES.index(size)]


@lru_cache(maxsize=64)
def parts_of(lines: tuple[str, ...], style: TextStyle, align: Align, per: Per) -> tuple[Part, ...]:
    """The parts of a block of lines, in reading order; where letters join, words are the smallest."""
    block = lay_block(lines, style, align, by_letter=per == "letter")
    placed = [
        _Placed((row, stretch.word, stretch.letter), stretch)
        for row, stretches in enumerate(block.rows)
        for stretch in stretches
    ]
    placed.sort(key=lambda one: one.place)
    wholes = {size: _wholes(placed, size, style) for size in SIZES[: SIZES.index(per) + 1]}
    return tuple(
        _part(members, {size: found[members[0].whole(size)] for size, found in wholes.items()}, style)
        for _, members in _grouped(placed, per)
    )


def _grouped(placed: Sequence[_Placed], size: Per) -> list[tuple[tuple[int, ...], list[_Placed]]]:
    return [(key, list(group)) for key, group in groupby(placed, key=lambda one: one.whole(size))]


def _wholes(placed: Sequence[_Placed], size: Per, style: TextStyle) -> dict[tuple[int, ...], Whole]:
    return {
        key: Whole(rank, _extent(members, style).centre) for rank, (key, members) in enumerate(_grouped(placed, size))
    }


def _part(members: Sequence[_Placed], wholes: Mapping[Per, Whole], style: TextStyle) -> Part:
    seen = _extent(members, style).grown(margin_of(style))
    left, top = floor(seen.left / 2) * 2, floor(seen.top / 2) * 2
    box = Box(left=left, top=top, width=even_length(seen.right - left), height=even_length(seen.bottom - top))
    return Part(tuple(one.stretch.moved(-left, -top) for one in members), box, wholes)


def _extent(members: Sequence[_Placed], style: TextStyle) -> Box:
    """The lines' boxes, one size high, as far as they are filled."""
    stretches = [one.stretch for one in members]
    left, right = min(s.x for s in stretches), max(s.x + s.width for s in stretches)
    above = (CAPITALS + 1) / 2 * style.size
    top = min(s.y for s in stretches) - above
    bottom = max(s.y for s in stretches) - above + style.size
    return Box(left=left, top=top, width=right - left, height=bottom - top)
