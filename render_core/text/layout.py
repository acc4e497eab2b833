"""Breaking a text into balanced lines and finding the size at which it fits."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from render_core.text.fonts import font_runs, load_font

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
def fit_text(text: str, family: str, weight: int, room: Room) -> Fitted:
    """The text as large as the room allows, on as few lines as that takes.

    Words that are too long for a line at the least size are broken. Only a text that is too long altogether gets
    smaller than that.
    """
    unit = line_width("n", family, _MEASURE_SIZE, weight) / _MEASURE_SIZE
    words = [part for word in text.split() for part in _broken(word, room.width / (room.least * unit))]
    widths = [line_width(word, family, _MEASURE_SIZE, weight) for word in words]
    space = line_width("n n", family, _MEASURE_SIZE, weight) - 2 * line_width("n", family, _MEASURE_SIZE, weight)
    best: Fitted | None = None
    for count in range(1, min(room.lines, len(words)) + 1):
        cuts, longest = balanced_cuts(widths, space, count)
        size = min(room.largest, _MEASURE_SIZE * room.width / longest)
        if best is None or size > best.size * 1.01:
            best = Fitted(lines=tuple(" ".join(words[a:b]) for a, b in cuts), size=size)
    return best or Fitted(lines=(), size=room.largest)


def balanced_cuts(widths: Sequence[float], space: float, count: int) -> tuple[tuple[tuple[int, int], ...], float]:
    """Cut words into ``count`` lines so that the longest is as short as can be.

    Returns:
        The (start, stop) of each line and the longest line's width. Among equals the squares of widths decide.
    """
    sums = [0.0]
    for width in widths:
        sums.append(sums[-1] + width)

    def width_of(start: int, stop: int) -> float:
        return sums[stop] - sums[start] + space * (stop - start - 1)

    @cache
    def best(start: int, lines: int) -> tuple[float, float, tuple[tuple[int, int], ...]]:
        if lines == 1:
            width = width_of(start, len(widths))
            return width, width * width, ((start, len(widths)),)
        options = []
        for stop in range(start + 1, len(widths) - lines + 2):
            width, (longest, squares, rest) = width_of(start, stop), best(stop, lines - 1)
            options.append((max(width, longest), squares + width * width, ((start, stop), *rest)))
        return min(options)

    longest, _, cuts = best(0, count)
    return cuts, longest


def line_width(text: str, family: str, size: float, weight: int) -> float:
    """Width of one line in pixels, with the fonts that will draw it."""
    return sum(load_font(run.family, size, weight).getlength(run.text) for run in font_runs(text, family))


def _broken(word: str, chars: float) -> list[str]:
    """A word in pieces of about ``chars`` characters."""
    step = max(1, int(chars))
    return [word[start : start + step] for start in range(0, len(word), step)]
