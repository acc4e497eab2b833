"""The b-roll clips: six silent seconds each, ending where they begin."""

import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from demo_assets.canvas import HEIGHT, WIDTH, Floats
from demo_assets.city import draw_city
from demo_assets.frames import render_all
from demo_assets.mountains import draw_mountains
from demo_assets.ocean import draw_ocean
from demo_assets.video import FPS, still_noise, to_i420, write_video

SECONDS = 6.0
_DISSOLVE_S = 0.5
_noise = functools.cache(still_noise)


def make_broll(path: Path, draw: Callable[[float], Floats], crf: float) -> None:
    """Draw and encode one clip."""
    frame = functools.partial(_frame, draw)
    write_video(path, render_all(frame, range(round(SECONDS * FPS))), crf)


def draw_sunset(t: float) -> Floats:
    """The mountains; the pan has no way back, so its end dissolves into what comes before its start."""
    share = np.clip((t - SECONDS + _DISSOLVE_S) / _DISSOLVE_S, 0, 1)
    picture = draw_mountains(t)
    if share > 0:
        picture += np.float32(share) * (draw_mountains(t - SECONDS) - picture)
    return picture


def _frame(draw: Callable[[float], Floats], index: int) -> NDArray[np.uint8]:
    return to_i420(draw(index / FPS), _noise(HEIGHT, WIDTH))


CLIPS = {"broll1.mp4": (draw_sunset, 26.5), "broll2.mp4": (draw_city, 26.0), "broll3.mp4": (draw_ocean, 25.5)}
"""File names, what draws them, and the encoder's quality."""
