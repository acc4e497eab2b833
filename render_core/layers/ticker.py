"""Lines of text that run through a window one after the other, without end."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor

import cv2
import numpy as np

from render_core.effects.blend import Veil, lay, tint
from render_core.effects.mask import box_mask
from render_core.effects.sprite import columns_of, sprite_of
from render_core.geometry import Box, Region
from render_core.layer import MediaSource
from render_core.picture import Picture, Plane, yuv_of
from render_core.text.direction import is_right_to_left
from render_core.text.line import lay_line
from render_core.text.raster import CAPITALS, Color, TextStyle, margin_of, rasterise

_FINER = 4
"""Text is drawn this much finer than it is shown, so that between two pixels it is as sharp as on one."""
_TILE = 480
"""Width of a tile, in pixels of the canvas; a multiple of two."""
_MARGIN = 8
"""Fine columns that a tile has beyond its ends: where it begins between two pixels, its last one reaches over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticker:
    """A band of running text. It fills its canvas or window.

    Attributes:
        lines: In reading order; right-to-left ones run to the right.
        style: How they look.
        fonts: Hashes of the files that draw them.
        gap: Pixels between two lines, with a mark in the middle.
        mark_color: RGB of the mark.
        offset: Pixels that the text has run since its first line stood at the edge.
    """

    lines: tuple[str, ...]
    style: TextStyle
    fonts: tuple[str, ...]
    gap: float
    mark_color: Color
    offset: Fraction

    def paint(self, canvas: Picture, media: MediaSource) -> None:
        """Draw the part that is seen, tile by tile."""
        for line, left in self._seen(canvas.width):
            width = _slots(self.lines, self.style, self.gap)[0][line]
            for tile in range(ceil(width / _TILE)):
                self._lay_tile(canvas, media, line, tile, left + tile * _TILE)
            self._lay_mark(canvas, left + (width - self.gap / 2 if self._is_leftward else self.gap / 2))

    def hides_all_below(self, width: int, height: int) -> bool:  # noqa: ARG002 - the protocol's arguments
        """Never."""
        return False

    @property
    def _is_leftward(self) -> bool:
        return not is_right_to_left(self.lines[0])

    def _seen(self, width: int) -> Iterator[tuple[int, float]]:
        """The lines in the window and where their slots begin, in pixels from its left edge."""
        widths, period = _slots(self.lines, self.style, self.gap)
        run = float(self.offset % Fraction(period))
        at = -run
        while at < width:
            for line, slot in enumerate(widths):
                if -slot < at < width:
                    yield line, at if self._is_leftward else width - at - slot
                at += slot

    def _lay_tile(self, canvas: Picture, media: MediaSource, line: int, tile: int, left: float) -> None:
        fine = round(left * _FINER)
        first = 2 * ceil(fine / (2 * _FINER))
        start, stop = max(0, first), min(canvas.width, first + _TILE)
        if start < stop:
            sprite = self._placed(media, line, tile, canvas.height, first * _FINER - fine)
            lay(canvas.region(start, 0, stop - start, canvas.height), columns_of(sprite, start - first, stop - first))

    def _placed(self, media: MediaSource, line: int, tile: int, height: int, skipped: int) -> Veil:
        """A tile as it is shown when its first pixel begins ``skipped`` fine columns after its start."""
        key = ("ticker", self.lines[line], self.style, self.gap, height, tile)
        return media.remembered(
            (*key, skipped),
            lambda: _shrunk(media.remembered(key, lambda: self._tile(line, tile, height)), skipped + _MARGIN),
        )

    def _tile(self, line: int, tile: int, height: int) -> Veil:
        """One stretch of a line's slot, finer across than it is shown, with some columns more on both sides."""
        style, text = finer(self.style), self.lines[line]
        size = _TILE * _FINER + 2 * _MARGIN, height * _FINER
        base = size[1] / 2 + CAPITALS / 2 * style.size
        lead = 0 if self._is_leftward else self.gap * _FINER
        laid = lay_line(text, style.face).at(lead + _MARGIN - tile * _TILE * _FINER, base)
        reach = margin_of(style)
        inside = (word for word in laid if -reach < word.x + word.width and word.x < size[0] + reach)
        drawn = sprite_of(rasterise(inside, size, style))
        kept, added = (tuple(_lowered(plane) for plane in planes) for planes in (drawn.kept, drawn.added))
        return Veil((kept[0], kept[1]), (added[0], added[1], added[2]))

    def _lay_mark(self, canvas: Picture, middle: float) -> None:
        side = 0.3 * self.style.size
        box = Box(left=middle - side / 2, top=(canvas.height - side) / 2, width=side, height=side)
        region = Region(0, 0, canvas.width, canvas.height).clipped(_around(box))
        if not region.is_empty:
            mask = box_mask(box, (side / 2, side / 2), region)
            tint(canvas.region(region.x, region.y, region.width, region.height), yuv_of(self.mark_color), mask)


def finer(style: TextStyle) -> TextStyle:
    """The style at the size at which tiles are drawn."""
    return replace(
        style,
        size=style.size * _FINER,
        outline=style.outline * _FINER,
        shadow=style.shadow * _FINER,
        shadow_down=style.shadow_down * _FINER,
    )


@lru_cache(maxsize=64)
def _slots(lines: tuple[str, ...], style: TextStyle, gap: float) -> tuple[tuple[float, ...], float]:
    """The width of each line with its gap, and of all together, in pixels."""
    fine = finer(style)
    widths = tuple(lay_line(line, fine.face).width / _FINER + gap for line in lines)
    return widths, sum(widths)


def _shrunk(tile: Veil, skipped: int) -> Veil:
    """The pixels of a fine tile that begin after ``skipped`` columns."""
    luma, chroma = slice(skipped, skipped + _TILE * _FINER), slice(skipped // 2, skipped // 2 + _TILE * _FINER // 2)
    (full, half), (y, u, v) = tile.kept, tile.added
    return Veil(
        (_across(full[:, luma]), _across(half[:, chroma])),
        (_across(y[:, luma]), _across(u[:, chroma]), _across(v[:, chroma])),
    )


def _across(plane: Plane) -> Plane:
    size = (plane.shape[1] // _FINER, plane.shape[0])
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.uint8)


def _lowered(plane: Plane) -> Plane:
    size = (plane.shape[1], plane.shape[0] // _FINER)
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.uint8)


def _around(box: Box) -> Region:
    left, top = floor(box.left / 2) * 2, floor(box.top / 2) * 2
    return Region(left, top, ceil(box.right / 2) * 2 - left, ceil(box.bottom / 2) * 2 - top)
