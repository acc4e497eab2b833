"""Test media made by code: clips whose frames can be told apart after any encoding, tones, images, fakes."""

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import sha256
from pathlib import Path

import av
import cv2
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.frame import VideoFrame
from numpy.typing import NDArray
from PIL import Image

from cluster.ports import ObjectStore
from render_core.audio.samples import joined
from render_core.media.sound import read_sound
from render_core.picture import Picture
from render_core.spec import AssetRef, RenderSpec

_BITS = (3, 4)
"""Rows and columns of blocks: 12 bits, so clips of up to 4096 frames."""
_ENCODING = {"preset": "veryfast", "crf": "20", "g": "12", "bf": "2", "sc_threshold": "0"}


def numbered_luma(number: int, width: int = 96, height: int = 64) -> NDArray[np.uint8]:
    """A luma plane with the number written in black and white blocks, most significant bit at the top left."""
    bits = np.array([(number >> shift) & 1 for shift in range(11, -1, -1)], np.uint8).reshape(_BITS)
    return cv2.resize(bits * 219 + 16, (width, height), interpolation=cv2.INTER_NEAREST).astype(np.uint8)


def numbered_picture(number: int, width: int = 96, height: int = 64) -> Picture:
    """A grey picture with the number written in its blocks."""
    picture = Picture.black(width, height)
    picture.y[:] = numbered_luma(number, width, height)
    return picture


def read_number(picture: Picture) -> int:
    """The number written by ``numbered_luma``, from a picture of any size."""
    blocks = cv2.resize(picture.y, _BITS[::-1], interpolation=cv2.INTER_AREA)
    return int("".join("1" if block > 128 else "0" for block in blocks.ravel()), 2)


@dataclass(frozen=True, kw_only=True)
class ClipPlan:
    """How a numbered clip is made.

    Attributes:
        frames: How many.
        fps: Rate; frame n is shown at n / fps.
        ticks: Presentation times in ticks of ``time_base`` instead: a variable rate.
        rotation: Turn written into the header, degrees counterclockwise.
        is_mirrored: Whether the header says that left and right are swapped after the turn.
        tone_hz: A sine that starts ``sound_at`` seconds after time 0; None for no sound.
        sound: Samples to be heard instead of a sine.
    """

    frames: int = 40
    fps: Fraction = Fraction(30)
    width: int = 96
    height: int = 64
    codec: str = "libx264"
    pix_fmt: str = "yuv420p"
    options: Mapping[str, str] = field(default_factory=lambda: dict(_ENCODING))
    ticks: tuple[int, ...] | None = None
    time_base: Fraction | None = None
    rotation: int = 0
    is_mirrored: bool = False
    tone_hz: float | None = None
    sound: NDArray[np.float32] | None = None
    sound_at: float = 0.0


def make_clip(path: Path, plan: ClipPlan | None = None, **changes: object) -> Path:
    """Write a clip of numbered frames; keyword arguments are fields of ``ClipPlan``."""
    plan = plan or ClipPlan(**changes)  # type: ignore[arg-type]  # the fields are checked by the dataclass
    with av.open(str(path), "w") as container:
        stream = container.add_stream(plan.codec, rate=plan.fps, options=dict(plan.options))
        stream.width, stream.height, stream.pix_fmt = plan.width, plan.height, plan.pix_fmt
        stream.codec_context.time_base = _time_base(plan)
        stream.codec_context.thread_count = 1
        if plan.rotation or plan.is_mirrored:
            stream.set_display_rotation(plan.rotation, hflip=plan.is_mirrored)
        sounding = _sounding(plan)
        sound = None if sounding is None else container.add_stream("aac", rate=48000)
        for frame in _numbered_frames(plan):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if sound is not None and sounding is not None:
            _mux_sound(container, sound, sounding, round(plan.sound_at * 48000))
    return path


def _sounding(plan: ClipPlan) -> NDArray[np.float32] | None:
    if plan.sound is None and plan.tone_hz is not None:
        return tone(plan.tone_hz, float(plan.frames / plan.fps) - plan.sound_at)
    return plan.sound


def _time_base(plan: ClipPlan) -> Fraction:
    return plan.time_base or 1 / plan.fps


def _numbered_frames(plan: ClipPlan) -> Iterator[VideoFrame]:
    for number in range(plan.frames):
        frame = VideoFrame(plan.width, plan.height, "yuv420p")
        for plane, value in zip(frame.planes, (numbered_luma(number, plan.width, plan.height), 128, 128), strict=True):
            lines = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
            lines[:, : plane.width] = value
        frame = frame if plan.pix_fmt == "yuv420p" else frame.reformat(format=plan.pix_fmt, threads=1)
        frame.pts = plan.ticks[number] if plan.ticks else number
        frame.time_base = _time_base(plan)
        yield frame


