"""Joining cells and sound into one file by copying packets: nothing is encoded again."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from heapq import merge
from itertools import zip_longest
from pathlib import Path
from typing import Any, Literal

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from render_core.errors import MediaError
from render_core.media.container import open_media, opened, speaking_of, video_stream

_OPTIONS = {
    "mp4": {"movflags": "+faststart", "fflags": "+bitexact"},
    "webm": {"cues_to_front": "1", "fflags": "+bitexact"},
}
"""The index in front, so that a film can be played and sought in while it loads."""


def concat(
    cells: Sequence[Path],
    sound: Path | None,
    out: Path,
    fps: Fraction,
    output: Literal["mp4", "webm"] = "mp4",
    lengths: Sequence[int] = (),
) -> None:
    """Write one MP4 or WebM from cells in order and a sound track.

    Args:
        cells: Files made by ``encode_cell`` with one profile and format; at least one.
        sound: File made by ``encode_sound``, or None.
        out: Where to write. Equal inputs give equal bytes.
        fps: Frame rate of the cells.
        output: Format of the cells and of the file.
        lengths: Frames that each cell should have; a file that was cut off may still be read to its new end.

    Raises:
        MediaError: If a cell or the sound cannot be read, if a cell was encoded differently from the first, or if it
            has not the frames that it should have.
        OSError: If ``out`` cannot be written.
    """
    with _writing_to(out), open_media(cells[0]) as first, _created(out, output) as target:
        template = video_stream(first, cells[0].name)
        pictures = target.add_stream_from_template(template)
        pictures.time_base = 1 / fps
        tracks: list[Iterator[Packet[Any]]] = [_picture_packets(cells, lengths, template, pictures, fps)]
        if sound is None:
            _mux_all(tracks, target)
            return
        with open_media(sound) as heard:
            if not heard.streams.audio:
                raise MediaError(sound.name, "There is no sound in this file: it has to be made again.")
            track = target.add_stream_from_template(heard.streams.audio[0])
            tracks.append(_sound_packets(heard, track, sound))
            _mux_all(tracks, target)


@contextmanager
def _writing_to(out: Path) -> Iterator[None]:
    """What av raises about the output is no fault of any input. Readers turn their own errors into a MediaError."""
    try:
        yield
    except av.FFmpegError as error:
        raise OSError(error.errno, error.strerror, str(out)) from error


def _created(out: Path, output: str) -> OutputContainer:
    return av.open(str(out), "w", format=output, options=_OPTIONS[output])


def _mux_all(tracks: Sequence["Iterator[Packet[Any]]"], target: OutputContainer) -> None:
    for packet in merge(*tracks, key=lambda packet: (packet.dts or 0) * packet.time_base):
        target.mux(packet)


def _picture_packets(
    cells: Sequence[Path], lengths: Sequence[int], template: VideoStream, track: VideoStream, fps: Fraction
) -> "Iterator[Packet[VideoStream]]":
    """All cells' packets, numbered through: the grid is exact, so times are frame numbers and nothing can drift."""
    extradata, delay, start = template.codec_context.extradata, template.codec_context.reorder_depth, 0
    for cell, length in zip_longest(cells, lengths):
        with opened(cell) as container:
            stream = video_stream(container, cell.name)
            if stream.codec_context.extradata != extradata:
                raise MediaError(cell.name, "This cell was encoded with other settings than the first.")
            count = 0
            for packet in container.demux(stream):
                if packet.size == 0 or packet.pts is None:
                    continue
                packet.pts = start + round(packet.pts * packet.time_base * fps)
                packet.dts = start + count - delay
                packet.duration, packet.time_base, packet.stream = 1, 1 / fps, track
                count += 1
                yield packet
            if length not in {None, count}:
                raise MediaError(cell.name, "Frames are missing at the end of this cell: it has to be made again.")
            start += count


def _sound_packets(heard: InputContainer, track: AudioStream, path: Path) -> "Iterator[Packet[AudioStream]]":
    with speaking_of(path):
        for packet in heard.demux(heard.streams.audio[0]):
            if packet.size and packet.dts is not None:
                packet.stream = track
                yield packet
