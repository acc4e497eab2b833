"""Gaussian blur, done at a smaller size where it is wide: nobody sees the difference, and it costs a tenth."""

from dataclasses import dataclass

import cv2
import numpy as np

from render_core.geometry import Region
from render_core.picture import Picture, Plane
from render_core.sampling import Affine, sample, sample_plane

_SHRINKING = 1 / 12 + 1 / 6
"""Variance, in pixels of the smaller size, that shrinking (a box) and enlarging (a tent) add by themselves."""


@dataclass(frozen=True, slots=True)
class Soft:
    """A blurred picture at a smaller size: one of its pixels stands for ``factor`` × ``factor`` of the original."""

    picture: Picture
    factor: int

    def part(self, region: Region) -> Picture:
        """A part of the blurred picture at the original size, interpolated linearly; in scratch memory."""
        return sample(self.picture, self._to_small, region)

    def luma(self, region: Region) -> Plane:
        """The same of luma alone."""
        return sample_plane(self.picture.y, self._to_small, region, "soft luma")

    @property
    def _to_small(self) -> Affine:
        return np.array([[1, 0, 0], [0, 1, 0]]) / self.factor


def blurred(picture: Picture, sigma: float) -> Picture:
    """The picture blurred with a Gaussian of ``sigma`` luma pixels; edges are mirrored. No alpha."""
    return blurred_small(picture, sigma).part(Region(0, 0, picture.width, picture.height)).copy()


def blurred_small(picture: Picture, sigma: float) -> Soft:
    """The same, left at the size at which it was done: what is mixed into it costs less there."""
    factor = _factor(sigma, min(picture.width, picture.height) // 2)
    if picture.is_black:
        return Soft(Picture.black(*(2 * -(-side // (2 * factor)) for side in (picture.width, picture.height))), factor)
    luma = _soft(_padded(picture.y, 2 * factor), sigma, factor)
    u, v = (_soft(_padded(plane, factor), sigma / 2, factor) for plane in (picture.u, picture.v))
    return Soft(Picture(luma, u, v), factor)


def blurred_plane(plane: Plane, sigma: float) -> Plane:
    """One plane blurred with a Gaussian of ``sigma`` of its pixels."""
    height, width = plane.shape
    factor = _factor(sigma, min(width, height))
    return _enlarged(_soft(_padded(plane, factor), sigma, factor), factor, (width, height))


def _soft(plane: Plane, sigma: float, factor: int) -> Plane:
    """The plane smaller by ``factor``, blurred with ``sigma`` of its own pixels less what resizing does anyway."""
    small = plane
    for _ in range(factor.bit_length() - 1):
        # Halving is six times faster than one step by a larger or a broken factor.
        size = (small.shape[1] // 2, small.shape[0] // 2)
        small = np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_AREA), np.uint8)
    variance = (sigma / factor) ** 2 - (_SHRINKING if factor > 1 else 0)
    if variance < 0.04:
        return small.copy()
    return np.asarray(cv2.GaussianBlur(small, (0, 0), variance**0.5, borderType=cv2.BORDER_REFLECT), np.uint8)


def _padded(plane: Plane, multiple: int) -> Plane:
    """The plane with its last row and column repeated until both sides are multiples."""
    bottom, right = -plane.shape[0] % multiple, -plane.shape[1] % multiple
    if not bottom and not right:
        return plane
    return np.asarray(cv2.copyMakeBorder(plane, 0, bottom, 0, right, cv2.BORDER_REPLICATE), np.uint8)


def _enlarged(plane: Plane, factor: int, size: tuple[int, int]) -> Plane:
    if factor == 1:
        return plane[: size[1], : size[0]]
    whole = (plane.shape[1] * factor, plane.shape[0] * factor)
    return np.asarray(cv2.resize(plane, whole), np.uint8)[: size[1], : size[0]]


def _factor(sigma: float, shortest: int) -> int:
    """The largest power of two that leaves at least 1.5 pixels of sigma and 8 pixels of picture."""
    factor = 1
    while sigma / (factor * 2) >= 1.5 and shortest // (factor * 2) >= 8:
        factor *= 2
    return factor
