"""Frame-exact reading of clips: by number, by time, in any order."""

from bisect import bisect_right
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

from av.video.frame import VideoFrame

from render_core.errors import FrameNotFoundError, MediaError
from render_core.media.colour import picture_of
from render_core.media.container import open_media, speaking_of, video_stream
from render_core.media.display import Turn, turn_of
from render_core.media.index import FrameIndex, read_index
from render_core.picture import Picture

_LONG_S = 10


class VideoReader:
    """One open decoder of one clip. Reading forwards never seeks; going back seeks to the keyframe before.

    Args:
        path: The file.
        index: Its index, if it was built before.
        thread_count: Decoding threads: a render task has one CPU, somebody who waits for a still has all of them.
    """

    def __init__(self, path: Path, index: FrameIndex | None = None, thread_count: int = 1) -> None:
        self._path = path
        self._container = open_media(path)
        try:
            with speaking_of(path):
                self._stream = video_stream(self._container, path.name)
                self._stream.thread_count = thread_count
                self._stream.thread_type = "NONE" if thread_count == 1 else "FRAME"
                self.index = index or read_index(self._container, self._stream, path.name)
        except MediaError:
            self._container.close()
            raise
        self._pixel_aspect = self._stream.sample_aspect_ratio or Fraction(1)
        self._turn: Turn | None = None
        self._frames: Iterator[VideoFrame] = iter(())
        self._wanted = 0
        self._next = self.index.frame_count  # where reading on would continue: nowhere yet
        self._shown: tuple[int, Picture] | None = None

    def frame_at(self, at_s: Fraction) -> Picture:
        """The frame shown ``at_s`` seconds after the first one; clamped to the clip."""
        return self.frame(self.index.frame_at(at_s))

    def frame(self, number: int) -> Picture:
        """Frame ``number`` as displayed. Its planes are read-only.

        Raises:
            FrameNotFoundError: If the clip has no such frame.
            MediaError: If the file is damaged there.
        """
        if not 0 <= number < self.index.frame_count:
            raise FrameNotFoundError(self._path.name, f"There is no frame {number} in {self.index.frame_count}.")
        if self._shown is None or self._shown[0] != number:
            with speaking_of(self._path):
                self._shown = (number, self._picture(self._decode(number)))
        return self._shown[1]

    def steps_to(self, number: int) -> int:
        """How many frames have to be decoded to get to frame ``number``."""
        if self._shown is not None and self._shown[0] == number:
            return 0
        first = self.index.first_from(self.index.keyframe_before(number))
        return number - (self._next if first <= self._next <= number else first) + 1

    def close(self) -> None:
        """Let go of the file and the decoder."""
        self._frames, self._shown = iter(()), None
        self._container.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _picture(self, frame: VideoFrame) -> Picture:
        if self._turn is None:
            self._turn = turn_of(frame)
        return picture_of(frame, self._pixel_aspect, self._turn)

    def _decode(self, number: int) -> VideoFrame:
        keyframe = self.index.keyframe_before(number)
        if not self.index.first_from(keyframe) <= self._next <= number:
            self._seek(keyframe)
        self._next = self.index.frame_count  # an error on the way leaves the reader nowhere
        self._wanted = self.index.pts[number]
        for frame in self._frames:
            found = None if frame.pts is None else self.index.number_of(frame.pts)
            if found is not None and found >= number:
                break
        else:
            found = None
        if found == number:
            self._next = number + 1
            return frame
        raise MediaError(self._path.name, f"Frame {number} cannot be decoded: the file is damaged. Upload it again.")

    def _seek(self, keyframe: int) -> None:
        """Continue from the keyframe at this tick; where the container seeks to a later one, from one before."""
        earlier = self.index.keyframes[: bisect_right(self.index.keyframes, keyframe)]
        long_before = earlier[0] - round(_LONG_S / self.index.time_base)  # MPEG-TS seeks by bytes, and roughly
        for tick in (*reversed(earlier), long_before):
            self._container.seek(tick, stream=self._stream)
            first = next((p.pts for p in self._container.demux(self._stream) if p.pts is not None), None)
            if first is not None and first <= keyframe:
                break
        self._container.seek(tick, stream=self._stream)
        self._frames = self._decoded()
        self._next = self.index.first_from(keyframe)

    def _decoded(self) -> Iterator[VideoFrame]:
        """All frames from here on, but for those before the wanted one that no other frame is predicted from."""
        context = self._stream.codec_context
        for packet in self._container.demux(self._stream):
            is_passed = packet.pts is not None and packet.pts < self._wanted
            context.skip_frame = "NONREF" if is_passed else "DEFAULT"
            yield from packet.decode()
