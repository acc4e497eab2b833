"""Mixing a picture into a canvas in place: with an opacity, through a mask, as light."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from render_core.effects.mask import half_mask
from render_core.effects.small import Triples, put_exact, small_yuv
from render_core.picture import BLACK_Y, WHITE_Y, Picture, Plane, rgb_matrix, yuv_matrix

Mix = Literal["normal", "screen"]


def blend(canvas: Picture, picture: Picture, opacity: float, mask: Plane | None = None) -> None:
    """Lay ``picture`` over ``canvas`` (same size) with an opacity of 0 … 1, only where ``mask`` covers."""
    if mask is None:
        _blend_evenly(canvas, picture, opacity)
    else:
        _blend_masked(canvas, picture, faded(mask, opacity))


def screened(canvas: Picture, picture: Picture) -> Picture:
    """The two pictures as light added on one screen: 1 − (1 − a)(1 − b) in each RGB channel (CSS ``screen``)."""
    if canvas.y.max() <= BLACK_Y:
        return picture
    a, b = small_yuv(canvas), small_yuv(picture)
    dark = cv2.multiply(cv2.transform(a, _TO_DARKNESS), cv2.transform(b, _TO_DARKNESS), scale=1 / 255)
    exact: Triples = np.asarray(cv2.transform(dark, _FROM_DARKNESS), np.uint8)
    small_luma = _screened_luma(cv2.extractChannel(a, 0), cv2.extractChannel(b, 0))
    out = Picture.blank(canvas.width, canvas.height)
    put_exact(out, exact, _screened_luma(canvas.y, picture.y), small_luma, BLACK_Y)
    return out


@dataclass(frozen=True, slots=True)
class Veil:
    """One colour with a coverage, ready to be laid over many frames.

    Attributes:
        kept: How much of what lies below stays, for luma and for chroma.
        added: The colour's part of luma, Cb and Cr.
    """

    kept: tuple[Plane, Plane]
    added: tuple[Plane, Plane, Plane]


def veil(color: tuple[int, int, int], mask: Plane) -> Veil:
    """One colour, as (Y, Cb, Cr) codes, that covers as the mask says."""
    half = half_mask(mask)
    y, u, v = (cv2.convertScaleAbs(m, alpha=code / 255) for m, code in zip((mask, half, half), color, strict=True))
    return Veil(
        (np.asarray(cv2.bitwise_not(mask), np.uint8), np.asarray(cv2.bitwise_not(half), np.uint8)),
        (np.asarray(y, np.uint8), np.asarray(u, np.uint8), np.asarray(v, np.uint8)),
    )


def lay(canvas: Picture, laid: Veil) -> None:
    """Lay a veil over ``canvas`` (same size)."""
    full, half = laid.kept
    for plane, kept, added in zip((canvas.y, canvas.u, canvas.v), (full, half, half), laid.added, strict=True):
        cv2.multiply(plane, kept, dst=plane, scale=1 / 255)
        cv2.add(plane, added, dst=plane)


def add_part(canvas: Picture, picture: Picture, mask: Plane) -> None:
    """Add the part of ``picture`` (same size) that the mask covers, where as much of ``canvas`` was taken away."""
    half = half_mask(mask)
    for plane, above, cover in ((canvas.y, picture.y, mask), (canvas.u, picture.u, half), (canvas.v, picture.v, half)):
        cv2.add(plane, cv2.multiply(above, cover, scale=1 / 255), dst=plane)


def tint(canvas: Picture, color: tuple[int, int, int], mask: Plane) -> None:
    """Lay one colour, as (Y, Cb, Cr) codes, over ``canvas`` where ``mask`` covers."""
    lay(canvas, veil(color, mask))


def union(a: Plane, b: Plane) -> Plane:
    """Coverage by either of two masks laid one over the other."""
    return np.asarray(cv2.bitwise_not(cv2.multiply(cv2.bitwise_not(a), cv2.bitwise_not(b), scale=1 / 255)), np.uint8)


def faded(mask: Plane, opacity: float) -> Plane:
    """A mask times an opacity."""
    return mask if opacity == 1 else np.asarray(cv2.convertScaleAbs(mask, alpha=opacity), np.uint8)


def _blend_evenly(canvas: Picture, picture: Picture, opacity: float) -> None:
    for below, above in ((canvas.y, picture.y), (canvas.u, picture.u), (canvas.v, picture.v)):
        cv2.addWeighted(above, opacity, below, 1 - opacity, 0, dst=below)


def _blend_masked(canvas: Picture, picture: Picture, mask: Plane) -> None:
    half = half_mask(mask)
    for below, above, cover in ((canvas.y, picture.y, mask), (canvas.u, picture.u, half), (canvas.v, picture.v, half)):
        kept = cv2.multiply(below, cv2.bitwise_not(cover), scale=1 / 255)
        cv2.add(kept, cv2.multiply(above, cover, scale=1 / 255), dst=below)


def _screened_luma(a: cv2.typing.MatLike, b: cv2.typing.MatLike) -> Plane:
    """The luma of two greys screened, less ``BLACK_Y``."""
    dark_a, dark_b = (cv2.addWeighted(luma, -1, luma, 0, WHITE_Y) for luma in (a, b))
    light = WHITE_Y - BLACK_Y
    dark = cv2.multiply(dark_a, dark_b, dst=dark_a, scale=1 / light)
    return np.asarray(cv2.addWeighted(dark, -1, dark, 0, light, dst=dark), np.uint8)


_WHITE = np.array([[0, 0, 0, 255]] * 3, np.float32)
_TO_DARKNESS = _WHITE - rgb_matrix()
_FROM_DARKNESS = np.hstack([-yuv_matrix()[:, :3], yuv_matrix() @ np.array([[255], [255], [255], [1]], np.float32)])
