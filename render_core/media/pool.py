"""The media of one render: decoders kept open, stills and masks at hand, all within bounds."""

from collections.abc import Callable, Hashable
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from render_core.audio.samples import Samples
from render_core.media.decode import VideoReader
from render_core.media.image import read_image
from render_core.media.memory import Memory
from render_core.media.sound import read_sound
from render_core.picture import Picture
from render_core.spec import AssetRef

T = TypeVar("T")

_FAR = 4
"""Decoding more frames than this to get somewhere means that the clip is seen at two times, or a jump."""


class MediaPool:
    """The MediaSource of a process that renders. Not for several threads at once: give each its own.

    Args:
        locate: Where an asset's bytes are on this machine.
        reader_limit: Decoders kept open. Each holds some 30 MiB of reference frames at 1080×1920.
        memory_limit: Bytes of what is remembered.
    """

    def __init__(
        self, locate: Callable[[AssetRef], Path], *, reader_limit: int = 4, memory_limit: int = 64 << 20
    ) -> None:
        self._locate = locate
        self._reader_limit = reader_limit
        self._readers: list[tuple[str, VideoReader]] = []  # least recently used first
        self._memory = Memory(memory_limit)

    def video_frame(self, asset: AssetRef, at_s: Fraction) -> Picture:
        """See MediaSource. The planes are read-only; a few frames may be held, not many: they are the decoder's."""
        reader = self._reader(asset, at_s)
        return reader.frame_at(at_s)

    def image(self, asset: AssetRef) -> Picture:
        """See MediaSource."""
        return self.remembered(("image", asset.sha256), lambda: read_image(self._locate(asset)))

    def sound(self, asset: AssetRef, start_s: Fraction = Fraction(0), duration_s: Fraction | None = None) -> Samples:
        """The asset's sound: see ``read_sound``. Not kept."""
        return read_sound(self._locate(asset), start_s, duration_s)

    def remembered(self, key: Hashable, make: Callable[[], T]) -> T:
        """See MediaSource. The least recently used is forgotten first."""
        return self._memory.get(key, make)

    def close(self) -> None:
        """Close all decoders and forget everything."""
        for _, reader in self._readers:
            reader.close()
        self._readers.clear()
        self._memory.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _reader(self, asset: AssetRef, at_s: Fraction) -> VideoReader:
        """The decoder of this clip that gets there soonest; another one where the clip is seen at two times."""
        own = [entry for entry in self._readers if entry[0] == asset.sha256]
        nearest = min(own, key=lambda entry: _steps(entry[1], at_s), default=None)
        if nearest is None:
            nearest = (asset.sha256, VideoReader(self._locate(asset)))
        elif len(own) == 1 and _steps(nearest[1], at_s) > _FAR:
            nearest = (asset.sha256, VideoReader(self._locate(asset), nearest[1].index))
        else:
            self._readers.remove(nearest)
        self._readers.append(nearest)
        while len(self._readers) > self._reader_limit:
            self._readers.pop(0)[1].close()
        return nearest[1]


def _steps(reader: VideoReader, at_s: Fraction) -> int:
    return reader.steps_to(reader.index.frame_at(at_s))
