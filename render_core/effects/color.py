"""CSS picture filters on YUV planes: one table for luma, one for both chroma planes."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from render_core.picture import Picture, Plane


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """CSS ``brightness()``, then ``contrast()``, then ``saturate()``; 1 leaves the picture as it is.

    In BT.709 these are exact per plane as long as no channel is clamped: luma' = c·b·luma + offset and
    chroma' = s·c·b·chroma about its middle. Luma is clamped after each step, as CSS does with each channel.
    """

    brightness: float = 1.0
    contrast: float = 1.0
    saturation: float = 1.0


PLAIN = Look()


def apply_look(source: Picture, look: Look, out: Picture) -> None:
    """Write ``source`` as seen through ``look`` into the planes of ``out`` (same size; alpha is not touched)."""
    if look == PLAIN:
        for plane, target in _pairs(source, out):
            np.copyto(target, plane)
        return
    luma, chroma = _tables(look)
    cv2.LUT(source.y, luma, dst=out.y)
    cv2.LUT(source.u, chroma, dst=out.u)
    cv2.LUT(source.v, chroma, dst=out.v)


def _pairs(source: Picture, out: Picture) -> tuple[tuple[Plane, Plane], ...]:
    return (source.y, out.y), (source.u, out.u), (source.v, out.v)


@lru_cache(maxsize=64)
def _tables(look: Look) -> tuple[Plane, Plane]:
    """Tables of 256 entries for luma and chroma, uint8."""
    codes = np.arange(256, dtype=np.float64)
    light = np.clip((codes - 16) / 219, 0, 1)
    light = np.clip(light * look.brightness, 0, 1)
    light = np.clip((light - 0.5) * look.contrast + 0.5, 0, 1)
    gain = look.brightness * look.contrast * look.saturation
    chroma = np.clip((codes - 128) * gain + 128, 0, 255)
    return np.round(light * 219 + 16).astype(np.uint8), np.round(chroma).astype(np.uint8)
