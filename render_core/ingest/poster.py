"""The picture by which people know a prepared file: a frame of a clip, a smaller image, the waveform of a sound."""

import io
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from math import ceil
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from render_core.audio.samples import SAMPLE_RATE, in_blocks
from render_core.media.decode import VideoReader
from render_core.media.image_file import opened_image
from render_core.media.index import FrameIndex
from render_core.media.sound import read_sound
from render_core.media.still import encode_still
from render_core.picture import Picture
from render_core.spec import MediaInfo
from render_core.thumbnail import contrast, is_blank, within

LONGEST_SIDE: Final = 480
WAVE_SIZE: Final = (960, 160)

_QUALITY = 82
_PARTS = tuple(Fraction(part) for part in ("1/3", "1/2", "2/3", "1/6", "5/6", "1/12", "11/12", "0"))
"""Where in a clip a frame is looked for, the best place first."""
_BARS, _PITCH, _BAR, _MARGIN = 160, 6, 4, 4
_FINER = 4
"""Drawn so many times larger and made smaller again: smooth edges."""
_COLOUR = (200, 241, 105)
_PEAK_OPACITY = 0.38
_QUIETEST = 1e-3
"""Below −60 dBFS there is nothing to be heard, and noise is not drawn as if it were music."""


def poster_of(path: Path, info: MediaInfo) -> bytes:
    """Draw what stands for a prepared file: at most 480 pixels a side of what is seen, 960×160 of what is heard.

    Args:
        path: The file, as ``normalise`` wrote it, or one of our own.
        info: What a probe says of it.

    Returns:
        A JPEG of a clip; a WebP, with transparency where there is any, of an image or a sound.

    Raises:
        MediaError: If the file is damaged.
    """
    match info.kind:
        case "video":
            return encode_still(_telling_frame(path), "jpeg", _QUALITY)
        case "image":
            return _thumbnail(path)
        case "audio":
            return _waveform(path, info)


def _telling_frame(path: Path) -> Picture:
    """The first frame looked at that shows something; where none does, the one of most contrast."""
    with VideoReader(path) as reader:
        seen = list[Picture]()
        for part in _PARTS:
            frame = reader.frame(_keyframe(reader.index, part))
            seen.append(within(LONGEST_SIDE, frame).copy())
            if not is_blank(seen[-1]):
                return seen[-1]
    return max(seen, key=contrast)


def _keyframe(index: FrameIndex, part: Fraction) -> int:
    """The keyframe before a part of the clip: no other frames are decoded on the way to it."""
    return index.first_from(index.keyframe_before(int(part * index.frame_count)))


def _thumbnail(path: Path) -> bytes:
    with opened_image(path) as image:
        image.draft("RGB", (2 * LONGEST_SIDE, 2 * LONGEST_SIDE))
        image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
        file = io.BytesIO()
        image.save(file, "WEBP", quality=_QUALITY)
        return file.getvalue()


def _waveform(path: Path, info: MediaInfo) -> bytes:
    """A bar for each part of the sound: how loud it is, and paler its highest peak."""
    peaks, levels = _measured(path, info)
    loudest = max(float(peaks.max()), _QUIETEST)
    pale, full = _bars(peaks / loudest), _bars(levels / loudest)
    image = Image.new("RGB", WAVE_SIZE, _COLOUR)
    image.putalpha(Image.fromarray(np.maximum(_PEAK_OPACITY * pale, full).round().astype(np.uint8)))
    file = io.BytesIO()
    image.save(file, "WEBP", lossless=True)
    return file.getvalue()


def _measured(path: Path, info: MediaInfo) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Peak and effective value of each bar's part of the sound, both of shape (bars,) and of full scale 1."""
    size = max(1, ceil(info.duration_s * SAMPLE_RATE / _BARS))
    peaks, levels = np.zeros(_BARS), np.zeros(_BARS)
    for bar, block in enumerate(islice(in_blocks(read_sound(path), size), _BARS)):
        peaks[bar] = np.abs(block).max()
        levels[bar] = np.sqrt(np.mean(np.square(block, dtype=np.float64)))
    return peaks, levels


def _bars(heights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Upright bars with round ends, mirrored at the middle: opacity 0–255, shape (160, 960); a dot for silence."""
    width, height = WAVE_SIZE
    mask = Image.new("L", (width * _FINER, height * _FINER))
    pen = ImageDraw.Draw(mask)
    for box in _boxes(heights, height / 2):
        pen.rounded_rectangle(tuple(_FINER * edge for edge in box), radius=_FINER * _BAR / 2, fill=255)
    return np.asarray(mask.resize(WAVE_SIZE, Image.Resampling.BOX), np.float64)


def _boxes(heights: NDArray[np.float64], middle: float) -> Iterator[tuple[float, float, float, float]]:
    """Left, top, right and bottom of each bar in pixels."""
    for bar, height in enumerate(heights):
        left, reach = bar * _PITCH + (_PITCH - _BAR) / 2, max(_BAR / 2, height * (middle - _MARGIN))
        yield left, middle - reach, left + _BAR - 1 / _FINER, middle + reach - 1 / _FINER
