"""The frames of a clip by number and by time: built once by demuxing, without decoding."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from av.container import InputContainer
from av.video.stream import VideoStream

from render_core.errors import MediaError
from render_core.media.container import opened, video_stream

_COARSE_CLOCK = (Fraction(1, 2000), Fraction(1, 500))
"""Clocks between these (Matroska's 1/1000, QuickTime's 1/600) round the times of usual rates; finer ones hold them."""
_REORDERED = 32
"""Packets among which the first shown is found: codecs reorder 16 at most."""


@dataclass(frozen=True, slots=True)
class FrameIndex:
    """Presentation times of all frames of one clip.

    Attributes:
        time_base: Seconds in a tick.
        pts: Presentation times in ticks, ascending, distinct. Frame n is shown from ``pts[n]``.
        keyframes: Times in ticks that decoding can start from, ascending. The first may lie before ``pts[0]``: a clip
            that was cut without encoding it again hides the frames from the keyframe to the cut.
        end: Tick at which the last frame ends.
        fps: Average rate.
    """

    time_base: Fraction
    pts: tuple[int, ...]
    keyframes: tuple[int, ...]
    end: int
    fps: Fraction

    @property
    def frame_count(self) -> int:
        """How many frames there are."""
        return len(self.pts)

    @property
    def duration_s(self) -> Fraction:
        """Seconds from the first frame's start to the last one's end."""
        return (self.end - self.pts[0]) * self.time_base

    def frame_at(self, at_s: Fraction) -> int:
        """The number of the frame shown ``at_s`` seconds after the first; clamped to the clip.

        Clocks too coarse for the clip's rate have rounded its times, so there a frame may begin half a tick late.
        """
        ticks = at_s / self.time_base
        if _COARSE_CLOCK[0] < self.time_base <= _COARSE_CLOCK[1]:
            ticks += Fraction(1, 2)
        return max(0, bisect_right(self.pts, self.pts[0] + ticks // 1) - 1)

    def number_of(self, pts: int) -> int | None:
        """The number of the frame presented exactly at this tick, or None."""
        number = bisect_right(self.pts, pts) - 1
        return number if number >= 0 and self.pts[number] == pts else None

    def keyframe_before(self, number: int) -> int:
        """The tick of the last keyframe that is presented no later than frame ``number``."""
        return self.keyframes[bisect_right(self.keyframes, self.pts[number]) - 1]

    def first_from(self, tick: int) -> int:
        """The number of the first frame presented at or after a tick."""
        return bisect_left(self.pts, tick)


def index_file(path: Path) -> FrameIndex:
    """The index of the video stream of a file.

    Raises:
        MediaError: If there is no picture in it, or no complete frame.
    """
    with opened(path) as container:
        return read_index(container, video_stream(container, path.name), path.name)


def read_index(container: InputContainer, stream: VideoStream, name: str) -> FrameIndex:
    """Demux the stream to its end and note when each packet's frame is presented."""
    durations, keys = dict[int, int](), set[int]()
    for packet in container.demux(stream):
        if packet.size == 0:
            continue
        if packet.pts is None:
            raise MediaError(name, "Its frames carry no times. Convert it to MP4 and upload it again.")
        if not packet.is_discard:
            durations[packet.pts] = packet.duration or 0
        if packet.is_keyframe and not packet.is_corrupt:
            keys.add(packet.pts)
    # What is shown before the first keyframe refers to frames that were cut away: no decoder returns it.
    pts = tuple(sorted(tick for tick in durations if keys and tick >= min(keys)))
    if not pts:
        raise MediaError(name, "There is no complete video frame in it.")
    time_base = stream.time_base or Fraction(1, 90000)
    end = pts[-1] + (durations[pts[-1]] or _usual_step(pts, stream, time_base))
    fps = _rate(stream, len(pts) / ((end - pts[0]) * time_base))
    return FrameIndex(time_base, pts, tuple(sorted(keys)), end, fps)


def first_moment(container: InputContainer, stream: VideoStream) -> Fraction:
    """When the first frame of ``read_index`` is shown on the file's own clock, in seconds, from the first packets."""
    keyframe, first, rest = None, None, _REORDERED
    for packet in container.demux(stream):
        if packet.size == 0 or packet.pts is None or rest == 0:
            break
        keyframe = packet.pts if keyframe is None and packet.is_keyframe else keyframe
        if keyframe is not None and packet.pts >= keyframe and not packet.is_discard:
            first = packet.pts if first is None else min(first, packet.pts)
        rest -= first is not None
    return (first or 0) * (stream.time_base or Fraction(0))


def _usual_step(pts: tuple[int, ...], stream: VideoStream, time_base: Fraction) -> int:
    """How long the last frame is shown where its packet does not say: as long as the average one, at least a tick."""
    if len(pts) > 1:
        return max(1, (pts[-1] - pts[0]) // (len(pts) - 1))
    rate = stream.average_rate or Fraction(25)
    return max(1, round(1 / rate / time_base))


def _rate(stream: VideoStream, measured: Fraction) -> Fraction:
    """The rate the file declares, which is exact where it is true; else the measured one."""
    declared = (stream.average_rate, stream.guessed_rate)
    return next(
        (rate for rate in declared if rate and abs(rate / measured - 1) < 0.02), measured.limit_denominator(1001)
    )
