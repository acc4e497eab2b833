"""What goes between the page's process and the painting ones."""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Still:
    """One compressed frame and where it stands in its video.

    Attributes:
        jpeg: The picture.
        frame: Its number within the video.
        frame_count: Frames of the whole video.
        width: Of the picture, in pixels.
        height: Of the picture, in pixels.
    """

    jpeg: bytes
    frame: int
    frame_count: int
    fps: Fraction
    width: int
    height: int
