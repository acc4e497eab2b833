"""Colour arithmetic that belongs in RGB, done at the size that chroma has: a quarter of the pixels.

Luma is computed at full size from luma alone, which is right for greys, and then shifted by what was wrong with that,
known at the size of chroma.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from render_core.picture import Picture, Plane
from render_core.scratch import scratch

Triples = NDArray[np.uint8]
"""Shape (height / 2, width / 2, 3), uint8: the three channels of each pixel side by side."""


@dataclass(frozen=True, slots=True)
class Small:
    """A picture at the size of its chroma.

    Attributes:
        luma: Its luma alone.
        yuv: Y, Cb, Cr.
    """

    luma: Plane
    yuv: Triples


def small(picture: Picture, name: str = "small") -> Small:
    """The picture at the size of its chroma, in scratch memory of this name."""
    height, width = picture.u.shape
    luma = scratch(f"{name} luma", height, width)
    cv2.resize(picture.y, (width, height), dst=luma, interpolation=cv2.INTER_AREA)
    yuv = cv2.merge([luma, picture.u, picture.v], dst=scratch(f"{name} yuv", height, width, 3))
    return Small(luma, np.asarray(yuv, np.uint8))


def transformed(triples: Triples, matrix: NDArray[np.float32], name: str) -> Triples:
    """Each triple times a matrix of shape (3, 4), clamped, in scratch memory of this name."""
    return np.asarray(cv2.transform(triples, matrix, dst=scratch(name, *triples.shape)), np.uint8)


def put_exact(out: Picture, exact: Triples, luma: Plane, small_luma: Plane) -> None:
    """Write luma, corrected, and chroma into the planes of ``out``.

    Args:
        out: Where to.
        exact: The right Y, Cb, Cr at the size of chroma.
        luma: Luma computed from luma alone. It may be short of a constant, so that darker values were clamped on the
            way: the correction brings it back.
        small_luma: The same computed at the size of chroma.
    """
    shape = small_luma.shape
    right, shift = scratch("right luma", *shape), scratch("shift", *shape)
    cv2.split(exact, [right, out.u, out.v])
    _add_doubled(luma, np.asarray(cv2.subtract(right, small_luma, dst=shift), np.uint8), out.y, cv2.add)
    if cv2.countNonZero(cv2.subtract(small_luma, right, dst=shift)):
        _add_doubled(out.y, shift, out.y, cv2.subtract)


def _add_doubled(luma: Plane, shift: Plane, out: Plane, operation: Callable[..., object]) -> None:
    """Add to ``luma`` each pixel of ``shift`` four times: a sixth of the time of interpolating; shifts are small."""
    height, width = shift.shape
    wide = np.asarray(cv2.merge([shift, shift], dst=scratch("doubled", height, width, 2))).reshape(height, 2 * width)
    for rows in (slice(0, None, 2), slice(1, None, 2)):
        operation(luma[rows], wide, dst=out[rows])
