"""CSS picture filters on YUV planes, with the clamps of RGB where colours are strong."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from render_core.effects.small import put_exact, small, transformed
from render_core.picture import BLACK_Y, MID_CHROMA, Picture, Plane, rgb_matrix, yuv_matrix
from render_core.scratch import scratch

_SATURATE = np.array([0.213, 0.715, 0.072])
"""Luminance weights of CSS ``saturate()`` (Filter Effects 1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """CSS ``brightness()``, then ``contrast()``, then ``saturate()``; 1 leaves the picture as it is."""

    brightness: float = 1.0
    contrast: float = 1.0
    saturation: float = 1.0


PLAIN = Look()


def apply_look(source: Picture, look: Look, out: Picture, opacity: float = 1.0) -> None:
    """Write ``source`` as seen through ``look`` into the planes of ``out`` (same size; alpha is not touched).

    CSS clamps each RGB channel after each step, which turns strong highlights white, so it is done in RGB: see
    ``render_core.effects.small``.

    Args:
        source: What is seen.
        look: Through what.
        out: Where to write.
        opacity: Less than 1 dims the result as if it lay on black.
    """
    for rows, band in source.bands():
        target = out.region(0, rows.start, out.width, rows.stop - rows.start)
        if look == PLAIN:
            _dim(band, target, opacity)
        else:
            _look_at(band, _steps(look, opacity), target)


def _dim(source: Picture, out: Picture, opacity: float) -> None:
    for plane, target, black in zip(source.planes, out.planes, (BLACK_Y, MID_CHROMA, MID_CHROMA), strict=True):
        if opacity < 1:
            cv2.addWeighted(plane, opacity, plane, 0, black * (1 - opacity), dst=target)
        else:
            np.copyto(target, plane)


def _look_at(source: Picture, steps: "_Steps", out: Picture) -> None:
    seen = small(source)
    light = transformed(seen.yuv, steps.to_light, "light")
    color = light if steps.to_color is None else transformed(light, steps.to_color, "color")
    exact = transformed(color, steps.to_yuv, "exact")
    put_exact(out, exact, steps.tone.of(source.y, "tone"), steps.tone.of(seen.luma, "small tone"))


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

    def of(self, luma: Plane, name: str) -> Plane:
        """The luma codes, less ``black``, in scratch memory of this name."""
        line = cv2.addWeighted(luma, self.slope, luma, 0, self.start - self.black, dst=scratch(name, *luma.shape))
        return np.asarray(cv2.threshold(line, self.white - self.black, 255, cv2.THRESH_TRUNC, dst=line)[1], np.uint8)


@dataclass(frozen=True, slots=True)
class _Steps:
    """What a look does.

    Attributes:
        tone: Brightness and contrast on luma.
        to_light: YUV to RGB with everything up to the clamp of contrast, shape (3, 4), float32.
        to_color: From there to the last clamp, shape (3, 4), float32; None where nothing changes.
        to_yuv: RGB to YUV, dimmed, shape (3, 4), float32.
    """

    tone: _Tone
    to_light: NDArray[np.float32]
    to_color: NDArray[np.float32] | None
    to_yuv: NDArray[np.float32]


@lru_cache(maxsize=256)
def _steps(look: Look, opacity: float) -> _Steps:
    """Of brightness and contrast one clamp counts: contrast above 1 clamps more than brightness, below 1 nothing.

    That of ``saturate()`` comes after it: colours beyond RGB would shine through whatever is mixed with them.
    """
    strong, weak = max(look.contrast, 1.0), min(look.contrast, 1.0)
    to_light = rgb_matrix() * (look.brightness * strong)
    to_light[:, 3] += 127.5 * (1 - strong)
    saturate = _SATURATE + look.saturation * (np.eye(3) - _SATURATE)
    to_color = np.hstack([saturate * weak, np.full((3, 1), 127.5 * (1 - weak))])
    is_colored = look.saturation != 1 or weak != 1
    to_yuv = yuv_matrix() * opacity
    to_yuv[:, 3] += np.array([BLACK_Y, MID_CHROMA, MID_CHROMA]) * (1 - opacity)
    return _Steps(
        tone=_tone(look, opacity),
        to_light=to_light.astype(np.float32),
        to_color=to_color.astype(np.float32) if is_colored else None,
        to_yuv=to_yuv.astype(np.float32),
    )


def _tone(look: Look, opacity: float) -> _Tone:
    slope, middle = look.brightness * look.contrast, 109.5 * (1 - look.contrast)
    black, white = (opacity * 219 * _lit(light, look) + BLACK_Y for light in (0, 1))
    start = opacity * (BLACK_Y * (1 - slope) + middle - BLACK_Y) + BLACK_Y
    return _Tone(slope * opacity, start, round(black), round(white))


def _lit(light: float, look: Look) -> float:
    """The least and the most light there is, through contrast."""
    return min(1.0, max(0.0, (light - 0.5) * look.contrast + 0.5))
