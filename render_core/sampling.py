"""Reading a picture through an affine map, plane by plane, with sub-pixel placement at any scale."""

from dataclasses import dataclass
from math import ceil, hypot
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from render_core.geometry import Region
from render_core.picture import Picture, Plane
from render_core.scratch import scratch

Affine = NDArray[np.float64]
"""Shape (2, 3): maps continuous coordinates (x, y, 1) to (x, y); the centre of the first pixel is (0.5, 0.5)."""


class _Map(NamedTuple):
    """The six numbers of an affine map: for so few, arrays take ten times as long."""

    xx: float
    xy: float
    x: float
    yx: float
    yy: float
    y: float

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a point goes."""
        return self.xx * x + self.xy * y + self.x, self.yx * x + self.yy * y + self.y

    def moved(self, x: float, y: float) -> "_Map":
        """The map to coordinates that begin at (x, y)."""
        return self._replace(x=self.x - x, y=self.y - y)

    def scaled(self, x: float, y: float) -> "_Map":
        """The map to coordinates whose units are larger or smaller."""
        return _Map(self.xx * x, self.xy * x, self.x * x, self.yx * y, self.yy * y, self.y * y)

    @property
    def step(self) -> float:
        """How far a step to the right on the canvas goes."""
        return hypot(self.xx, self.yx)

    @property
    def matrix(self) -> Affine:
        """As an array."""
        return np.array(self, np.float64).reshape(2, 3)


def sample(source: Picture, to_source: Affine, region: Region) -> Picture:
    """The pixels of ``region`` of a canvas, read from ``source``.

    Args:
        source: What is read; beyond its edges the outermost pixels go on.
        to_source: From luma coordinates of the canvas to those of the source.
        region: Which pixels of the canvas.

    Returns:
        A picture of the region's size, only to be read: its planes are views into ``source`` or scratch memory, which
        the next call writes over.
    """
    half = Region(region.x // 2, region.y // 2, region.width // 2, region.height // 2)
    luma = _Map(*to_source.ravel().tolist())
    chroma = luma._replace(x=luma.x / 2, y=luma.y / 2)
    return Picture(
        _read(source.y, luma, region, "sampled y"),
        _read(source.u, chroma, half, "sampled u"),
        _read(source.v, chroma, half, "sampled v"),
        None if source.alpha is None else _read(source.alpha, luma, region, "sampled alpha"),
    )


def sample_plane(plane: Plane, to_source: Affine, region: Region, name: str | None = None) -> Plane:
    """One plane of ``sample``, in that plane's own coordinates: a view, or memory of its own or of a scratch name."""
    return _read(plane, _Map(*to_source.ravel().tolist()), region, name)


