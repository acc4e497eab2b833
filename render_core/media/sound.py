"""Sound in and out: any file to samples, aligned with its picture; samples to AAC."""

import io
from collections.abc import Iterable, Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.layout import AudioLayout
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer

from render_core.audio.samples import SAMPLE_RATE, Samples
from render_core.errors import MediaError
from render_core.media.container import find_audio, find_video, opened
from render_core.media.index import first_moment

_PREROLL_S = Fraction(1, 2)
"""Decoders need what came before: AAC a packet, MP3 some ten, Opus 80 ms."""
_LONGEST_GAP = 3600 * SAMPLE_RATE
"""Times that jump by more than an hour are broken; the silence between would fill the memory."""
_SLACK = SAMPLE_RATE // 100
"""Times in files are rounded; only a gap or an overlap of more than 10 ms is meant."""


def read_sound(path: Path, start_s: Fraction = Fraction(0), duration_s: Fraction | None = None) -> Samples:
    """The sound of a file, or of a window of it, without decoding the rest.

    Args:
        path: A clip or a sound file.
        start_s: Where to begin. 0 is the moment of the first video frame, or the first sample where there is no video.
        duration_s: How much at most; None is to the end.

    Returns:
        Samples from ``start_s`` on; fewer than asked for where the sound ends before.

    Raises:
        MediaError: If there is no sound in the file.
    """
    with opened(path) as container:
        stream = find_audio(container)
        if stream is None:
            raise MediaError(path.name, "There is no sound in it. Choose a file with sound.")
        stream.codec_context.thread_count = 1
        origin_s = _origin(path) + start_s
        if start_s > _PREROLL_S:
            at = (origin_s - _PREROLL_S) / (stream.time_base or Fraction(1, SAMPLE_RATE))
            container.seek(int(at), stream=stream)
        length = None if duration_s is None else round(duration_s * SAMPLE_RATE)
        return _joined(_placed(_blocks(container, stream), origin_s, length), length)


def _joined(pieces: Iterator[Samples], length: int | None) -> Samples:
    """The pieces in one array; where the length is known they are not held twice."""
    if length is None:
        return np.concatenate([np.zeros((0, 2), np.float32), *pieces])
    sound, filled = np.zeros((length, 2), np.float32), 0
    for piece in pieces:
        sound[filled : filled + len(piece)] = piece
        filled += len(piece)
    return sound[:filled]


def _origin(path: Path) -> Fraction:
    """When sample 0 is heard on the file's own clock, in seconds."""
    with opened(path) as container:
        video = find_video(container)
        if video is not None:
            return first_moment(container, video)
        audio = find_audio(container)
        return Fraction(0) if audio is None else (audio.start_time or 0) * (audio.time_base or Fraction(0))


def _blocks(container: InputContainer, stream: AudioStream) -> Iterator[tuple[Fraction | None, Samples]]:
    """Decoded blocks at 48 kHz with the moment each begins, in seconds."""
    resampler = None
    for frame in _decoded(container, stream):
        if resampler is None:
            # Mono is heard from both sides at its full level, as browsers play it, not 3 dB softer.
            layout = "mono" if len(frame.layout.channels) == 1 else "stereo"
            resampler = AudioResampler("fltp", layout, SAMPLE_RATE)
        for block in resampler.resample(frame):
            yield _moment(block), _stereo(block)
    if resampler is not None:
        for block in resampler.resample(None):
            yield _moment(block), _stereo(block)


def _decoded(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    """All frames; a packet that cannot be decoded is a gap, as in any player: many MP3 files end in something else."""
    for packet in container.demux(stream):
        with suppress(av.InvalidDataError):
            yield from packet.decode()


def _moment(block: AudioFrame) -> Fraction | None:
    return None if block.pts is None or block.time_base is None else block.pts * block.time_base


def _stereo(block: AudioFrame) -> Samples:
    planes = block.to_ndarray()
    return np.ascontiguousarray(np.broadcast_to(planes.T, (planes.shape[1], 2)), np.float32)


def _placed(
    blocks: Iterable[tuple[Fraction | None, Samples]], origin_s: Fraction, length: int | None
) -> Iterator[Samples]:
    """Blocks where their times say: what is early is cut, silence fills gaps, nothing after ``length``."""
    filled = 0
    for moment, block in blocks:
        at = filled if moment is None else round((moment - origin_s) * SAMPLE_RATE)
        if filled and abs(at - filled) <= _SLACK:
            at = filled
        if at - filled > _LONGEST_GAP or (length is not None and filled >= length):
            return
        gap = np.zeros((max(0, at - filled), 2), np.float32)
        piece = np.concatenate([gap, block[max(0, filled - at) :]])[: None if length is None else length - filled]
        filled += len(piece)
        yield piece


def encode_aac(samples: Samples, bit_rate: int = 192_000) -> bytes:
    """Encode as AAC-LC in an M4A whose edit list takes the encoder's priming away, so that sample 0 is heard at 0.

    Args:
        samples: Shape (n, 2), float32, 48 kHz.
        bit_rate: Bits per second.

    Returns:
        The file; equal samples give equal bytes.
    """
    return _encoded(samples, "ipod", "aac", bit_rate)


def encode_mp3(samples: Samples, bit_rate: int = 192_000) -> bytes:
    """Encode as MP3 with the tag that takes the encoder's delay away."""
    return _encoded(samples, "mp3", "libmp3lame", bit_rate)


def _encoded(samples: Samples, container_format: str, codec: Literal["aac", "libmp3lame"], bit_rate: int) -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container_format, options={"fflags": "+bitexact"}) as container:
        stream: AudioStream = container.add_stream(codec, rate=SAMPLE_RATE)
        stream.codec_context.layout = AudioLayout("stereo")
        stream.bit_rate = bit_rate
        for start in range(0, len(samples), SAMPLE_RATE):
            planes = np.ascontiguousarray(samples[start : start + SAMPLE_RATE].T)
            frame = AudioFrame.from_ndarray(planes, "fltp", "stereo")
            frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, start, Fraction(1, SAMPLE_RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return buffer.getvalue()
