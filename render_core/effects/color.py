"""CSS picture filters on YUV planes, with the clamps of RGB where colours are strong."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from render_core.picture import Picture, Plane, rgb_matrix, yuv_matrix

_SATURATE = np.array([0.213, 0.715, 0.072])
"""Luminance weights of CSS ``saturate()`` (Filter Effects 1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """CSS ``brightness()``, then ``contrast()``, then ``saturate()``; 1 leaves the picture as it is."""

    brightness: float = 1.0
    contrast: float = 1.0
    saturation: float = 1.0


PLAIN = Look()


def apply_look(source: Picture, look: Look, out: Picture) -> None:
    """Write ``source`` as seen through ``look`` into the planes of ``out`` (same size; alpha is not touched).

    CSS clamps each RGB channel after each step, which turns strong highlights white. So chroma is computed in RGB, at
    the size chroma has; luma comes from a table at full size, plus what the clamps changed, enlarged from that size.
    """
    if look == PLAIN:
        for plane, target in _pairs(source, out):
            np.copyto(target, plane)
        return
    tables = _tables(look)
    small = cv2.resize(source.y, (source.u.shape[1], source.u.shape[0]), interpolation=cv2.INTER_AREA)
    rgb = cv2.LUT(cv2.transform(cv2.merge([small, source.u, source.v]), rgb_matrix()), tables.light)
    exact = cv2.transform(rgb, tables.to_yuv)
    cv2.LUT(source.y, tables.luma, dst=out.y)
    _correct_luma(out.y, cv2.LUT(small, tables.luma), cv2.extractChannel(exact, 0))
    cv2.extractChannel(exact, 1, dst=out.u)
    cv2.extractChannel(exact, 2, dst=out.v)


@dataclass(frozen=True, slots=True)
class _Tables:
    """What a look does.

    Attributes:
        luma: Brightness and contrast on luma codes, shape (256,), uint8.
        light: Brightness and contrast on a channel of full-range RGB, shape (256,), uint8.
        to_yuv: Saturation, then RGB to YUV, shape (3, 4), float32.
    """

    luma: Plane
    light: Plane
    to_yuv: NDArray[np.float32]


def _correct_luma(luma: Plane, by_table: cv2.typing.MatLike, exact: cv2.typing.MatLike) -> None:
    """Shift luma by the difference between the table's and the exact values, known at the size of chroma."""
    shift = cv2.addWeighted(exact, 1, by_table, -1, _NO_SHIFT)
    enlarged = cv2.resize(shift, (luma.shape[1], luma.shape[0]))
    cv2.addWeighted(luma, 1, enlarged, 1, -_NO_SHIFT, dst=luma)


_NO_SHIFT = 128


def _pairs(source: Picture, out: Picture) -> tuple[tuple[Plane, Plane], ...]:
    return (source.y, out.y), (source.u, out.u), (source.v, out.v)


@lru_cache(maxsize=64)
def _tables(look: Look) -> _Tables:
    codes = np.arange(256, dtype=np.float64)
    luma = _lit(np.clip((codes - 16) / 219, 0, 1), look) * 219 + 16
    light = _lit(codes / 255, look) * 255
    saturate = _SATURATE + look.saturation * (np.eye(3) - _SATURATE)
    matrix = yuv_matrix()
    to_yuv = np.hstack([matrix[:, :3] @ saturate, matrix[:, 3:]]).astype(np.float32)
    return _Tables(np.round(luma).astype(np.uint8), np.round(light).astype(np.uint8), to_yuv)


def _lit(light: NDArray[np.float64], look: Look) -> NDArray[np.float64]:
    bright = np.clip(light * look.brightness, 0, 1)
    return np.clip((bright - 0.5) * look.contrast + 0.5, 0, 1)
