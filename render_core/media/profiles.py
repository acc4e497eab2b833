"""Named ways of encoding: by what is wanted (a file format) and how good it has to be."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Literal

from render_core.spec import Output, Quality


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundProfile:
    """How a sound track is encoded.

    Attributes:
        codec: Encoder of libavcodec.
        bit_rate: Bits per second.
        revision: Raised when the way of encoding changes.
    """

    codec: Literal["aac", "libopus"] = "aac"
    bit_rate: int = 192_000
    revision: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderProfile:
    """Everything about encoding moving pictures that changes bytes. Every field enters the keys of cells.

    Attributes:
        name: What people choose by.
        output: The format of the file.
        codec: Encoder of libavcodec.
        preset: The encoder's own trade of time for size: a preset of x264, or ``cpu-used`` of libvpx.
        crf: Constant quality on the encoder's own scale; less is better.
        sound: How the sound goes with it.
        revision: Raised when the way of encoding changes.
    """

    name: str
    output: Literal["mp4", "webm"] = "mp4"
    codec: Literal["libx264", "libvpx-vp9"] = "libx264"
    preset: str
    crf: int
    sound: SoundProfile | None = SoundProfile()
    revision: int = 2

    def step(self, _fps: Fraction) -> int:
        """Every frame is shown."""
        return 1


@dataclass(frozen=True, slots=True, kw_only=True)
class GifProfile:
    """Everything about encoding an animated GIF that changes bytes. It has no sound.

    Attributes:
        name: What people choose by.
        shorter_side: Pixels at most; larger videos are made smaller.
        most_fps: Of a video with a higher rate every second, third, … frame is shown.
        colours: In the palette of a cell.
        bayer_scale: Of ordered dithering, 0–5: less is a coarser pattern and smoother gradients.
        revision: Raised when the way of encoding changes.
    """

    name: str
    output: Literal["gif"] = "gif"
    shorter_side: int
    most_fps: Fraction
    colours: int = 256
    bayer_scale: int
    sound: None = None
    revision: int = 1

    def step(self, fps: Fraction) -> int:
        """One in so many frames is shown."""
        return ceil(fps / self.most_fps)


Profile = EncoderProfile | GifProfile

DRAFT = EncoderProfile(name="draft", preset="ultrafast", crf=28, sound=SoundProfile(bit_rate=128_000))
"""For looking at: a quarter of the time of standard."""
STANDARD = EncoderProfile(name="standard", preset="veryfast", crf=23)
"""For social networks, which encode again: VMAF about 95, 29 ms a frame at 1080×1920."""
HIGH = EncoderProfile(name="high", preset="medium", crf=18)
"""For keeping: VMAF about 98, three and a half times the time of standard."""


def _webm(name: str, preset: int, crf: int, bit_rate: int) -> EncoderProfile:
    sound = SoundProfile(codec="libopus", bit_rate=bit_rate)
    return EncoderProfile(name=name, output="webm", codec="libvpx-vp9", preset=str(preset), crf=crf, sound=sound)


PROFILES: dict[tuple[Output, Quality], Profile] = {
    ("mp4", "draft"): DRAFT,
    ("mp4", "standard"): STANDARD,
    ("mp4", "high"): HIGH,
    # As good as the MP4 of the same name, in three quarters of its bytes and about the time of its standard.
    ("webm", "draft"): _webm("draft", preset=8, crf=42, bit_rate=96_000),
    ("webm", "standard"): _webm("standard", preset=5, crf=33, bit_rate=128_000),
    ("webm", "high"): _webm("high", preset=5, crf=22, bit_rate=160_000),
    # Colours that do not repeat make GIFs large, about 1 MB a second of the standard one: small pictures, low rates.
    ("gif", "draft"): GifProfile(name="draft", shorter_side=240, most_fps=Fraction(25, 2), colours=128, bayer_scale=4),
    ("gif", "standard"): GifProfile(name="standard", shorter_side=360, most_fps=Fraction(15), bayer_scale=3),
    ("gif", "high"): GifProfile(name="high", shorter_side=480, most_fps=Fraction(25), bayer_scale=2),
}


def profile_of(output: Output, quality: Quality) -> Profile:
    """The profile that a spec asks for."""
    return PROFILES[output, quality]
