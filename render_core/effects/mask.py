"""Coverage of boxes with sharp or round corners, antialiased from exact distances."""

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
    for row in np.flatnonzero(rows < 1):
        mask[row] = np.round(columns * (rows[row] * 255))
    if min(radii) >= 0.5:
        _round_corners(mask, box, radii, region)
    return mask


def _round_corners(mask: Plane, box: Box, radii: tuple[float, float], region: Region) -> None:
    """Write the four corners over the mask: only they need distances, which are dear."""
    rx, ry = min(radii[0], box.width / 2), min(radii[1], box.height / 2)
    x_spans = ((box.left, box.left + rx), (box.right - rx, box.right))
    y_spans = ((box.top, box.top + ry), (box.bottom - ry, box.bottom))
    for left, right in x_spans:
        for top, bottom in y_spans:
            corner = _pixels_between(left, top, right, bottom).clipped(region)
            if not corner.is_empty:
                outside = distance_outside(box, radii, corner)
                rows, columns = corner.slices(region)
                mask[rows, columns] = cv2.convertScaleAbs(np.clip(0.5 - outside, 0, 1), alpha=255)


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
    dx = _beyond(region.x, region.width, x, box.width / 2 - rx)[None, :]
    dy = _beyond(region.y, region.height, y, box.height / 2 - ry)[:, None]
    if rx == ry:
        return np.asarray(np.sqrt(dx * dx + dy * dy) - np.float32(rx), np.float32)
    level = np.sqrt(np.square(dx / rx) + np.square(dy / ry))
    steepness = np.sqrt(np.square(dx / rx**2) + np.square(dy / ry**2))
    return np.asarray((level - 1) * level / np.maximum(steepness, 1e-6), np.float32)


def half_mask(mask: Plane) -> Plane:
    """The same coverage for chroma: means of 2×2 pixels."""
    size = (mask.shape[1] // 2, mask.shape[0] // 2)
    return np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.uint8)


def _beyond(start: int, count: int, centre: float, half: float) -> NDArray[np.float32]:
    positions = np.arange(start, start + count, dtype=np.float64) + 0.5
    return np.asarray(np.maximum(np.abs(positions - centre) - half, 0), np.float32)


def _overlap(low: float, high: float, start: int, count: int) -> NDArray[np.float32]:
    edges = np.arange(start, start + count, dtype=np.float64)
    covered = np.clip(np.minimum(edges + 1, high) - np.maximum(edges, low), 0, 1)
    return np.asarray(covered, np.float32)
