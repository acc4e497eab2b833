"""Breaking a text into balanced lines and finding the size at which it fits."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate
from math import inf
from operator import add

from render_core.text.clusters import clusters_of
from render_core.text.line import Face, lay_line

_MEASURE_SIZE = 100.0
"""Widths are measured at one size and scaled: outlines have no hinting that would depend on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """Lines and the size at which they fit.

    Attributes:
        lines: In reading order.
        size: Of the font, in pixels.
    """

    lines: tuple[str, ...]
    size: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What a text may take.

    Attributes:
        width: Pixels.
        lines: At most.
        least: Size in pixels below which words are rather broken than shrunk.
        largest: Size in pixels.
    """

    width: float
    lines: int
    least: float
    largest: float


@lru_cache(maxsize=256)
def fit_text(text: str, family: str, weight: int, room: Room, letter_spacing: float = 0.0) -> Fitted:
    """The text as large as the room allows, on as few lines as that takes.

    Words that are too long for a line at the least size are broken between what readers take for characters. Nothing
    is ever cut off: a text that is too long altogether gets smaller than that, so fields limit their characters.

    Args:
        text: Any white space parts words.
        family: Of the font.
        weight: 100–900.
        room: What it may take.
        letter_spacing: Between letters, in sizes.
    """
    face = Face(family=family, weight=weight, size=_MEASURE_SIZE, letter_spacing=letter_spacing)
    pieces = _pieces(text, face, _MEASURE_SIZE * room.width / room.least)
    widths = [lay_line(piece.strip(), face).width for piece in pieces]
    space = lay_line("n n", face).width - 2 * lay_line("n", face).width
    gaps = [space if piece.endswith(" ") else letter_spacing * _MEASURE_SIZE for piece in pieces]
    best: Fitted | None = None
    for count in range(1, min(room.lines, len(pieces)) + 1):
        cuts, longest = balanced_cuts(widths, gaps, count)
        size = min(room.largest, _MEASURE_SIZE * room.width / longest) if longest > 0 else room.largest
        if best is None or size > best.size * 1.01:
            best = Fitted(lines=tuple("".join(pieces[a:b]).strip() for a, b in cuts), size=size)
    return best or Fitted(lines=(), size=room.largest)


def balanced_cuts(
    widths: Sequence[float], gaps: Sequence[float], count: int
) -> tuple[tuple[tuple[int, int], ...], float]:
    """Cut words into ``count`` lines so that the longest is as short as can be.

    Args:
        widths: Of the words.
        gaps: Behind each of them, where another one follows on its line.
        count: Of lines; not more than there are words.

    Returns:
        The (start, stop) of each line and the longest line's width. Among equals the squares of widths decide.
    """
    row = _Row(tuple(accumulate(map(add, widths, gaps), initial=0.0)), tuple(gaps))
    longest, widest_gap = _least_width(row, count), max(gaps)

    @cache
    def best(start: int, lines: int) -> tuple[float, tuple[tuple[int, int], ...]]:
        if lines == 1:
            width = row.width(start, row.words)
            return (width * width if width <= longest else inf), ((start, row.words),)
        options: list[tuple[float, tuple[tuple[int, int], ...]]] = [(inf, ((start, row.words),))]
        for stop in range(start + 1, row.words - lines + 2):
            width = row.width(start, stop)
            if width > longest:
                break
            if row.ends[-1] - row.ends[stop] <= (lines - 1) * (longest + widest_gap):
                squares, rest = best(stop, lines - 1)
                options.append((squares + width * width, ((start, stop), *rest)))
        return min(options)

    return best(0, count)[1], longest


@dataclass(frozen=True, slots=True)
class _Row:
    """All words side by side: where each ends with its gap, from 0, and the gaps."""

    ends: tuple[float, ...]
    gaps: tuple[float, ...]

    @property
    def words(self) -> int:
        return len(self.gaps)

    def width(self, start: int, stop: int) -> float:
        """Of the words from ``start`` to ``stop`` on a line of their own."""
        return self.ends[stop] - self.ends[start] - self.gaps[stop - 1]


def _least_width(row: _Row, count: int) -> float:
    """The least width at which the words fit on ``count`` lines, found by halving."""
    low, high = 0.0, row.width(0, row.words)
    while high - low > high * _PRECISION:
        middle = (low + high) / 2
        if _filled(row, middle) <= count:
            high = middle
        else:
            low = middle
    return high


_PRECISION = 1e-7


def _filled(row: _Row, width: float) -> float:
    """How many lines of a width the words fill; infinitely many where a word is longer than that."""
    start, lines = 0, 0
    while start < row.words:
        stop = start
        while stop < row.words and row.width(start, stop + 1) <= width:
            stop += 1
        if stop == start:
            return inf
        start, lines = stop, lines + 1
    return lines


def _pieces(text: str, face: Face, longest: float) -> list[str]:
    """What must not be broken any more: words with the space behind them, and parts of words longer than a line."""
    pieces = []
    for word in text.split():
        *parts, last = _broken(word, face, longest)
        pieces += [*parts, f"{last} "]
    return pieces


def _broken(word: str, face: Face, longest: float) -> list[str]:
    """A word in pieces that are no longer than a line, cut between what readers take for characters."""
    if lay_line(word, face).width <= longest:
        return [word]
    pieces, filled, gap = [""], 0.0, face.letter_spacing * face.size
    for cluster in clusters_of(word):
        width = lay_line(cluster, face).width + gap
        if pieces[-1] and filled + width > longest:
            pieces.append("")
            filled = 0.0
        pieces[-1] += cluster
        filled += width
    return pieces
