"""Reading a picture through an affine map, plane by plane, with sub-pixel placement at any scale."""

from dataclasses import dataclass
from math import ceil, hypot

import cv2
import numpy as np
from numpy.typing import NDArray

from render_core.geometry import Region
from render_core.picture import Picture, Plane

Affine = NDArray[np.float64]
"""Shape (2, 3): maps continuous coordinates (x, y, 1) to (x, y); the centre of the first pixel is (0.5, 0.5)."""


def sample(source: Picture, to_source: Affine, region: Region) -> Picture:
    """The pixels of ``region`` of a canvas, read from ``source``.

    Args:
        source: What is read; beyond its edges the outermost pixels go on.
        to_source: From luma coordinates of the canvas to those of the source.
        region: Which pixels of the canvas.

    Returns:
        A picture of the region's size; planes may be views into ``source``, so they are only to be read.
    """
    half = Region(region.x // 2, region.y // 2, region.width // 2, region.height // 2)
    chroma = to_source * (1.0, 1.0, 0.5)
    return Picture(
        sample_plane(source.y, to_source, region),
        sample_plane(source.u, chroma, half),
        sample_plane(source.v, chroma, half),
        None if source.alpha is None else sample_plane(source.alpha, to_source, region),
    )


def sample_plane(plane: Plane, to_source: Affine, region: Region) -> Plane:
    """One plane of ``sample``, in that plane's own coordinates."""
    plane, to_source = _shrink(plane, to_source, region)
    to_pixels = _index_map(to_source, region)
    offset = _whole_offset(to_pixels, plane, region)
    if offset is not None:
        x, y = offset
        return plane[y : y + region.height, x : x + region.width]
    if _is_whole_plane(to_pixels, plane, region):
        return np.asarray(cv2.resize(plane, (region.width, region.height)), np.uint8)
    cut = _cut(to_pixels, plane, region)
    if cut is not None:
        return _resized(plane, cut, to_pixels, region)
    return np.asarray(
        cv2.warpAffine(
            plane,
            to_pixels,
            (region.width, region.height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        np.uint8,
    )


def _shrink(plane: Plane, to_source: Affine, region: Region) -> tuple[Plane, Affine]:
    """Halve the plane until a step on the canvas is less than two pixels of it, so that nothing is skipped."""
    if hypot(to_source[0, 0], to_source[1, 0]) > _LONGEST_STEP:
        plane, to_source = _seen_part(plane, to_source, region)
    while hypot(to_source[0, 0], to_source[1, 0]) > _LONGEST_STEP and min(plane.shape) > 1:
        height, width = plane.shape
        smaller = (max(1, (width + 1) // 2), max(1, (height + 1) // 2))
        plane = np.asarray(cv2.resize(plane, smaller, interpolation=cv2.INTER_AREA), np.uint8)
        to_source = to_source * np.array([[smaller[0] / width], [smaller[1] / height]])
    return plane, to_source


_LONGEST_STEP = 1.99
_GRID = 64
"""Cuts begin at multiples of it, so that halving meets the same pixels wherever the cut is."""


def _seen_part(plane: Plane, to_source: Affine, region: Region) -> tuple[Plane, Affine]:
    """The part of the plane that the region shows, with room for interpolation, and the map to it."""
    right, bottom = region.x + region.width, region.y + region.height
    corners = np.array([[region.x, right, region.x, right], [region.y, region.y, bottom, bottom], [1, 1, 1, 1]])
    at = to_source @ corners
    left, top = (max(0, int(low) // _GRID - 1) * _GRID for low in at.min(axis=1))
    right, bottom = ((int(high) // _GRID + 2) * _GRID for high in at.max(axis=1))
    if left >= min(right, plane.shape[1]) or top >= min(bottom, plane.shape[0]):
        return plane, to_source
    return plane[top:bottom, left:right], to_source - np.array([[0, 0, left], [0, 0, top]])


def _index_map(to_source: Affine, region: Region) -> Affine:
    """From indices in the region to indices in the plane, both of which count from pixel centres."""
    at = to_source[:, :2] @ np.array([region.x + 0.5, region.y + 0.5]) + to_source[:, 2] - 0.5
    return np.hstack([to_source[:, :2], at[:, None]])


def _whole_offset(to_pixels: Affine, plane: Plane, region: Region) -> tuple[int, int] | None:
    """Where the region lies in the plane when the map only shifts by whole pixels and stays inside."""
    x, y = round(to_pixels[0, 2]), round(to_pixels[1, 2])
    inside = x >= 0 and y >= 0 and x + region.width <= plane.shape[1] and y + region.height <= plane.shape[0]
    exact = np.array([[1, 0, x], [0, 1, y]])
    return (x, y) if inside and _is_close(to_pixels, exact, region) else None


def _is_whole_plane(to_pixels: Affine, plane: Plane, region: Region) -> bool:
    sx, sy = plane.shape[1] / region.width, plane.shape[0] / region.height
    return _is_close(to_pixels, np.array([[sx, 0, sx / 2 - 0.5], [0, sy, sy / 2 - 0.5]]), region)


@dataclass(frozen=True, slots=True)
class _Cut:
    """Along one axis, a run of source pixels that holds a wanted run of pixels when it is resized.

    Attributes:
        start: First source pixel; there are copies of the outermost one before 0 and behind the last.
        length: How many.
        skip: Pixels of the resized run before the wanted ones.
    """

    start: int
    length: int
    skip: int


def _cut(to_pixels: Affine, plane: Plane, region: Region) -> tuple[_Cut, _Cut] | None:
    """Where to cut the plane so that resizing the cut gives the region, or None where only warping does.

    Resizing takes a third of the time of warping, but begins at whole pixels. If it begins a few pixels earlier, one
    of these beginnings is as good as exact.
    """
    (sx, skew_x, x), (skew_y, sy, y) = to_pixels.tolist()
    if skew_x or skew_y or not (0.5 < sx < 2 and 0.5 < sy < 2):
        return None
    across, down = _cut_axis(sx, x, region.width, plane.shape[1]), _cut_axis(sy, y, region.height, plane.shape[0])
    return None if across is None or down is None else (across, down)


def _cut_axis(step: float, offset: float, wanted: int, size: int) -> _Cut | None:
    """The cut along one axis: ``step`` source pixels for each wanted one, the first at index ``offset``."""
    if not -wanted * step < offset < size:
        return None
    for skip in range(_MOST_SKIPPED):
        start = offset + 0.5 - (skip + 0.5) * step
        if abs(start - round(start)) <= _EXACT and start < size:
            return _Cut(round(start), ceil((skip + wanted) * step) + 2, skip)
    return None


_MOST_SKIPPED = 64
_EXACT = 1 / 64
"""Of a source pixel: what this moves a picture by is less than rounding its colours changes."""


def _resized(plane: Plane, cut: tuple[_Cut, _Cut], to_pixels: Affine, region: Region) -> Plane:
    across, down = cut
    large = cv2.resize(_part(plane, across, down), None, fx=1 / to_pixels[0, 0], fy=1 / to_pixels[1, 1])
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


def _is_close(a: Affine, b: Affine, region: Region) -> bool:
    """Whether two maps agree to a hundredth of a pixel all over the region."""
    far = np.array([region.width, region.height, 1])
    return bool((np.abs(a - b) @ far < 0.01).all())
