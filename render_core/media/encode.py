"""Encoding one cell: a closed group of pictures whose bytes depend on its input alone."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

import av
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, ColorTrc
from av.video.stream import VideoStream

from render_core.media.colour import pixels_of
from render_core.picture import Picture
from render_core.spec import VideoFormat

_X264_ASM = "MMX2,SSE2Fast,SSSE3,SSE4.2,AVX,LZCNT,BMI2,AVX2"
"""Without this pin x264's AVX-512 paths give different bytes from run to run (measured: 5 in 5 runs)."""


_NEVER = "infinite"
_BT709 = 1
"""Of ITU-T H.273, matrix coefficients."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderProfile:
    """Everything about encoding that changes bytes. Every field enters the keys of cells.

    Attributes:
        name: What people choose by.
        codec: Encoder of libavcodec.
        preset: x264's trade of time for size.
        crf: x264's constant quality, 0–51; less is better.
        audio_bit_rate: Of the AAC track, bits per second.
        revision: Raised when the way of encoding changes.
    """

    name: str
    codec: Literal["libx264"] = "libx264"
    preset: str
    crf: int
    audio_bit_rate: int = 192_000
    revision: int = 1


DRAFT = EncoderProfile(name="draft", preset="ultrafast", crf=28, audio_bit_rate=128_000)
"""For looking at: a quarter of the time of standard."""
STANDARD = EncoderProfile(name="standard", preset="veryfast", crf=23)
"""For social networks, which encode again: VMAF about 95, 29 ms a frame at 1080×1920."""
HIGH = EncoderProfile(name="high", preset="medium", crf=18)
"""For keeping: VMAF about 98, three and a half times the time of standard."""

PROFILES = {profile.name: profile for profile in (DRAFT, STANDARD, HIGH)}


def has_encoder(name: str) -> bool:
    """Whether FFmpeg's libraries here were built with an encoder."""
    try:
        av.Codec(name, "w")
    except ValueError:
        return False
    return True


def encode_cell(pictures: Iterable[Picture], video_format: VideoFormat, profile: EncoderProfile) -> bytes:
    """Encode pictures as an MP4 of one closed GOP, with a fresh encoder.

    Args:
        pictures: One per frame, each of the format's size; alpha is ignored. Taken one by one, not kept.
        video_format: Size and rate.
        profile: How to encode.

    Returns:
        The file. Equal pictures, format and profile give equal bytes in any process.
    """
    buffer = io.BytesIO()
    _write(buffer, pictures, video_format, profile, _NEVER)
    return buffer.getvalue()


def encode_clip(
    pictures: Iterable[Picture], video_format: VideoFormat, profile: EncoderProfile, out: Path, keyframe_every: int
) -> None:
    """Encode pictures as an MP4 to be read again: closed GOPs of ``keyframe_every`` frames make seeking cheap."""
    with out.open("wb") as file:
        _write(file, pictures, video_format, profile, str(keyframe_every))


def _write(
    file: BinaryIO, pictures: Iterable[Picture], video_format: VideoFormat, profile: EncoderProfile, keyint: str
) -> None:
    with av.open(file, "w", format="mp4", options={"fflags": "+bitexact"}) as container:
        stream = _add_stream(container, video_format, profile, keyint)
        for number, picture in enumerate(pictures):
            container.mux(stream.encode(_frame_of(picture, number, video_format)))
        container.mux(stream.encode(None))


def _add_stream(
    container: OutputContainer, video_format: VideoFormat, profile: EncoderProfile, keyint: str
) -> VideoStream:
    options = {"preset": profile.preset, "crf": str(profile.crf), "x264-params": _x264_params(keyint)}
    stream = container.add_stream(profile.codec, rate=video_format.fps, options=options)
    stream.width, stream.height, stream.pix_fmt = video_format.width, video_format.height, "yuv420p"
    context = stream.codec_context
    context.time_base = 1 / video_format.fps
    context.thread_count = 1
    context.colorspace, context.color_range = _BT709, ColorRange.MPEG
    context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
    return stream


def _x264_params(keyint: str) -> str:
    """Keyframes where the grid wants them and nowhere else: the scene has no say."""
    return f"asm={_X264_ASM}:threads=1:lookahead-threads=1:sliced-threads=0:keyint={keyint}:scenecut=0:open-gop=0"


def _frame_of(picture: Picture, number: int, video_format: VideoFormat) -> VideoFrame:
    frame = VideoFrame(video_format.width, video_format.height, "yuv420p")
    frame.pts, frame.time_base = number, 1 / video_format.fps
    frame.colorspace, frame.color_range = _BT709, ColorRange.MPEG
    for plane, pixels in zip(frame.planes, (picture.y, picture.u, picture.v), strict=True):
        pixels_of(plane)[:] = pixels
    return frame
