"""Gaussian blur, done at a smaller size where it is wide: nobody sees the difference, and it costs a tenth."""

import cv2
import numpy as np

from render_core.picture import Picture, Plane

_SHRINKING = 1 / 12 + 1 / 6
"""Variance, in pixels of the smaller size, that shrinking (a box) and enlarging (a tent) add by themselves."""


def blurred(picture: Picture, sigma: float) -> Picture:
    """The picture blurred with a Gaussian of ``sigma`` luma pixels; edges are mirrored. No alpha."""
    return enlarged(blurred_small(picture, sigma), picture.width, picture.height)


def blurred_small(picture: Picture, sigma: float) -> Picture:
    """The same, left at the smaller size at which it was done; sides are even."""
    factor = _factor(sigma, min(picture.width, picture.height) // 2)
    half = max(1, round(picture.width / factor / 2)), max(1, round(picture.height / factor / 2))
    whole = half[0] * 2, half[1] * 2
    return Picture(
        _soft(picture.y, sigma / factor, whole),
        _soft(picture.u, sigma / factor / 2, half),
        _soft(picture.v, sigma / factor / 2, half),
    )


def enlarged(picture: Picture, width: int, height: int) -> Picture:
    """The picture at another size, interpolated linearly. No alpha."""
    half = width // 2, height // 2
    return Picture(_resized(picture.y, (width, height)), _resized(picture.u, half), _resized(picture.v, half))


def blurred_plane(plane: Plane, sigma: float) -> Plane:
    """One plane blurred with a Gaussian of ``sigma`` of its pixels."""
    height, width = plane.shape
    factor = _factor(sigma, min(width, height))
    small = (max(1, round(width / factor)), max(1, round(height / factor)))
    return _resized(_soft(plane, sigma / factor, small), (width, height))


def _soft(plane: Plane, sigma: float, size: tuple[int, int]) -> Plane:
    """The plane at ``size``, blurred with ``sigma`` pixels of that size less what resizing does anyway."""
    is_smaller = size != (plane.shape[1], plane.shape[0])
    small = cv2.resize(plane, size, interpolation=cv2.INTER_AREA) if is_smaller else plane
    variance = sigma * sigma - (_SHRINKING if is_smaller else 0)
    if variance < 0.04:
        return np.asarray(small, np.uint8).copy()
    return np.asarray(cv2.GaussianBlur(small, (0, 0), variance**0.5, borderType=cv2.BORDER_REFLECT), np.uint8)


def _resized(plane: Plane, size: tuple[int, int]) -> Plane:
    same = size == (plane.shape[1], plane.shape[0])
    return plane if same else np.asarray(cv2.resize(plane, size), np.uint8)


def _factor(sigma: float, shortest: int) -> int:
    """The largest power of two that leaves at least 1.5 pixels of sigma and 8 pixels of picture."""
    factor = 1
    while sigma / (factor * 2) >= 1.5 and shortest // (factor * 2) >= 8:
        factor *= 2
    return factor
