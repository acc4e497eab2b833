"""Making accepted files uniform, so that renders read them fast and nothing of the original's surprises is left.

Run on workers: decoding a stranger's file takes memory and time in proportion to it.
"""

import io
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Literal

from PIL import Image

from render_core.audio.samples import SAMPLE_RATE, Pieces, Samples, Take
from render_core.errors import MediaError
from render_core.media.concat import concat
from render_core.media.decode import VideoReader
from render_core.media.delivery import deliver
from render_core.media.encode import EncoderProfile, encode_clip
from render_core.media.image import read_pixels
from render_core.media.probe import probe
from render_core.media.sound import encode_mp3, encode_sound, read_sound
from render_core.picture import Picture
from render_core.spec import Frozen, MediaInfo, MediaKind, VideoFormat
from render_core.thumbnail import resized

OnProgress = Callable[[int, int], None]
MimeType = Literal["video/mp4", "audio/mpeg", "image/jpeg", "image/png"]

LONGEST_S = 1800
"""The longest video any plan allows; no clip or music needs to be longer."""

_SHORT_SIDE, _LONG_SIDE, _LEAST_SIDE = 2160, 3840, 16
_PROFILE = EncoderProfile(name="asset", preset="superfast", crf=22)
"""As true as veryfast at 18 (52.6 dB) in half its time, for a third more bytes."""
_KEYFRAME_S = Fraction(1, 2)
"""From one keyframe to the next: a still elsewhere is decoded in 45 ms instead of 63 with a whole second (1080×1920,
one thread, mean), for 7 to 11 % more bytes."""
_MOST_MEGAPIXELS = 1.05 * LONGEST_S * 30 * 1080 * 1920 / 1e6
_CPU_S_A_MEGAPIXEL = 0.04
"""Five times what a 1080×1920 clip in H.264 takes here; other codecs take longer."""
_WORDS: dict[MediaKind, str] = {"video": "moving picture", "audio": "sound", "image": "still picture"}
_RATES = tuple(Fraction(rate) for rate in ("24", "25", "30", "50", "60", "24000/1001", "30000/1001", "60000/1001"))


class Normalised(Frozen):
    """What a file has become.

    Attributes:
        info: What a probe says of the new file.
    """

    info: MediaInfo
    mime_type: MimeType


def judge(path: Path, kind: MediaKind) -> MediaInfo:
    """What an upload is, without listening to it.

    Args:
        path: The file.
        kind: What it must be.

    Raises:
        MediaError: If it is something else, damaged, too long or too much work.
    """
    info = probe(path, is_heard=False)
    if info.kind != kind:
        raise MediaError(
            path.name, f"There is no {_WORDS[kind]} in it but {_WORDS[info.kind]} only. Choose another file."
        )
    if info.kind != "image":
        _refuse_long(info, path.name)
    if _megapixels(info) > _MOST_MEGAPIXELS:
        raise MediaError(path.name, "It has more pixels than half an hour at 1080×1920. Make it shorter or smaller.")
    return info


def work_s(info: MediaInfo) -> int:
    """Seconds of processor time that making a file uniform may take: several times what it takes usually."""
    return round(60 + _CPU_S_A_MEGAPIXEL * _megapixels(info) + float(info.duration_s))


def normalise(info: MediaInfo, path: Path, out: Path, on_progress: OnProgress) -> Normalised:
    """Make a file uniform.

    Args:
        info: What ``judge`` said of it.
        path: The file.
        out: Where to write.
        on_progress: Told of frames or samples done and in all; of stills never.

    Raises:
        MediaError: If it cannot be used after all.
    """
    match info.kind:
        case "video":
            return Normalised(info=normalise_video(path, out, on_progress), mime_type="video/mp4")
        case "audio":
            return Normalised(info=normalise_sound(path, out, on_progress), mime_type="audio/mpeg")
        case "image":
            mime_type = normalise_image(path, out)
            return Normalised(info=probe(out), mime_type=mime_type)


def _megapixels(info: MediaInfo) -> float:
    """Of all frames that will be written."""
    fps = _constant_rate(info.fps) if info.fps else 0
    return info.width * info.height / 1e6 * max(info.frame_count, float(info.duration_s * fps))


def normalise_video(path: Path, out: Path, on_progress: OnProgress = lambda _done, _total: None) -> MediaInfo:
    """Write a clip as MP4: H.264 at a constant rate, upright, a keyframe each half second, AAC where it has sound.

    Args:
        path: Any clip that ``probe`` accepts.
        out: Where to write. Two files beside it, named after it, are used on the way and removed.
        on_progress: Told of frames done and in all.

    Raises:
        MediaError: If the clip is damaged, smaller than 16 pixels or longer than half an hour.
    """
    info = probe(path, is_heard=False)
    if info.kind != "video":
        raise MediaError(path.name, "There is no moving picture in it. Choose a video file.")
    _refuse_long(info, path.name)
    silent, sound = out.with_name(f"{out.name}.silent"), out.with_name(f"{out.name}.sound")
    try:
        fps = _write_pictures(path, silent, on_progress)
        if info.has_audio:
            encode_sound(read_sound(path, duration_s=info.duration_s), sound)
        # Nothing was written where nothing of the sound can be decoded.
        concat([silent], sound if sound.is_file() else None, out, fps)
    finally:
        silent.unlink(missing_ok=True)
        sound.unlink(missing_ok=True)
    return probe(out)


