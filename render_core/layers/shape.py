"""Boxes of one colour, with sharp or round corners; the soft shadow of one; shade that makes text readable."""

from dataclasses import dataclass

import cv2
import numpy as np

from render_core.effects.blend import Veil, faded, lay, tint, veil
from render_core.effects.mask import box_mask
from render_core.effects.sprite import columns_of
from render_core.geometry import Box, Region, parts_of, region_of
from render_core.layer import MediaSource
from render_core.picture import Picture, Plane, yuv_of

Color = tuple[int, int, int]
"""Red, green, blue, 0 … 255."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A filled box.

    Attributes:
        box: In canvas pixels.
        color: RGB.
        opacity: 0 … 1.
        radius: Of the corners, in pixels.
    """

    box: Box
    color: Color
    opacity: float = 1.0
    radius: float = 0.0

    def paint(self, canvas: Picture, media: MediaSource) -> None:
        """Draw the box."""
        region = region_of(self.box, canvas.width, canvas.height)
        if region.is_empty:
            return
        target = canvas.region(region.x, region.y, region.width, region.height)
        if self.opacity >= 1 and self.radius < 0.5 and self.box.contains(region.box):
            fill(target, yuv_of(self.color))
            return
        key = ("panel mask", self.box, self.radius, region)
        mask = media.remembered(key, lambda: box_mask(self.box, (self.radius, self.radius), region))
        tint(target, yuv_of(self.color), faded(mask, self.opacity))

    def hides_all_below(self, width: int, height: int) -> bool:
        """Whether it is opaque and fills the canvas."""
        canvas = Box(left=0, top=0, width=width, height=height)
        return self.opacity >= 1 and self.radius < 0.5 and self.box.contains(canvas)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadow:
    """The soft black shadow of a box that hides what lies under it.

    Attributes:
        box: What throws it, in canvas pixels; large ones have no shadow in their middle, where nobody sees it.
        radius: Of its corners, in pixels.
        down: How far below the box the shadow falls, in pixels.
        sigma: How soft it is, in pixels.
        opacity: 0 … 1.
    """

    box: Box
    radius: float
    down: float
    sigma: float
    opacity: float

    def paint(self, canvas: Picture, media: MediaSource) -> None:
        """Darken what lies below."""
        region = region_of(self._fallen.grown(2.5 * self.sigma), canvas.width, canvas.height)
        if region.is_empty or self.opacity <= 0:
            return
        key = ("shadow", self.box, self.radius, self.down, self.sigma, self.opacity, region)
        for part, dark in media.remembered(key, lambda: self._veils(region)):
            lay(canvas.region(part.x, part.y, part.width, part.height), dark)

    def hides_all_below(self, width: int, height: int) -> bool:  # noqa: ARG002 - the protocol's arguments
        """Never."""
        return False

    @property
    def _fallen(self) -> Box:
        return Box(left=self.box.left, top=self.box.top + self.down, width=self.box.width, height=self.box.height)

    def _veils(self, region: Region) -> tuple[tuple[Region, Veil], ...]:
        """The parts of the region in which it is seen, and their darkness."""
        mask = faded(self._mask(region), self.opacity)
        parts = parts_of(region, self.box.grown(-self.radius))
        return tuple((part, veil(_BLACK, mask[part.slices(region)])) for part in parts[1:] or parts)

    def _mask(self, region: Region) -> Plane:
        """Made at a smaller size where it is soft enough."""
        factor, fallen = 4 if self.sigma >= 6 else 1, self._fallen
        width, height = -(-region.width // factor), -(-region.height // factor)
        small = Box(
            left=(fallen.left - region.x) / factor,
            top=(fallen.top - region.y) / factor,
            width=fallen.width / factor,
            height=fallen.height / factor,
        )
        sharp = box_mask(small, (self.radius / factor,) * 2, Region(0, 0, width, height))
        soft = cv2.GaussianBlur(sharp, (0, 0), max(0.1, self.sigma / factor), borderType=cv2.BORDER_REPLICATE)
        large = cv2.resize(soft, (width * factor, height * factor))
        return np.asarray(large, np.uint8)[: region.height, : region.width]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shade:
    """One colour that grows from nothing to its strength, smoothly, down or up a box.

    Attributes:
        box: In canvas pixels.
        color: RGB.
        top: Opacity at the upper edge, 0 … 1.
        bottom: Opacity at the lower edge.
    """

    box: Box
    color: Color
    top: float
    bottom: float

    def paint(self, canvas: Picture, media: MediaSource) -> None:
        """Draw the shade."""
        region = region_of(self.box, canvas.width, canvas.height)
        if region.is_empty or max(self.top, self.bottom) <= 0:
            return
        key = ("shade", self.box, self.color, self.top, self.bottom, region)
        laid = media.remembered(key, lambda: self._veil(region))
        for x in range(0, region.width, _STRIP):
            width = min(_STRIP, region.width - x)
            lay(canvas.region(region.x + x, region.y, width, region.height), columns_of(laid, 0, width))

    def hides_all_below(self, width: int, height: int) -> bool:  # noqa: ARG002 - the protocol's arguments
        """Never: that is what a panel is for."""
        return False

    def _veil(self, region: Region) -> Veil:
        """A strip of it: from side to side it is the same."""
        at = (np.arange(region.y, region.y + region.height) + 0.5 - self.box.top) / self.box.height
        part = np.clip(at, 0, 1)
        column = self.top + (self.bottom - self.top) * (part * part * (3 - 2 * part))
        mask = np.repeat(np.round(255 * column).astype(np.uint8)[:, None], min(_STRIP, region.width), axis=1)
        return veil(yuv_of(self.color), mask)


def fill(target: Picture, color: tuple[int, int, int]) -> None:
    """Write one colour, as (Y, Cb, Cr) codes, into all pixels."""
    for plane, code in zip((target.y, target.u, target.v), color, strict=True):
        plane[:] = code


_BLACK = yuv_of((0, 0, 0))
_STRIP = 256
"""Columns of a shade that are kept."""
