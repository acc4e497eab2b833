"""The two halves of a layer: what it shows in a frame (a frozen drawing) and how that is painted.

A layer answers ``at(frame)`` with a *drawing*: a frozen value that alone determines the pixels. Painting sees the
drawing and nothing else of the layer, so equal drawings paint equal pixels, and the hash of the drawings of a frame is
a complete key of the frame. That is the state-key contract, held by construction.
"""

from collections.abc import Callable, Hashable
from fractions import Fraction
from typing import Protocol, TypeVar

from render_core.picture import Picture
from render_core.spec import AssetRef

T = TypeVar("T")


class MediaSource(Protocol):
    """Where painting gets decoded media from. Implementations keep decoders open and recent pictures at hand."""

    def video_frame(self, asset: AssetRef, at_s: Fraction) -> Picture:
        """The frame of a clip that is on screen ``at_s`` seconds after its first one, at its displayed size.

        Exact: the last frame whose presentation time is not after ``at_s``. Before the start it is the first frame,
        after the end the last one.
        """

    def image(self, asset: AssetRef) -> Picture:
        """A still image at its own size, with alpha where the file has it."""

    def remembered(self, key: Hashable, make: Callable[[], T]) -> T:
        """What ``make`` returned for this key before, else what it returns now. For masks, sprites, stills."""


class Drawing(Protocol):
    """What a layer shows in one frame. Implementations are frozen dataclasses; every field enters the key."""

    def paint(self, canvas: Picture, media: MediaSource) -> None:
        """Draw onto ``canvas`` in place."""

    def hides_all_below(self, width: int, height: int) -> bool:
        """Whether every pixel of a canvas of this size is overwritten, so that nothing below needs to be drawn."""


class Layer(Protocol):
    """Something that is seen in some frames of a composition."""

    def at(self, frame: int) -> Drawing | None:
        """The drawing of frame ``frame`` (output frames from 0), or None where the layer is not seen."""
