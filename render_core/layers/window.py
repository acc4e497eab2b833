"""A part of the canvas that is a canvas of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

import cv2
import numpy as np

from render_core.effects.blend import blend
from render_core.effects.mask import box_mask
from render_core.geometry import Region
from render_core.layer import Drawing, MediaSource
from render_core.picture import Picture, Plane


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Drawings seen through a rectangle; what reaches beyond it is cut off.

    Attributes:
        region: Where on the canvas; even, inside it.
        drawings: From the back to the front, in pixels from the region's top left.
        radius: Of the corners, in pixels.
    """

    region: Region
    drawings: tuple[Drawing, ...]
    radius: float = 0.0

    def paint(self, canvas: Picture, media: MediaSource) -> None:
        """Draw them; then what lay below the corners is put back."""
        if self.region.is_empty:
            return
        inside = canvas.region(self.region.x, self.region.y, self.region.width, self.region.height)
        kept = [(corner, _part(inside, corner).copy()) for corner in self._corners()]
        for drawing in self.drawings:
            drawing.paint(inside, media)
        for corner, below in kept:
            blend(_part(inside, corner), below, 1.0, self._outside(corner, media))

    def hides_all_below(self, width: int, height: int) -> bool:
        """Whether it is the whole canvas and one of them fills it."""
        is_whole = self.region == Region(0, 0, width, height) and self.radius < 0.5
        return is_whole and any(drawing.hides_all_below(width, height) for drawing in self.drawings)

    def _corners(self) -> Iterator[Region]:
        """The squares that round corners touch, relative to the window."""
        width, height = self.region.width, self.region.height
        side = min(2 * ceil(self.radius / 2), width // 4 * 2, height // 4 * 2)
        if self.radius >= 0.5 and side:
            for x in (0, width - side):
                for y in (0, height - side):
                    yield Region(x, y, side, side)

    def _outside(self, corner: Region, media: MediaSource) -> Plane:
        key = ("outside", self.region.width, self.region.height, self.radius, corner)
        return media.remembered(key, lambda: self._made_outside(corner))

    def _made_outside(self, corner: Region) -> Plane:
        whole = Region(0, 0, self.region.width, self.region.height).box
        return np.asarray(cv2.bitwise_not(box_mask(whole, (self.radius, self.radius), corner)), np.uint8)


def _part(canvas: Picture, region: Region) -> Picture:
    return canvas.region(region.x, region.y, region.width, region.height)