def _mux_sound(container: OutputContainer, stream: AudioStream, samples: NDArray[np.float32], start: int) -> None:
    for at in range(0, len(samples), 1024):
        block = AudioFrame.from_ndarray(np.ascontiguousarray(samples[at : at + 1024].T), "fltp", "stereo")
        block.sample_rate, block.pts, block.time_base = stream.rate, start + at, Fraction(1, stream.rate)
        container.mux(stream.encode(block))
    container.mux(stream.encode(None))


def tone(hz: float, seconds: float, level: float = 0.5) -> NDArray[np.float32]:
    """A sine on both channels, shape (n, 2), 48 kHz."""
    wave = level * np.sin(2 * np.pi * hz * np.arange(round(seconds * 48000)) / 48000)
    return np.repeat(wave.astype(np.float32)[:, None], 2, axis=1)


def noise(seconds: float, level: float = 0.2, seed: int = 1) -> NDArray[np.float32]:
    """White noise on both channels, shape (n, 2), 48 kHz: good for finding out how far something was moved."""
    wave = np.random.default_rng(seed).normal(0, level, round(seconds * 48000)).clip(-1, 1)
    return np.repeat(wave.astype(np.float32)[:, None], 2, axis=1)


def make_sound(path: Path, samples: NDArray[np.float32], codec: str = "pcm_s16le", rate: int = 48000) -> Path:
    """Write a sound file; the container follows from the name, e.g. .wav, .mp3 (libmp3lame), .m4a (aac)."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        _mux_sound(container, stream, samples, 0)
    return path


def sound_of(path: Path, start_s: Fraction = Fraction(0), duration_s: Fraction | None = None) -> NDArray[np.float32]:
    """The sound of a file, or of a window of it, all at once."""
    return joined(read_sound(path, start_s, duration_s))


def make_text_named_mp4(path: Path) -> Path:
    """A text file with the name of a clip."""
    path.write_text("This is not a video.\n" * 50)
    return path


def make_audio_only_mp4(path: Path, seconds: float = 1.0) -> Path:
    """An MP4 with sound and no picture."""
    return make_sound(path, tone(440, seconds), "aac")


def make_image(path: Path, width: int = 64, height: int = 48, mode: str = "RGB") -> Path:
    """A gradient from black to red, blue at the left half; RGBA is clear at the top."""
    ramp = np.linspace(0, 255, width, dtype=np.uint8)
    pixels = np.zeros((height, width, len(mode)), np.uint8)
    pixels[..., 0] = ramp
    pixels[:, : width // 2, 2] = 200
    if mode == "RGBA":
        pixels[height // 2 :, :, 3] = 255
    Image.fromarray(pixels).save(path)
    return path


def jpeg_bytes(width: int, height: int, orientation: int = 1) -> bytes:
    """A JPEG, white in its upper left quarter, with the camera's orientation in its EXIF."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", exif=exif.tobytes(), quality=95)
    return buffer.getvalue()


def asset(path: Path) -> AssetRef:
    """A reference to a file as the command line makes it."""
    from render_core.media.probe import probe

    return AssetRef(sha256=sha256(path.read_bytes()).hexdigest(), key=str(path), info=probe(path))


def by_path() -> Callable[[AssetRef], Path]:
    """How the command line finds assets: their key is their path."""
    return lambda ref: Path(ref.key)


def lip_sync_spec(folder: Path, seconds: int = 6, scale: float = 0.1, **config: object) -> RenderSpec:
    """A small video of a numbered clip with a tone, by the LipSyncTemplate; its asset is a file in ``folder``."""
    from render_core.templates import make_spec

    clip = folder / f"avatar-{seconds}.mp4"
    if not clip.exists():
        make_clip(clip, frames=30 * seconds, tone_hz=440, width=108, height=192)
    return make_spec("LipSyncTemplate", {"lipSyncVideo": (asset(clip),)}, config, scale=scale)


def stored(spec: RenderSpec, objects: ObjectStore) -> RenderSpec:
    """The same spec with its assets in an object store, as the cluster wants them."""
    from cluster.keys import asset_key

    assets = {}
    for role, refs in spec.assets.items():
        for ref in refs:
            objects.put_file(asset_key("avatar", ref.sha256), Path(ref.key))
        assets[role] = tuple(ref.model_copy(update={"key": asset_key("avatar", ref.sha256)}) for ref in refs)
    return spec.model_copy(update={"assets": assets})
