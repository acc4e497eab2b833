"""Mixing a picture into a canvas in place: with an opacity, through a mask, as light."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from render_core.effects.mask import half_mask
from render_core.effects.small import put_exact, small, transformed
from render_core.picture import BLACK_Y, WHITE_Y, Picture, Plane, rgb_matrix, yuv_matrix
from render_core.scratch import scratch, scratch_picture

Mix = Literal["normal", "screen"]


def blend(canvas: Picture, picture: Picture, opacity: float, mask: Plane | None = None) -> None:
    """Lay ``picture`` over ``canvas`` (same size) with an opacity of 0 … 1, only where ``mask`` covers."""
    if mask is None:
        _blend_evenly(canvas, picture, opacity)
    else:
        _blend_masked(canvas, picture, faded(mask, opacity))


def screened(canvas: Picture, picture: Picture) -> Picture:
    """The two pictures as light added on one screen: 1 − (1 − a)(1 − b) in each RGB channel (CSS ``screen``).

    It lies in scratch memory.
    """
    a, b = small(canvas, "screened below"), small(picture, "screened above")
    dark = transformed(a.yuv, _TO_DARKNESS, "darkness")
    cv2.multiply(dark, transformed(b.yuv, _TO_DARKNESS, "darkness above"), dst=dark, scale=1 / 255)
    exact = transformed(dark, _FROM_DARKNESS, "exact")
    small_luma = _screened_luma(a.luma, b.luma, "small screened")
    out = scratch_picture("screened", canvas.width, canvas.height)
    put_exact(out, exact, _screened_luma(canvas.y, picture.y, "screened luma"), small_luma)
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

    def rows(self, rows: slice) -> "Veil":
        """The part of it that lies over some rows of luma, an even number of them."""
        half = slice(rows.start // 2, rows.stop // 2)
        (full_kept, half_kept), (y, u, v) = self.kept, self.added
        return Veil((full_kept[rows], half_kept[half]), (y[rows], u[half], v[half]))


def veil(color: tuple[int, int, int], mask: Plane) -> Veil:
    """One colour, as (Y, Cb, Cr) codes, that covers as the mask says."""
    half = half_mask(mask)
    y, u = _scaled(mask, color[0]), _scaled(half, color[1])
    v = u if color[1] == color[2] else _scaled(half, color[2])
    return Veil((np.asarray(cv2.bitwise_not(mask), np.uint8), np.asarray(cv2.bitwise_not(half), np.uint8)), (y, u, v))


def _scaled(mask: Plane, code: int) -> Plane:
    return np.asarray(cv2.convertScaleAbs(mask, alpha=code / 255), np.uint8)


def lay(canvas: Picture, laid: Veil) -> None:
    """Lay a veil over ``canvas`` (same size)."""
    for rows, band in canvas.bands():
        part = laid.rows(rows)
        full, half = part.kept
        for plane, kept, added in zip(band.planes, (full, half, half), part.added, strict=True):
            cv2.multiply(plane, kept, dst=plane, scale=1 / 255)
            cv2.add(plane, added, dst=plane)


def add_part(canvas: Picture, picture: Picture, mask: Plane) -> None:
    """Add the part of ``picture`` (same size) that the mask covers, where as much of ``canvas`` was taken away."""
    half = half_mask(mask)
    for plane, above, cover in zip(canvas.planes, picture.planes, (mask, half, half), strict=True):
        part = scratch("part", *cover.shape)
        cv2.add(plane, cv2.multiply(above, cover, dst=part, scale=1 / 255), dst=plane)


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
    for below, above in zip(canvas.planes, picture.planes, strict=True):
        cv2.addWeighted(above, opacity, below, 1 - opacity, 0, dst=below)


def _blend_masked(canvas: Picture, picture: Picture, mask: Plane) -> None:
    half = half_mask(mask)
    for below, above, cover in zip(canvas.planes, picture.planes, (mask, half, half), strict=True):
        part = scratch("blended", *cover.shape)
        cv2.multiply(below, cv2.bitwise_not(cover, dst=part), dst=below, scale=1 / 255)
        cv2.add(below, cv2.multiply(above, cover, dst=part, scale=1 / 255), dst=below)


def _screened_luma(a: Plane, b: Plane, name: str) -> Plane:
    """The luma of two greys screened, less ``BLACK_Y``, in scratch memory of this name."""
    dark, above = scratch(name, *a.shape), scratch(f"{name} above", *a.shape)
    light = WHITE_Y - BLACK_Y
    cv2.multiply(_darkness(a, dark), _darkness(b, above), dst=dark, scale=1 / light)
    return np.asarray(cv2.subtract(np.full_like(dark, light), dark, dst=dark), np.uint8)


def _darkness(luma: Plane, out: Plane) -> Plane:
    return np.asarray(cv2.subtract(np.full_like(luma, WHITE_Y), luma, dst=out), np.uint8)


_WHITE = np.array([[0, 0, 0, 255]] * 3, np.float32)
_TO_DARKNESS = _WHITE - rgb_matrix()
_FROM_DARKNESS = np.hstack([-yuv_matrix()[:, :3], yuv_matrix() @ np.array([[255], [255], [255], [1]], np.float32)])
