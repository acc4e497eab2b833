"""When things happen in LipSyncTemplate: segments, and the curves of the speaker and the badge. Frames, no pixels."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from render_core.motion import eased
from render_core.spec import AssetRef
from render_core.templates.lip_sync.config import LipSyncConfig
from render_core.timing import exact, frames_in

HALF, TAIL = Fraction(1, 2), Fraction(4, 5)
"""Seconds that the badge comes before a segment and stays after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch in which b-roll plays. Frames may be fractions: settings are in seconds.

    Attributes:
        index: From 0; chooses the mix style and the move.
        start: First frame.
        length: In frames.
        asset: The b-roll.
    """

    index: int
    start: Fraction
    length: Fraction
    asset: AssetRef

    def holds(self, frame: int) -> bool:
        """Whether its b-roll is seen in this frame."""
        return self.start <= frame < self.start + self.length

    def badge_holds(self, frame: int, fps: Fraction) -> bool:
        """Whether its badge is seen in this frame."""
        return self.start - HALF * fps <= frame < self.start + self.length + TAIL * fps


def segments_of(config: LipSyncConfig, frame_count: int, backgrounds: tuple[AssetRef, ...]) -> tuple[Segment, ...]:
    """The segments of a video, in order."""
    return tuple(_segments(config, frame_count, backgrounds))


def _segments(config: LipSyncConfig, frame_count: int, backgrounds: tuple[AssetRef, ...]) -> Iterator[Segment]:
    cover = frames_in(config.cover_duration, config.fps)
    length, gap = exact(config.segment_duration) * config.fps, exact(config.gap_duration) * config.fps
    count = min(len(backgrounds), max(1, (frame_count - cover - gap) // (length + gap)))
    for index in range(count):
        start = cover + gap + index * (length + gap)
        if start < frame_count:
            yield Segment(index=index, start=start, length=min(length, frame_count - start), asset=backgrounds[index])


def speaker_scale(at: float, length: float, fps: float, smallest: float) -> float:
    """How large the speaker is within a segment: 1 fills the screen, ``smallest`` is the circle.

    Args:
        at: Frames since the segment's start.
        length: Of the segment, in frames; ways in and out are shortened to fit into it.
        fps: Frame rate.
        smallest: Scale of the circle.
    """
    t = min(1.2 * fps, length / 1.32)
    xs = (0, 0.33 * t, 0.66 * t, length - 0.66 * t, length - 0.33 * t, length)
    return eased(at, xs, (1, 0.75, smallest, smallest, 0.75, 1))


def way_to_screen(scale: float, smallest: float) -> float:
    """How far a speaker of this scale is from the circle (0) to the full screen (1).

    A large circle is reached before the scale has gone through all of its steps; there the speaker stays.
    """
    return min(1.0, max(0.0, (scale - smallest) / (1 - smallest))) if smallest < 1 else 1.0


def speaker_roundness(scale: float, smallest: float) -> float:
    """Radius of the corners as a part of the sides; of the steps between round and sharp those above the circle."""
    if smallest >= 1:
        return 0.0
    steps = [(at, radius) for at, radius in ((0.5, 0.35), (0.75, 0.15), (1.0, 0.0)) if at > smallest]
    xs, ys = zip((smallest, 0.5), *steps, strict=True)
    return eased(scale, xs, ys)


def speaker_opacity(at: float, length: float, fps: float) -> float:
    """How opaque the speaker is within a segment; arguments as for ``speaker_scale``."""
    u = min(1.5 * fps, (length + 0.5 * fps) / 1.32)
    lead = -0.5 * fps
    xs = (lead, lead + 0.33 * u, lead + 0.66 * u, length - 0.66 * u, length - 0.33 * u, length)
    return eased(at, xs, (1, 0.75, 0.25, 0.25, 0.75, 1))


def badge_size(at: float, length: float, fps: float) -> float:
    """The badge's size relative to the circle.

    Args:
        at: Frames since half a second before the segment's start.
        length: Of the segment, in frames; ways in and out are shortened to fit into it.
        fps: Frame rate.
    """
    whole = length + 0.5 * fps
    e = min(1.4 * fps, whole / 1.5)
    xs = (0, 0.25 * e, 0.75 * e, whole - 0.75 * e, whole - 0.25 * e, whole + 0.8 * fps)
    return eased(at, xs, (0, 0.3, 0.85, 0.85, 0.3, 0))
