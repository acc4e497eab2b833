"""Coverage of boxes with sharp or round corners, antialiased from exact distances."""

from collections.abc import Iterator
from math import ceil, floor

import cv2
import numpy as np
from numpy.typing import NDArray

from render_core.geometry import Box, Region
from render_core.picture import Plane


def box_mask(box: Box, radii: tuple[float, float], region: Region) -> Plane:
    """How much of each pixel a box with elliptic corners covers.

    Args:
        box: In canvas pixels.
        radii: Of the corners, horizontal and vertical, in pixels; half the sides make an ellipse of the box.
        region: The pixels asked for.

    Returns:
        Shape (region.height, region.width), uint8, 0 … 255.
    """
    rows = _overlap(box.top, box.bottom, region.y, region.height)
    columns = _overlap(box.left, box.right, region.x, region.width)
    mask = np.empty((region.height, region.width), np.uint8)
    mask[:] = np.round(columns * 255)
    mask[rows == 0] = 0
    for row in np.flatnonzero((rows > 0) & (rows < 1)):
        mask[row] = np.round(columns * (rows[row] * 255))
    _round_corners(mask, box, radii, region)
    return mask


def edge_distance(box: Box, radii: tuple[float, float], region: Region) -> NDArray[np.float32]:
    """How far each pixel's centre lies outside a box with elliptic corners: from it come masks of several insets.

    Returns:
        Shape (region.height, region.width), float32; exact near the edge, negative inside.
    """
    x, y = box.centre
    across = _from(region.x, region.width, x) - box.width / 2
    down = _from(region.y, region.height, y) - box.height / 2
    distance = np.maximum(across.astype(np.float32)[None, :], down.astype(np.float32)[:, None])
    for corner in _corners(box, radii, region):
        distance[corner.slices(region)] = distance_outside(box, radii, corner)
    return distance


def covered(distance: NDArray[np.float32], inset: float = 0.0) -> Plane:
    """Coverage, 0 … 255, of what lies at least ``inset`` pixels inside an edge."""
    return np.asarray(cv2.addWeighted(distance, -255, distance, 0, 127.5 - 255 * inset, dtype=cv2.CV_8U), np.uint8)


def _round_corners(mask: Plane, box: Box, radii: tuple[float, float], region: Region) -> None:
    """Write the four corners over the mask: only they need distances, which are dear."""
    for corner in _corners(box, radii, region):
        mask[corner.slices(region)] = covered(distance_outside(box, radii, corner))


def _corners(box: Box, radii: tuple[float, float], region: Region) -> Iterator[Region]:
    """The pixels of the region that lie in round corners."""
    rx, ry = min(radii[0], box.width / 2), min(radii[1], box.height / 2)
    if min(rx, ry) < 0.5:
        return
    for left, right in _round_spans(box.left, box.right, rx):
        for top, bottom in _round_spans(box.top, box.bottom, ry):
            corner = _pixels_between(left, top, right, bottom).clipped(region)
            if not corner.is_empty:
                yield corner


def _round_spans(low: float, high: float, radius: float) -> tuple[tuple[float, float], ...]:
    """Where along an axis the corners are; one stretch where they meet."""
    return ((low, high),) if 2 * radius >= high - low else ((low, low + radius), (high - radius, high))


def _pixels_between(left: float, top: float, right: float, bottom: float) -> Region:
    x, y = floor(left), floor(top)
    return Region(x, y, ceil(right) - x, ceil(bottom) - y)


def distance_outside(box: Box, radii: tuple[float, float], region: Region) -> NDArray[np.float32]:
    """How far each pixel's centre lies outside a box with elliptic corners, in pixels; negative inside.

    Exact for round corners; for elliptic ones to first order (value over gradient) near the edge, which is where it
    counts. Deep inside it only stays negative.

    Returns:
        Shape (region.height, region.width), float32.
    """
    rx, ry = min(radii[0], box.width / 2), min(radii[1], box.height / 2)
    x, y = box.centre
    dx2 = np.square(_beyond(region.x, region.width, x, box.width / 2 - rx))[None, :]
    dy2 = np.square(_beyond(region.y, region.height, y, box.height / 2 - ry))[:, None]
    if rx == ry:
        return np.asarray(cv2.sqrt(dx2 + dy2), np.float32) - np.float32(rx)
    value = dx2 / rx**2 + dy2 / ry**2 + np.float32(1e-6)  # at the very centre nothing else is left
    steepness = cv2.sqrt(dx2 / rx**4 + dy2 / ry**4 + np.float32(1e-12))
    return np.asarray(cv2.divide(value - cv2.sqrt(value), steepness), np.float32)


def half_mask(mask: Plane) -> Plane:
    """The same coverage for chroma: means of 2×2 pixels."""
    size = (mask.shape[1] // 2, mask.shape[0] // 2)
    return np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.uint8)


def _beyond(start: int, count: int, centre: float, half: float) -> NDArray[np.float32]:
    return np.asarray(np.maximum(_from(start, count, centre) - half, 0), np.float32)


def _from(start: int, count: int, centre: float) -> NDArray[np.float64]:
    """How far the centres of ``count`` pixels are from a point on their axis."""
    return np.abs(np.arange(start, start + count, dtype=np.float64) + (0.5 - centre))


def _overlap(low: float, high: float, start: int, count: int) -> NDArray[np.float32]:
    edges = np.arange(start, start + count, dtype=np.float64)
    covered = np.clip(np.minimum(edges + 1, high) - np.maximum(edges, low), 0, 1)
    return np.asarray(covered, np.float32)
