"""The media of one render: decoders kept open, stills and masks at hand, all within bounds."""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from render_core.audio.samples import Samples
from render_core.media.decode import VideoReader
from render_core.media.image import read_image
from render_core.media.index import index_file
from render_core.media.memory import Memory
from render_core.media.sound import read_sound
from render_core.picture import Picture
from render_core.spec import AssetRef

T = TypeVar("T")

_FAR = 4
"""Decoding more frames than this to get somewhere means that the clip is seen at two times, or a jump."""
_IDLE = 20
"""Requests after which a decoder that was not asked makes room: b-roll follows b-roll."""


class MediaPool:
    """The MediaSource of a process that renders. Not for several threads at once: give each its own.

    Args:
        locate: Where an asset's bytes are on this machine.
        reader_limit: Decoders kept open. Each holds some 30 MiB of reference frames at 1080×1920.
        memory_limit: Bytes of what is remembered.
        decoder_threads: Of each decoder. More than one shorten the wait for a still far from a keyframe, and cost
            memory.
    """

    def __init__(
        self,
        locate: Callable[[AssetRef], Path],
        *,
        reader_limit: int = 3,
        memory_limit: int = 3 * 2**23,
        decoder_threads: int = 1,
    ) -> None:
        self._locate = locate
        self._decoder_threads = decoder_threads
        self._reader_limit = reader_limit
        self._open: list[_Open] = []
        self._requests = 0
        self._memory = Memory(memory_limit)

    def video_frame(self, asset: AssetRef, at_s: Fraction) -> Picture:
        """See MediaSource. The planes are read-only; a few frames may be held, not many: they are the decoder's."""
        return self._reader(asset, at_s).frame_at(at_s)

    def image(self, asset: AssetRef) -> Picture:
        """See MediaSource."""
        return self.remembered(("image", asset.sha256), lambda: read_image(self._locate(asset)))

    def sound(
        self, asset: AssetRef, start_s: Fraction = Fraction(0), duration_s: Fraction | None = None
    ) -> Iterator[Samples]:
        """The asset's sound: see ``read_sound``. Not kept."""
        return read_sound(self._locate(asset), start_s, duration_s)

    def remembered(self, key: Hashable, make: Callable[[], T]) -> T:
        """See MediaSource. The least recently used is forgotten first."""
        return self._memory.get(key, make)

    def close(self) -> None:
        """Close all decoders and forget everything."""
        for entry in self._open:
            entry.reader.close()
        self._open = []
        self._memory.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _reader(self, asset: AssetRef, at_s: Fraction) -> VideoReader:
        """The decoder of this clip that gets there soonest; another one where the clip is seen at two times."""
        self._requests += 1
        own = [entry for entry in self._open if entry.sha256 == asset.sha256]
        nearest = min(own, key=lambda entry: entry.steps_to(at_s), default=None)
        if nearest is None or (len(own) == 1 and nearest.steps_to(at_s) > _FAR):
            nearest = self._opened(asset)
        nearest.used_at = self._requests
        return nearest.reader

    def _opened(self, asset: AssetRef) -> "_Open":
        """A new decoder, in place of those that have had nothing to do for a while."""
        path = self._locate(asset)
        index = self.remembered(("index", asset.sha256), lambda: index_file(path))
        by_use = sorted(self._open, key=lambda entry: entry.used_at, reverse=True)
        busy = [entry for entry in by_use if entry.used_at > self._requests - _IDLE][: self._reader_limit - 1]
        for entry in self._open:
            if entry not in busy:
                entry.reader.close()
        entry = _Open(asset.sha256, VideoReader(path, index, self._decoder_threads), self._requests)
        self._open = [*busy, entry]
        return entry


@dataclass(slots=True, eq=False)
class _Open:
    """A decoder and when it was last asked, counted in requests."""

    sha256: str
    reader: VideoReader
    used_at: int

    def steps_to(self, at_s: Fraction) -> int:
        """Frames to decode to get to a moment."""
        return self.reader.steps_to(self.reader.index.frame_at(at_s))
