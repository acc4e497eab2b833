"""CSS picture filters on YUV planes, with the clamps of RGB where colours are strong."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from render_core.effects.small import put_exact, small_yuv
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

    CSS clamps each RGB channel after each step, which turns strong highlights white, so it is done in RGB: see
    ``render_core.effects.small``.
    """
    if look == PLAIN:
        for plane, target in _pairs(source, out):
            np.copyto(target, plane)
        return
    steps = _steps(look)
    small = small_yuv(source)
    exact = cv2.transform(cv2.transform(small, steps.to_light), steps.to_yuv)
    small_luma = steps.tone.of(cv2.extractChannel(small, 0))
    put_exact(out, np.asarray(exact, np.uint8), steps.tone.of(source.y), small_luma, steps.tone.black)


@dataclass(frozen=True, slots=True)
class _Tone:
    """Brightness and contrast on luma codes: a line between two clamps.

    Attributes:
        slope: Of the line.
        start: Its value at code 0.
        black: The lower clamp.
        white: The upper one.
    """

    slope: float
    start: float
    black: int
    white: int

    def of(self, luma: cv2.typing.MatLike) -> Plane:
        """The luma codes, less ``black``."""
        line = cv2.addWeighted(luma, self.slope, luma, 0, self.start - self.black)
        return np.asarray(cv2.threshold(line, self.white - self.black, 255, cv2.THRESH_TRUNC, dst=line)[1], np.uint8)


@dataclass(frozen=True, slots=True)
class _Steps:
    """What a look does.

    Attributes:
        tone: Brightness and contrast on luma.
        to_light: YUV to RGB with everything up to the clamp that counts, shape (3, 4), float32.
        to_yuv: What follows that clamp, and RGB to YUV, shape (3, 4), float32.
    """

    tone: _Tone
    to_light: NDArray[np.float32]
    to_yuv: NDArray[np.float32]


def _pairs(source: Picture, out: Picture) -> tuple[tuple[Plane, Plane], ...]:
    return (source.y, out.y), (source.u, out.u), (source.v, out.v)


@lru_cache(maxsize=64)
def _steps(look: Look) -> _Steps:
    """Only one clamp counts: contrast above 1 clamps what brightness clamps and more, and below 1 it clamps nothing."""
    strong, weak = max(look.contrast, 1.0), min(look.contrast, 1.0)
    to_light = rgb_matrix() * (look.brightness * strong)
    to_light[:, 3] += 127.5 * (1 - strong)
    saturate = _SATURATE + look.saturation * (np.eye(3) - _SATURATE)
    matrix = yuv_matrix()
    grey = matrix[:, :3].sum(axis=1) * (127.5 * (1 - weak)) + matrix[:, 3]
    to_yuv = np.hstack([matrix[:, :3] @ saturate * weak, grey[:, None]])
    return _Steps(_tone(look), to_light.astype(np.float32), to_yuv.astype(np.float32))


def _tone(look: Look) -> _Tone:
    slope, middle = look.brightness * look.contrast, 109.5 * (1 - look.contrast)
    black, white = _lit(0, look), _lit(1, look)
    return _Tone(slope, 16 * (1 - slope) + middle, round(black * 219 + 16), round(white * 219 + 16))


def _lit(light: float, look: Look) -> float:
    """The least and the most light there is, through contrast."""
    return min(1.0, max(0.0, (light - 0.5) * look.contrast + 0.5))
