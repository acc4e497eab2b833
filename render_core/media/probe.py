"""What a media file is: kind, displayed size, exact frame count and duration."""

from contextlib import suppress
from fractions import Fraction
from pathlib import Path

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.stream import VideoStream

from render_core.audio.bands import bands_of
from render_core.audio.beat import find_beat
from render_core.audio.speech import intervals, is_speech
from render_core.errors import MediaError
from render_core.media.container import check_size, find_audio, find_video, opened, video_stream
from render_core.media.display import displayed_width, turn_of
from render_core.media.image_file import is_image, opened_image, upright_size
from render_core.media.index import read_index
from render_core.media.sound import read_sound
from render_core.spec import MediaInfo

LONGEST_HEARD_S = 1800
"""A longer sound is not listened to: no plan allows longer videos."""


def probe(path: Path, *, is_heard: bool = True) -> MediaInfo:
    """Look at a file and listen to it: demux all of it, decode its first frame and its sound.

    Run it in a child process for files of strangers: see ``render_core.ingest``.

    Args:
        path: The file.
        is_heard: Whether speech and beat are wanted, which takes most of the time: 4 ms for a second of sound.

    Raises:
        MediaError: With a sentence for the user, if it is no usable media file.
    """
    if path.is_file() and is_image(path):
        return _probe_image(path)
    with opened(path) as container:
        if find_video(container) is not None:
            info = _probe_video(container, path.name)
        elif (sound := find_audio(container)) is not None:
            info = _probe_audio(container, sound, path.name)
        else:
            problem = "There is no picture or sound in it that can be read. Convert it to MP4 (H.264, AAC)."
            raise MediaError(path.name, problem)
    return _heard(path, info) if is_heard else info


def _probe_image(path: Path) -> MediaInfo:
    with opened_image(path) as image:
        width, height = upright_size(image)
        image.draft("RGB", (64, 64))
        image.load()
    return MediaInfo(kind="image", width=width, height=height, frame_count=1)


def _probe_video(container: InputContainer, name: str) -> MediaInfo:
    stream = video_stream(container, name)
    stream.thread_count = 1
    _refuse_cut_off(container, stream, name)
    index = read_index(container, stream, name)
    width, height = _displayed_size(container, stream, name)
    audio = find_audio(container)
    return MediaInfo(
        kind="video",
        width=width,
        height=height,
        frame_count=index.frame_count,
        fps=index.fps,
        duration_s=index.duration_s,
        has_audio=audio is not None,
        sample_rate=audio.rate if audio else 0,
    )


def _refuse_cut_off(container: InputContainer, stream: VideoStream, name: str) -> None:
    """An MP4's table says where its last sample ends; a file that ends before was cut off."""
    if "mp4" in container.format.name and any(e.pos + e.size > container.size for e in stream.index_entries):
        raise MediaError(name, "The file is cut off: its last part is missing. Upload it again.")


def _displayed_size(container: InputContainer, stream: VideoStream, name: str) -> tuple[int, int]:
    container.seek(stream.start_time or 0, stream=stream)
    frame = next(iter(container.decode(stream)), None)
    if frame is None:
        raise MediaError(name, "None of its frames can be decoded. Convert it to MP4 (H.264) and upload it again.")
    check_size(frame.width, frame.height, name)
    width = displayed_width(frame.width, stream.sample_aspect_ratio or Fraction(1))
    return (frame.height, width) if turn_of(frame).is_transposed else (width, frame.height)


def _probe_audio(container: InputContainer, stream: AudioStream, name: str) -> MediaInfo:
    start, end, time_base = None, Fraction(0), stream.time_base or Fraction(1, 48000)
    for packet in container.demux(stream):
        if packet.size and packet.pts is not None and not packet.is_discard:
            start = packet.pts * time_base if start is None else start
            end = max(end, (packet.pts + (packet.duration or 0)) * time_base)
    if start is None or end <= start:
        raise MediaError(name, "There is no sound in it. Choose another file.")
    return MediaInfo(kind="audio", duration_s=end - start, has_audio=True, sample_rate=stream.rate)


def _heard(path: Path, info: MediaInfo) -> MediaInfo:
    """With speech and beat. A clip whose sound cannot be decoded has neither: its picture may be all that is used."""
    if not info.has_audio or info.duration_s > LONGEST_HEARD_S:
        return info
    with suppress(*([MediaError] if info.kind == "video" else [])):
        bands = bands_of(read_sound(path, duration_s=info.duration_s))
        return info.model_copy(update={"speech": intervals(is_speech(bands)), "beat": find_beat(bands)})
    return info
