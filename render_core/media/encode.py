"""Encoding one cell: a closed group of pictures whose bytes depend on its input alone."""

import io
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import av
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, ColorTrc
from av.video.stream import VideoStream

from render_core.errors import MissingEncoderError
from render_core.media.colour import pixels_of
from render_core.media.gif import encode_gif
from render_core.media.profiles import DRAFT, HIGH, PROFILES, STANDARD, EncoderProfile, GifProfile, Profile
from render_core.picture import Picture
from render_core.spec import VideoFormat

_X264_ASM = "MMX2,SSE2Fast,SSSE3,SSE4.2,AVX,LZCNT,BMI2,AVX2"
"""Without this pin x264's AVX-512 paths give different bytes from run to run (measured: 5 in 5 runs)."""

_X264_LOOKAHEAD = 10
"""Frames; the default of veryfast. Medium's 40 take 340 MiB at 1080×1920 instead of 145, and gain 1 % in size."""
_NEVER = 9999
"""Frames between keyframes; a cell has fewer, whatever its rate."""
_BT709 = 1
"""Of ITU-T H.273, matrix coefficients."""


def has_encoder(name: str) -> bool:
    """Whether FFmpeg's libraries here were built with an encoder."""
    try:
        av.Codec(name, "w")
    except ValueError:
        return False
    return True


def require_encoders(profile: Profile) -> None:
    """Refuse a profile that cannot be encoded on this machine.

    Raises:
        MissingEncoderError: Names the encoder.
    """
    codec = "gif" if isinstance(profile, GifProfile) else profile.codec
    for name in (codec, *([profile.sound.codec] if profile.sound else [])):
        if not has_encoder(name):
            raise MissingEncoderError(name)


def encode_cell(pictures: Iterable[Picture], video_format: VideoFormat, profile: Profile) -> bytes:
    """Encode pictures as a file that begins with a keyframe and refers to nothing outside, with a fresh encoder.

    Args:
        pictures: One per frame, each of the format's size; alpha is ignored. Taken one by one, not kept.
        video_format: Size and rate.
        profile: How to encode.

    Returns:
        An MP4, WebM or GIF. Equal pictures, format and profile give equal bytes in any process.
    """
    if isinstance(profile, GifProfile):
        return encode_gif(pictures, video_format, profile)
    buffer = io.BytesIO()
    _write(buffer, pictures, video_format, profile, _NEVER)
    return buffer.getvalue()


def encode_clip(
    pictures: Iterable[Picture], video_format: VideoFormat, profile: EncoderProfile, out: Path, keyframe_every: int
) -> None:
    """Encode pictures as a file to be read again: closed GOPs of ``keyframe_every`` frames make seeking cheap."""
    with out.open("wb") as file:
        _write(file, pictures, video_format, profile, keyframe_every)


def _write(
    file: BinaryIO, pictures: Iterable[Picture], video_format: VideoFormat, profile: EncoderProfile, keyint: int
) -> None:
    with av.open(file, "w", format=profile.output, options={"fflags": "+bitexact"}) as container:
        stream, blank = _add_stream(container, video_format, profile, keyint), _blank_frame(video_format)
        for number, picture in enumerate(pictures):
            frame = _with_pixels(picture, blank)
            frame.pts, frame.time_base = number, 1 / video_format.fps
            frame.colorspace, frame.color_range = _BT709, ColorRange.MPEG
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _add_stream(
    container: OutputContainer, video_format: VideoFormat, profile: EncoderProfile, keyint: int
) -> VideoStream:
    options = _x264_options(profile, keyint) if profile.codec == "libx264" else _vp9_options(profile, keyint)
    stream = container.add_stream(profile.codec, rate=video_format.fps, options=options)
    stream.width, stream.height, stream.pix_fmt = video_format.width, video_format.height, "yuv420p"
    context = stream.codec_context
    context.time_base = 1 / video_format.fps
    context.sample_aspect_ratio = Fraction(1)
    context.thread_count = 1
    context.colorspace, context.color_range = _BT709, ColorRange.MPEG
    context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
    return stream


def _x264_options(profile: EncoderProfile, keyint: int) -> dict[str, str]:
    """Keyframes where the grid wants them and nowhere else: the scene has no say."""
    params = (
        f"asm={_X264_ASM}:threads=1:lookahead-threads=1:sliced-threads=0:rc-lookahead={_X264_LOOKAHEAD}"
        f":keyint={'infinite' if keyint == _NEVER else keyint}:scenecut=0:open-gop=0"
    )
    return {"preset": profile.preset, "crf": str(profile.crf), "x264-params": params}


def _vp9_options(profile: EncoderProfile, keyint: int) -> dict[str, str]:
    """One thread, one column of tiles, no look ahead: each picture is a packet, and memory stays at 150 MiB at 1080p.

    libvpx's realtime mode is at the quality of its slow one here (46 dB at 390 kB against 45.2 at 250 and 47.1 at 500)
    in a third to a sixth of its time.
    """
    return {
        "deadline": "realtime",
        "cpu-used": profile.preset,
        "crf": str(profile.crf),
        "b": "0",
        "g": str(keyint),
        "lag-in-frames": "0",
        "auto-alt-ref": "0",
        "row-mt": "0",
        "tile-columns": "0",
        "tile-rows": "0",
        "frame-parallel": "0",
    }


def _blank_frame(video_format: VideoFormat) -> VideoFrame:
    return VideoFrame(video_format.width, video_format.height, "yuv420p")


def _with_pixels(picture: Picture, blank: VideoFrame) -> VideoFrame:
    """The picture's own memory as a frame where its form allows, else a copy in ``blank``.

    Either may be written again for the next picture: the encoders copy what they are given before they return.
    """
    if picture.packed is not None and picture.height % 4 == 0:
        return VideoFrame.from_numpy_buffer(picture.packed, "yuv420p")
    for plane, pixels in zip(blank.planes, picture.planes, strict=True):
        pixels_of(plane)[:] = pixels
    return blank


__all__ = [
    "DRAFT",
    "HIGH",
    "PROFILES",
    "STANDARD",
    "EncoderProfile",
    "Profile",
    "encode_cell",
    "encode_clip",
    "has_encoder",
    "require_encoders",
]