def normalise_image(path: Path, out: Path) -> Literal["image/jpeg", "image/png"]:
    """Write an image upright, in sRGB, at most 2160×3840 pixels, without metadata: PNG if transparent, else JPEG.

    Returns:
        The media type that was written.

    Raises:
        MediaError: If it is no usable image.
    """
    image = read_pixels(path)
    factor = min(1.0, _SHORT_SIDE / min(image.size), _LONG_SIDE / max(image.size))
    size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    if size != image.size:
        image = image.resize(size, Image.Resampling.LANCZOS)
    image.info.clear()
    buffer = io.BytesIO()  # a full disk is told by the file itself, never by Pillow
    if image.mode == "RGBA":
        image.save(buffer, "PNG")
    else:
        image.save(buffer, "JPEG", quality=92, subsampling=0, optimize=True)
    out.write_bytes(buffer.getvalue())
    return "image/png" if image.mode == "RGBA" else "image/jpeg"


def normalise_sound(path: Path, out: Path, on_progress: OnProgress = lambda _done, _total: None) -> MediaInfo:
    """Write a sound as MP3 at −14 LUFS, below −1 dBTP.

    Args:
        path: Any file with sound that ``probe`` accepts.
        out: Where to write.
        on_progress: Told of samples heard and in all, of each hearing.

    Raises:
        MediaError: If there is no sound in the file, nothing of it can be decoded, or it is longer than half an hour.
    """
    info = probe(path, is_heard=False)
    _refuse_long(info, path.name)
    if not any(map(len, read_sound(path))):
        raise MediaError(path.name, "None of its sound can be decoded. Export it again as MP3 or WAV.")
    deliver(_Told(Take(lambda: read_sound(path)), info.duration_s, on_progress), encode_mp3, out)
    return probe(out)


class _Told:
    """A sound that tells how far it is heard: mostly twice, for its level and for its bytes; then the file is heard."""

    def __init__(self, sound: Pieces, duration_s: Fraction, on_progress: OnProgress) -> None:
        self._sound = sound
        self._total = 3 * max(1, round(duration_s * SAMPLE_RATE))
        self._on_progress = on_progress
        self._heard = 0

    def __iter__(self) -> Iterator[Samples]:
        for piece in self._sound:
            yield piece
            self._heard = min(self._heard + len(piece), self._total - 1)
            self._on_progress(self._heard, self._total)


def _refuse_long(info: MediaInfo, name: str) -> None:
    if info.duration_s > LONGEST_S:
        length = f"It is {float(info.duration_s) / 60:.0f} minutes long; at most {LONGEST_S // 60} are accepted."
        raise MediaError(name, f"{length} Cut it and upload it again.")


def _write_pictures(path: Path, out: Path, on_progress: OnProgress) -> Fraction:
    with VideoReader(path) as reader:
        fps = _constant_rate(reader.index.fps)
        video_format = _fitting(reader.frame(0), fps, path.name)
        pictures = _pictures(reader, video_format, on_progress)
        encode_clip(pictures, video_format, _PROFILE, out, keyframe_every=round(fps * _KEYFRAME_S))
    return fps


def _constant_rate(fps: Fraction) -> Fraction:
    return min(_RATES, key=lambda rate: abs(rate - fps))


def _fitting(picture: Picture, fps: Fraction, name: str) -> VideoFormat:
    sides = sorted((picture.width, picture.height))
    if sides[0] < _LEAST_SIDE:
        problem = f"The picture is {picture.width}×{picture.height}; a clip needs {_LEAST_SIDE} pixels a side at least."
        raise MediaError(name, f"{problem} Choose a larger one.")
    source = VideoFormat.model_construct(width=picture.width, height=picture.height, fps=fps)
    return source.scaled(min(1.0, _SHORT_SIDE / sides[0], _LONG_SIDE / sides[1]))


def _pictures(reader: VideoReader, video_format: VideoFormat, on_progress: OnProgress) -> Iterator[Picture]:
    """One picture per frame of the constant rate: the one on screen at that moment."""
    total = max(1, round(reader.index.duration_s * video_format.fps))
    for number in range(total):
        yield resized(reader.frame_at(number / video_format.fps), video_format.width, video_format.height)
        on_progress(number + 1, total)
