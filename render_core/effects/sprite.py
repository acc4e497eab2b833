"""Pictures with alpha made ready to be laid over many frames, at any size, without fringes at their edges."""

import cv2
import numpy as np

from render_core.effects.blend import Veil
from render_core.effects.mask import half_mask
from render_core.picture import Picture, Plane


def sprite_of(picture: Picture, opacity: float = 1.0) -> Veil:
    """What a picture adds and leaves: colour times alpha, so that clear pixels have no colour to leak.

    Args:
        picture: With straight alpha, or without.
        opacity: 0 … 1.
    """
    covered = np.full_like(picture.y, 255) if picture.alpha is None else picture.alpha
    mask = np.asarray(cv2.convertScaleAbs(covered, alpha=opacity), np.uint8)
    half = half_mask(mask)
    y, u, v = (
        np.asarray(cv2.multiply(plane, cover, scale=1 / 255), np.uint8)
        for plane, cover in ((picture.y, mask), (picture.u, half), (picture.v, half))
    )
    return Veil((np.asarray(cv2.bitwise_not(mask), np.uint8), np.asarray(cv2.bitwise_not(half), np.uint8)), (y, u, v))


def sprite_resized(sprite: Veil, width: int, height: int) -> Veil:
    """The same at another size (width, height), even; each pixel is the mean of what it covers."""
    half = width // 2, height // 2
    full, small = sprite.kept
    y, u, v = sprite.added
    return Veil(
        (_resized(full, (width, height)), _resized(small, half)),
        (_resized(y, (width, height)), _resized(u, half), _resized(v, half)),
    )


def columns_of(sprite: Veil, start: int, stop: int) -> Veil:
    """A view of some columns, even ones."""
    luma, chroma = slice(start, stop), slice(start // 2, stop // 2)
    (full, half), (y, u, v) = sprite.kept, sprite.added
    return Veil((full[:, luma], half[:, chroma]), (y[:, luma], u[:, chroma], v[:, chroma]))


def _resized(plane: Plane, size: tuple[int, int]) -> Plane:
    is_smaller = plane.shape[1] >= size[0] and plane.shape[0] >= size[1]
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA if is_smaller else cv2.INTER_LINEAR))
