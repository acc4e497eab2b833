"""Boxes and the ways a picture goes into them. Output pixels as floats, origin top left, y down."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, floor
from typing import Literal

Fit = Literal["cover", "contain"]

BAND_PIXELS = 2**19
"""Of a band: see ``Region.bands``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle; its edges may lie between pixels."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The x just behind the last column."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """The y just below the last row."""
        return self.top + self.height

    @property
    def centre(self) -> tuple[float, float]:
        """The middle, (x, y)."""
        return self.left + self.width / 2, self.top + self.height / 2

    def scaled(self, factor: float) -> "Box":
        """A box ``factor`` times as large about the same centre."""
        x, y = self.centre
        width, height = self.width * factor, self.height * factor
        return Box(left=x - width / 2, top=y - height / 2, width=width, height=height)

    def grown(self, margin: float) -> "Box":
        """A box with ``margin`` pixels more on each side."""
        return Box(
            left=self.left - margin,
            top=self.top - margin,
            width=self.width + 2 * margin,
            height=self.height + 2 * margin,
        )

    def towards(self, other: "Box", part: float) -> "Box":
        """The box ``part`` of the way from this one (0) to ``other`` (1)."""
        return Box(
            left=self.left + (other.left - self.left) * part,
            top=self.top + (other.top - self.top) * part,
            width=self.width + (other.width - self.width) * part,
            height=self.height + (other.height - self.height) * part,
        )

    def intersection(self, other: "Box") -> "Box":
        """What both boxes share; width and height 0 where they share nothing."""
        left, top = max(self.left, other.left), max(self.top, other.top)
        return Box(
            left=left,
            top=top,
            width=max(0.0, min(self.right, other.right) - left),
            height=max(0.0, min(self.bottom, other.bottom) - top),
        )

    def contains(self, other: "Box", slack: float = 1e-3) -> bool:
        """Whether ``other`` lies inside, give or take ``slack`` pixels."""
        return (
            self.left <= other.left + slack
            and self.top <= other.top + slack
            and self.right >= other.right - slack
            and self.bottom >= other.bottom - slack
        )


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of whole pixels. Those of canvases have even edges, so that chroma has the same one at half size."""

    x: int
    y: int
    width: int
    height: int

    @property
    def box(self) -> Box:
        """The same rectangle as a box."""
        return Box(left=self.x, top=self.y, width=self.width, height=self.height)

    @property
    def is_empty(self) -> bool:
        """Whether there are no pixels in it."""
        return self.width <= 0 or self.height <= 0

    def clipped(self, other: "Region") -> "Region":
        """What lies in both regions."""
        x, y = max(self.x, other.x), max(self.y, other.y)
        right = min(self.x + self.width, other.x + other.width)
        bottom = min(self.y + self.height, other.y + other.height)
        return Region(x, y, max(0, right - x), max(0, bottom - y))

    def around(self, core: "Region") -> tuple["Region", ...]:
        """What is left of the region without a core inside it: strips above, below, to the left and to the right."""
        right, bottom = core.x + core.width, core.y + core.height
        strips = (
            Region(self.x, self.y, self.width, core.y - self.y),
            Region(self.x, bottom, self.width, self.y + self.height - bottom),
            Region(self.x, core.y, core.x - self.x, core.height),
            Region(right, core.y, self.x + self.width - right, core.height),
        )
        return tuple(strip for strip in strips if not strip.is_empty)

    def bands(self) -> "Iterator[Region]":
        """The region as a few rows each: steps done band by band find their pixels in the core's own cache.

        Done region by region, a chain of cheap steps waits for memory: three times as long was measured.
        """
        step = max(2, BAND_PIXELS // max(1, self.width) // 2 * 2)
        for top in range(0, self.height, step):
            yield Region(self.x, self.y + top, self.width, min(step, self.height - top))

    def slices(self, inside: "Region") -> tuple[slice, slice]:
        """Rows and columns of this region in an array that holds ``inside``."""
        y, x = self.y - inside.y, self.x - inside.x
        return slice(y, y + self.height), slice(x, x + self.width)


def region_of(box: Box, width: int, height: int) -> Region:
    """The smallest even region that holds what a canvas of ``width`` × ``height`` shows of ``box``."""
    if box.width <= 0 or box.height <= 0:
        return Region(0, 0, 0, 0)
    left, top = max(0, _even_floor(box.left)), max(0, _even_floor(box.top))
    right, bottom = min(width, _even_ceil(box.right)), min(height, _even_ceil(box.bottom))
    return Region(left, top, max(0, right - left), max(0, bottom - top))


def inner_box(box: Box, roundness: float) -> Box:
    """The largest box inside one with elliptic corners whose pixels are all covered: a pixel from the arcs' middles.

    Args:
        box: In canvas pixels.
        roundness: Radii of its corners as a part of its sides.
    """
    if roundness <= 0:
        return box
    part = min(roundness, 0.5) * (1 - 0.5**0.5)
    across, down = box.width * part + 1, box.height * part + 1
    return Box(left=box.left + across, top=box.top + down, width=box.width - 2 * across, height=box.height - 2 * down)


def is_covered(region: Region, box: Box, roundness: float) -> bool:
    """Whether a box with elliptic corners (see ``inner_box``) covers all of a region."""
    rx, ry = box.width * min(roundness, 0.5), box.height * min(roundness, 0.5)
    upright = Box(left=box.left + rx, top=box.top, width=box.width - 2 * rx, height=box.height)
    level = Box(left=box.left, top=box.top + ry, width=box.width, height=box.height - 2 * ry)
    return any(inner.contains(region.box) for inner in (upright, level, inner_box(box, roundness)))


def parts_of(region: Region, core: Box) -> tuple[Region, ...]:
    """An even region in pieces: what lies in the core, then the strips around it; for a small core it stays whole."""
    left, top = max(region.x, _even_ceil(core.left)), max(region.y, _even_ceil(core.top))
    right = min(region.x + region.width, _even_floor(core.right))
    bottom = min(region.y + region.height, _even_floor(core.bottom))
    inside = Region(left, top, max(0, right - left), max(0, bottom - top))
    if inside.is_empty or inside.width * inside.height < _WORTH_IT:
        return (region,)
    return inside, *region.around(inside)


_WORTH_IT = 3 * 2**16
"""Pixels that make up for painting in pieces."""


def _even_floor(value: float) -> int:
    return floor((value + 1e-6) / 2) * 2


def _even_ceil(value: float) -> int:
    return ceil((value - 1e-6) / 2) * 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Focus:
    """Which part of a picture is wanted: enlarged by ``scale`` and shifted by fractions of its own size.

    The shift never uncovers the box: it ends where the picture does.
    """

    x: float = 0.0
    y: float = 0.0
    scale: float = 1.0


CENTRED = Focus()


def fit_box(size: tuple[int, int], box: Box, fit: Fit, focus: Focus = CENTRED) -> Box:
    """Where the whole of a picture of ``size`` (width, height) lies when fitted into ``box`` (CSS object-fit)."""
    choose = max if fit == "cover" else min
    factor = choose(box.width / size[0], box.height / size[1]) * focus.scale
    width, height = size[0] * factor, size[1] * factor
    return Box(
        left=box.left + _shifted(box.width, width, focus.x),
        top=box.top + _shifted(box.height, height, focus.y),
        width=width,
        height=height,
    )


def _shifted(room: float, length: float, shift: float) -> float:
    slack = max(0.0, (length - room) / 2)
    return (room - length) / 2 + min(slack, max(-slack, shift * length))
