"""Sound in and out: any file to samples, aligned with its picture; samples to AAC, Opus or MP3."""

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

from render_core.audio.samples import BLOCK, SAMPLE_RATE, Pieces, Samples, in_blocks, lasting
from render_core.errors import MediaError
from render_core.media.container import find_audio, find_video, opened
from render_core.media.index import first_moment
from render_core.media.profiles import SoundProfile

_Codec = Literal["aac", "libmp3lame", "libopus"]
_CONTAINERS: dict[_Codec, str] = {"aac": "ipod", "libmp3lame": "mp3", "libopus": "webm"}
_OPTIONS: dict[_Codec, dict[str, str]] = {
    # The quicker way to choose quantisers is the truer one at our rates: an error of −49 dB, not −39, in half the time.
    "aac": {"aac_coder": "fast"},
}
_AAC = SoundProfile()
_PREROLL_S = Fraction(1, 2)
"""Decoders need what came before: AAC a packet, MP3 some ten, Opus 80 ms."""
_LONGEST_GAP = 3600 * SAMPLE_RATE
"""Times that jump by more than an hour are broken."""
_SLACK = SAMPLE_RATE // 100
"""Times in files are rounded; only a gap or an overlap of more than 10 ms is meant."""


def read_sound(path: Path, start_s: Fraction = Fraction(0), duration_s: Fraction | None = None) -> Iterator[Samples]:
    """The sound of a file, or of a window of it, piece by piece as it is decoded.

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
        origin_s = _origin(container, stream, path) + start_s
        if start_s > _PREROLL_S:
            at = (origin_s - _PREROLL_S) / (stream.time_base or Fraction(1, SAMPLE_RATE))
            container.seek(int(at), stream=stream)
        length = None if duration_s is None else round(duration_s * SAMPLE_RATE)
        yield from _placed(_blocks(container, stream, round(origin_s * SAMPLE_RATE)), length)


def _origin(container: InputContainer, stream: AudioStream, path: Path) -> Fraction:
    """When sample 0 is heard on the file's own clock, in seconds."""
    if find_video(container) is None:
        return (stream.start_time or 0) * (stream.time_base or Fraction(0))
    with opened(path) as again:  # its packets are read, and no format is sure to go back to its beginning
        video = find_video(again)
        return Fraction(0) if video is None else first_moment(again, video)


def _blocks(container: InputContainer, stream: AudioStream, origin: int) -> Iterator[tuple[int | None, Samples]]:
    """Decoded blocks at 48 kHz, each with how many samples after ``origin`` it begins."""
    resampler = None
    for frame in _decoded(container, stream):
        if resampler is None:
            # Mono is heard from both sides at its full level, as browsers play it, not 3 dB softer.
            layout = "mono" if len(frame.layout.channels) == 1 else "stereo"
            resampler = AudioResampler("fltp", layout, SAMPLE_RATE)
        for block in resampler.resample(frame):
            yield _position(block, origin), _stereo(block)
    if resampler is not None:
        for block in resampler.resample(None):
            yield _position(block, origin), _stereo(block)


def _decoded(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    """All frames; a packet that cannot be decoded is a gap, as in any player: many MP3 files end in something else."""
    for packet in container.demux(stream):
        with suppress(av.InvalidDataError, av.error.UndefinedError):  # the AAC decoder's errors have no names
            yield from packet.decode()


def _position(block: AudioFrame, origin: int) -> int | None:
    if block.pts is None or block.time_base is None:
        return None
    return round(block.pts * block.time_base.numerator * SAMPLE_RATE / block.time_base.denominator) - origin


def _stereo(block: AudioFrame) -> Samples:
    sound = np.empty((block.samples, 2), np.float32)
    for channel, plane in ((0, block.planes[0]), (1, block.planes[-1])):
        sound[:, channel] = np.frombuffer(memoryview(plane), np.float32, block.samples)
    return sound


def _placed(blocks: Iterable[tuple[int | None, Samples]], length: int | None) -> Iterator[Samples]:
    """Blocks where their times say: what is early is cut, silence fills gaps, nothing after ``length``."""
    filled = 0
    for position, block in blocks:
        at = filled if position is None or (filled and abs(position - filled) <= _SLACK) else position
        if at - filled > _LONGEST_GAP:
            return
        gap = lasting((), at - filled) if at > filled else ()
        for piece in (*gap, block[max(0, filled - at) :]):
            wanted = piece if length is None else piece[: length - filled]
            filled += len(wanted)
            yield wanted
            if filled == length:
                return


def encode_sound(sound: Pieces, out: Path, profile: SoundProfile = _AAC) -> None:
    """Encode as a file of its own, from which the encoder's delay is taken away: sample 0 is heard at 0.

    Args:
        sound: Any pieces; equal samples give equal bytes.
        out: The file to write: an M4A for AAC, a WebM for Opus.
        profile: How to encode.
    """
    _encode(sound, out, profile.codec, profile.bit_rate)


def encode_mp3(sound: Pieces, out: Path, bit_rate: int = 192_000) -> None:
    """Encode as MP3 with the tag that takes the encoder's delay away."""
    _encode(sound, out, "libmp3lame", bit_rate)


def _encode(sound: Pieces, out: Path, codec: _Codec, bit_rate: int) -> None:
    with av.open(str(out), "w", format=_CONTAINERS[codec], options={"fflags": "+bitexact"}) as container:
        stream: AudioStream = container.add_stream(codec, rate=SAMPLE_RATE, options=_OPTIONS.get(codec, {}))
        stream.codec_context.layout = AudioLayout("stereo")
        stream.codec_context.thread_count = 1
        stream.bit_rate = bit_rate
        for number, block in enumerate(in_blocks(sound)):
            frame = AudioFrame.from_ndarray(np.ascontiguousarray(block.T), "fltp", "stereo")
            frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, number * BLOCK, Fraction(1, SAMPLE_RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
