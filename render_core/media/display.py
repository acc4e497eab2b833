"""How a decoded frame has to be shown: square pixels, upright."""

from fractions import Fraction

from av.video.frame import VideoFrame


def displayed_width(width: int, pixel_aspect: Fraction) -> int:
    """Columns of square pixels; absurd aspects are ignored."""
    return round(width * pixel_aspect) if Fraction(1, 4) <= pixel_aspect <= 4 else width


def turn_of(frame: VideoFrame) -> int:
    """How far the frame has to be turned counterclockwise to be upright: 0, 90, 180 or 270 degrees."""
    return round(frame.rotation / 90) * 90 % 360
