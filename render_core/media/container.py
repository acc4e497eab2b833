"""Opening media files safely, and av's errors as sentences."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from render_core.errors import MediaError

MAX_PIXELS = 4096 * 4096
"""A picture of more pixels is refused by its header, before memory is taken for it."""

_TIMEOUT_S = 5
_OPTIONS = {
    # A playlist or SDP text named .mp4 would otherwise open its neighbours, or sockets.
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mp3,wav,ogg,flac,aac,avi,mpegts",
    "protocol_whitelist": "file",
    "max_pixels": str(MAX_PIXELS),
}


@contextmanager
def opened(path: Path) -> Iterator[InputContainer]:
    """A container open for reading; whatever av raises inside becomes a MediaError."""
    with speaking_of(path), open_media(path) as container:
        yield container


def open_media(path: Path) -> InputContainer:
    """Open a file that may be hostile: known formats only, local files only, sizes bounded.

    Raises:
        MediaError: If it is missing, empty or no media file.
    """
    with speaking_of(path):
        if path.stat().st_size == 0:
            raise MediaError(path.name, "The file is empty. Upload it again.")
        return av.open(str(path.absolute()), "r", options=_OPTIONS, metadata_errors="replace", timeout=_TIMEOUT_S)


def can_be_opened(path: Path) -> bool:
    """Whether the file is there and its index can be read."""
    try:
        with open_media(path):
            return True
    except MediaError:
        return False


@contextmanager
def speaking_of(path: Path) -> Iterator[None]:
    """Turn the errors of av and of the file system into a MediaError about ``path``."""
    try:
        yield
    except (av.FFmpegError, OSError, ValueError) as error:
        raise MediaError(path.name, _sentence(error)) from error


def _sentence(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "The file is not there."
    if isinstance(error, TimeoutError):
        return "Reading took too long. Convert the file to MP4 (H.264) and upload it again."
    if isinstance(error, (av.InvalidDataError, av.ArgumentError, EOFError)):
        return "This is no media file, or it is damaged or cut off. Export it again as MP4, WebM, MP3 or WAV."
    return "The file cannot be read as media. Export it again as MP4 (H.264, AAC) and upload it again."


def video_stream(container: InputContainer, name: str) -> VideoStream:
    """The stream of moving pictures; a cover image inside an audio file does not count.

    Raises:
        MediaError: If there is none, or its pictures are larger than ``MAX_PIXELS``.
    """
    stream = find_video(container)
    if stream is None:
        problem = "There is sound but no picture in it." if container.streams.audio else "There is no picture in it."
        raise MediaError(name, f"{problem} Choose a video file.")
    check_size(stream.width, stream.height, name)
    stream.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
    return stream


def find_video(container: InputContainer) -> VideoStream | None:
    """The first video stream that can be decoded and is not an attached picture, or None."""
    streams = (s for s in container.streams.video if s.codec_context and not s.disposition & Disposition.attached_pic)
    return next(streams, None)


def find_audio(container: InputContainer) -> AudioStream | None:
    """The first sound that can be decoded, or None."""
    return next((stream for stream in container.streams.audio if stream.codec_context), None)


def check_size(width: int, height: int, name: str) -> None:
    """Refuse pictures that would take too much memory.

    Raises:
        MediaError: If there are more than ``MAX_PIXELS`` pixels, or none.
    """
    if width * height > MAX_PIXELS:
        limit = f"at most {MAX_PIXELS / 1e6:.0f} million pixels"
        raise MediaError(name, f"The picture is {width}×{height}; {limit} are accepted. Make it smaller.")
    if width < 1 or height < 1:
        raise MediaError(name, "The picture has no size: the file is damaged or cut off.")
