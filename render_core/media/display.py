"""How a decoded frame has to be shown: square pixels, upright."""

import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

from av.video.frame import VideoFrame


def displayed_width(width: int, pixel_aspect: Fraction) -> int:
    """Columns of square pixels; absurd aspects are ignored."""
    return round(width * pixel_aspect) if Fraction(1, 4) <= pixel_aspect <= 4 else width


@dataclass(frozen=True, slots=True)
class Turn:
    """How stored pixels become upright ones: first rows and columns change places, then each axis may be reversed."""

    is_transposed: bool = False
    is_mirrored: bool = False
    is_flipped: bool = False


UPRIGHT = Turn()


def turn_of(frame: VideoFrame) -> Turn:
    """What the display matrix of the frame says, to the nearest quarter turn (ISO/IEC 14496-12, 8.2.2.3).

    Ask once a clip: av's side data and the frame refer to each other, so a frame that was asked lives until the next
    collection of cycles, with its megabytes.
    """
    data = frame.side_data.get("DISPLAYMATRIX")
    if data is None:
        return UPRIGHT
    a, b, _, c, d, *_ = struct.unpack("=9i", bytes(cast("memoryview", data)))  # x' = a·x + c·y, y' = b·x + d·y
    if abs(a) >= abs(b):
        return Turn(is_mirrored=a < 0, is_flipped=d < 0)
    return Turn(is_transposed=True, is_mirrored=c < 0, is_flipped=b < 0)
