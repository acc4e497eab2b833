"""Colour arithmetic that belongs in RGB, done at the size that chroma has: a quarter of the pixels.

Luma is computed at full size from luma alone, which is right for greys, and then shifted by what was wrong with that,
known at the size of chroma.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from render_core.effects.mask import half_mask
from render_core.picture import Picture, Plane

Triples = NDArray[np.uint8]
"""Shape (height / 2, width / 2, 3), uint8: the three channels of each pixel side by side."""

_NO_SHIFT = 128


def small_yuv(picture: Picture) -> Triples:
    """The picture's Y, Cb, Cr at the size of its chroma."""
    return np.asarray(cv2.merge([half_mask(picture.y), picture.u, picture.v]), np.uint8)


def put_exact(out: Picture, exact: Triples, luma: Plane, small_luma: Plane, black: int) -> None:
    """Write luma, corrected, and chroma into the planes of ``out``.

    Args:
        out: Where to.
        exact: The right Y, Cb, Cr at the size of chroma.
        luma: Luma computed from luma alone, less ``black``.
        small_luma: The same computed at the size of chroma.
        black: The least luma there can be; leaving it out of ``luma`` clamps darker values on the way.
    """
    small, u, v = cv2.split(exact)
    shift = cv2.addWeighted(small, 1, small_luma, -1, _NO_SHIFT - black)
    cv2.addWeighted(luma, 1, _doubled(shift), 1, black - _NO_SHIFT, dst=out.y)
    np.copyto(out.u, u)
    np.copyto(out.v, v)


def _doubled(plane: cv2.typing.MatLike) -> cv2.typing.MatLike:
    """Each pixel four times: an eighth of the time of interpolation, and shifts are small."""
    height, width = plane.shape
    return np.repeat(cv2.merge([plane, plane]).reshape(height, 2 * width), 2, axis=0)
