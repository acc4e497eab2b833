"""Ordered layers become one picture. A composition is a layer itself."""

from collections.abc import Callable
from dataclasses import dataclass

from render_core.audio.mix import Sound
from render_core.layer import Drawing, Layer, MediaSource
from render_core.picture import Picture
from render_core.spec import VideoFormat


@dataclass(frozen=True, slots=True)
class Group:
    """Drawings painted one after the other, from the back to the front."""

    drawings: tuple[Drawing, ...]

    def paint(self, canvas: Picture, media: MediaSource) -> None:
        """Draw all of them."""
        for drawing in self.drawings:
            drawing.paint(canvas, media)

    def hides_all_below(self, width: int, height: int) -> bool:
        """Whether one of them fills the canvas."""
        return any(drawing.hides_all_below(width, height) for drawing in self.drawings)


@dataclass(frozen=True, slots=True)
class Scripted:
    """A layer whose drawing is what a function says: how templates write theirs."""

    show: Callable[[int], Drawing | None]

    def at(self, frame: int) -> Drawing | None:
        """What the function says of this frame."""
        return self.show(frame)


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """A video as a function of the frame number.

    Attributes:
        format: Size and rate.
        frame_count: Frames 0 … frame_count − 1 exist.
        layers: From the back to the front; what none of them paints is black.
        sound: The mix that goes with it, or None for silence.
        poster: The frame that says best what it is about; None is one third in.
    """

    format: VideoFormat
    frame_count: int
    layers: tuple[Layer, ...]
    sound: Sound | None = None
    poster: int | None = None

    @property
    def poster_frame(self) -> int:
        """The frame that stands for the video where only a still can be shown."""
        wanted = self.frame_count // 3 if self.poster is None else self.poster
        return min(max(0, wanted), self.frame_count - 1)

    def drawings(self, frame: int) -> tuple[Drawing, ...]:
        """What is seen in a frame, from the back to the front, without what an opaque drawing hides."""
        if not 0 <= frame < self.frame_count:
            raise IndexError(f"frame {frame} of a composition of {self.frame_count}")
        shown = tuple(drawing for layer in self.layers for drawing in _flat(layer.at(frame)))
        width, height = self.format.width, self.format.height
        hiding = (i for i in reversed(range(len(shown))) if shown[i].hides_all_below(width, height))
        return shown[next(hiding, 0) :]

    def at(self, frame: int) -> Drawing | None:
        """The whole picture as one drawing, so that a composition can be a layer of another."""
        return Group(self.drawings(frame)) if 0 <= frame < self.frame_count else None


def _flat(drawing: Drawing | None) -> tuple[Drawing, ...]:
    if drawing is None:
        return ()
    if isinstance(drawing, Group):
        return tuple(inner for part in drawing.drawings for inner in _flat(part))
    return (drawing,)