def _read(plane: Plane, to_source: _Map, region: Region, name: str | None) -> Plane:
    """A view into the plane, or scratch memory of this name; without a name, memory of its own."""
    plane, to_source = _shrink(plane, to_source, region, name)
    to_pixels = _index_map(to_source, region)
    offset = _whole_offset(to_pixels, plane, region)
    if offset is not None:
        x, y = offset
        return plane[y : y + region.height, x : x + region.width]
    cut = _cut(to_pixels, plane, region)
    if cut is not None:
        return _resized(plane, cut, to_pixels, region, name)
    size, out = (region.width, region.height), _memory(name, region.height, region.width)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    warped = cv2.warpAffine(plane, to_pixels.matrix, size, dst=out, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(warped, np.uint8)


def _memory(name: str | None, height: int, width: int) -> Plane:
    return np.empty((height, width), np.uint8) if name is None else scratch(name, height, width)


def _shrink(plane: Plane, to_source: _Map, region: Region, name: str | None) -> tuple[Plane, _Map]:
    """Halve the plane until a step on the canvas is less than two pixels of it, so that nothing is skipped."""
    if to_source.step > _LONGEST_STEP:
        plane, to_source = _seen_part(plane, to_source, region)
    while to_source.step > _LONGEST_STEP and min(plane.shape) > 1:
        height, width = plane.shape
        smaller = (max(1, (width + 1) // 2), max(1, (height + 1) // 2))
        out = _memory(name and f"{name} from {width}", smaller[1], smaller[0])
        plane = np.asarray(cv2.resize(plane, smaller, dst=out, interpolation=cv2.INTER_AREA), np.uint8)
        to_source = to_source.scaled(smaller[0] / width, smaller[1] / height)
    return plane, to_source


_LONGEST_STEP = 1.99
_GRID = 16
"""Cuts begin at multiples of it, so that halving meets the same pixels wherever the cut is."""


def _seen_part(plane: Plane, to_source: _Map, region: Region) -> tuple[Plane, _Map]:
    """The part of the plane that the region shows, with room for interpolation, and the map to it."""
    right, bottom = region.x + region.width, region.y + region.height
    corners = [to_source.at(x, y) for x in (region.x, right) for y in (region.y, bottom)]
    (left, top), (right, bottom) = (
        [int(edge(axis)) // _GRID + room for axis in zip(*corners, strict=True)] for edge, room in ((min, -1), (max, 2))
    )
    left, top, right, bottom = max(0, left) * _GRID, max(0, top) * _GRID, right * _GRID, bottom * _GRID
    if left >= min(right, plane.shape[1]) or top >= min(bottom, plane.shape[0]):
        return plane, to_source
    return plane[top:bottom, left:right], to_source.moved(left, top)


def _index_map(to_source: _Map, region: Region) -> _Map:
    """From indices in the region to indices in the plane, both of which count from pixel centres."""
    x, y = to_source.at(region.x + 0.5, region.y + 0.5)
    return to_source._replace(x=x - 0.5, y=y - 0.5)


def _whole_offset(to_pixels: _Map, plane: Plane, region: Region) -> tuple[int, int] | None:
    """Where the region lies in the plane when the map only shifts by whole pixels and stays inside."""
    x, y = round(to_pixels.x), round(to_pixels.y)
    inside = x >= 0 and y >= 0 and x + region.width <= plane.shape[1] and y + region.height <= plane.shape[0]
    return (x, y) if inside and _is_close(to_pixels, _Map(1, 0, x, 0, 1, y), region) else None


@dataclass(frozen=True, slots=True)
class _Cut:
    """Along one axis, a run of source pixels that holds a wanted run of pixels when it is resized.

    Attributes:
        start: First source pixel; there are copies of the outermost one before 0 and behind the last.
        length: How many.
        skip: Pixels of the resized run before the wanted ones.
        whole: Pixels of the resized run.
    """

    start: int
    length: int
    skip: int
    whole: int


def _cut(to_pixels: _Map, plane: Plane, region: Region) -> tuple[_Cut, _Cut] | None:
    """Where to cut the plane so that resizing the cut gives the region, or None where only warping does.

    Resizing takes a third of the time of warping, but begins at whole pixels. If it begins a few pixels earlier, one
    of these beginnings is as good as exact.
    """
    sx, sy = to_pixels.xx, to_pixels.yy
    if to_pixels.xy or to_pixels.yx or not (0.1 < sx < 2 and 0.1 < sy < 2):
        return None
    across = _cut_axis(sx, to_pixels.x, region.width, plane.shape[1])
    down = _cut_axis(sy, to_pixels.y, region.height, plane.shape[0])
    return None if across is None or down is None else (across, down)


def _cut_axis(step: float, offset: float, wanted: int, size: int) -> _Cut | None:
    """The cut along one axis: ``step`` source pixels for each wanted one, the first at index ``offset``."""
    if not -wanted * step < offset < size:
        return None
    first = offset + 0.5 - step / 2
    for skip in range(_MOST_SKIPPED):
        start = round(first - skip * step)
        if abs(first - skip * step - start) <= _EXACT and start < size:
            needed = ceil((skip + wanted) * step - min(_EXACT, 0.49 * step))  # at most what rounding ``whole`` gives
            length = min(needed + 2, max(needed, size - start))
            return _Cut(start, length, skip, round(length / step))
    return None


_MOST_SKIPPED = 64
_EXACT = 1 / 16
"""Of a source pixel: what this moves a picture by is less than rounding its colours changes."""


def _resized(plane: Plane, cut: tuple[_Cut, _Cut], to_pixels: _Map, region: Region, name: str | None) -> Plane:
    across, down = cut
    out = _memory(name, down.whole, across.whole)
    large = cv2.resize(_part(plane, across, down), None, dst=out, fx=1 / to_pixels.xx, fy=1 / to_pixels.yy)
    rows, columns = slice(down.skip, down.skip + region.height), slice(across.skip, across.skip + region.width)
    return np.asarray(large, np.uint8)[rows, columns]


def _part(plane: Plane, across: _Cut, down: _Cut) -> Plane:
    left, top = max(0, across.start), max(0, down.start)
    inside = plane[top : down.start + down.length, left : across.start + across.length]
    before = top - down.start, left - across.start
    after = down.length - before[0] - inside.shape[0], across.length - before[1] - inside.shape[1]
    if not any(before + after):
        return inside
    padded = cv2.copyMakeBorder(inside, before[0], after[0], before[1], after[1], cv2.BORDER_REPLICATE)
    return np.asarray(padded, np.uint8)


def _is_close(a: _Map, b: _Map, region: Region) -> bool:
    """Whether two maps agree to a hundredth of a pixel all over the region."""
    across = abs(a.xx - b.xx) * region.width + abs(a.xy - b.xy) * region.height + abs(a.x - b.x)
    down = abs(a.yx - b.yx) * region.width + abs(a.yy - b.yy) * region.height + abs(a.y - b.y)
    return max(across, down) < 0.01
