"""Boxes of one colour, with sharp or round corners."""

from dataclasses import dataclass

from render_core.effects.blend import faded, tint
from render_core.effects.mask import box_mask
from render_core.geometry import Box, region_of
from render_core.layer import MediaSource
from render_core.picture import Picture, yuv_of

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
        key = ("panel mask", self.box, self.radius, region)
        mask = media.remembered(key, lambda: box_mask(self.box, (self.radius, self.radius), region))
        target = canvas.region(region.x, region.y, region.width, region.height)
        tint(target, yuv_of(self.color), faded(mask, self.opacity))

    def hides_all_below(self, width: int, height: int) -> bool:
        """Whether it is opaque and fills the canvas."""
        canvas = Box(left=0, top=0, width=width, height=height)
        return self.opacity >= 1 and self.radius < 0.5 and self.box.contains(canvas)
