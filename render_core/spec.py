"""Frozen values that cross processes: what to render, from which assets, in which format. JSON in and out."""

from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

MediaKind = Literal["video", "image", "audio"]
Output = Literal["mp4", "webm", "gif"]
"""The format of a file: MP4 (H.264 and AAC), WebM (VP9 and Opus) or an animated GIF."""
Quality = Literal["draft", "standard", "high"]
"""Names of encoder profiles."""
AssetRole = str
"""A template's name for an input: ``lipSyncVideo``, ``coverImage``, …"""


class Frozen(BaseModel):
    """Base of the values that cross processes: immutable, closed to unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Beat(Frozen):
    """The steady beat of a piece of music: a grid of moments ``first_s + n * period_s``.

    Attributes:
        first_s: The first beat, in seconds from the start of the sound.
        period_s: From one beat to the next, in seconds.
    """

    first_s: Annotated[Fraction, Field(ge=0)]
    period_s: Annotated[Fraction, Field(gt=0)]


class MediaInfo(Frozen):
    """What a probe found out about a media file. Sizes are as displayed (rotation applied), in pixels.

    Attributes:
        speech: When somebody speaks: start and end in milliseconds, in order, apart from each other.
        beat: The beat of its music, or None where there is no clear and steady one.
    """

    kind: MediaKind
    width: int = 0
    height: int = 0
    frame_count: int = 0
    fps: Fraction | None = None
    duration_s: Fraction = Fraction(0)
    has_audio: bool = False
    sample_rate: int = 0
    speech: tuple[tuple[int, int], ...] = ()
    beat: Beat | None = None


class AssetRef(Frozen):
    """One input file.

    Attributes:
        sha256: Hex digest of the bytes; the only thing about the file that enters a cell's key.
        key: Where the bytes are: an object key in the cluster, a file path on the command line.
        info: What the probe found.
    """

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    key: str
    info: MediaInfo


class VideoFormat(Frozen):
    """Size in pixels (even) and frame rate of an output."""

    width: Annotated[int, Field(ge=16, le=4096, multiple_of=2)]
    height: Annotated[int, Field(ge=16, le=4096, multiple_of=2)]
    fps: Annotated[Fraction, Field(gt=0, le=120)]

    def scaled(self, factor: float) -> "VideoFormat":
        """The same picture at another size: sides multiplied by ``factor`` and rounded to even pixels."""
        return VideoFormat(width=_even(self.width * factor), height=_even(self.height * factor), fps=self.fps)


def _even(pixels: float) -> int:
    return max(16, round(pixels / 2) * 2)


class SpriteSheet(Frozen):
    """How a sheet of thumbnails is to be read: row by row, one every ``every_s`` seconds from the start.

    Attributes:
        width: Of a thumbnail, in pixels.
        height: Of a thumbnail, in pixels.
        columns: Thumbnails in a row.
        count: Thumbnails on the sheet.
        every_s: Seconds from one to the next.
        duration_s: Of the video; the last thumbnail stands for what is left.
    """

    width: int
    height: int
    columns: int
    count: int
    every_s: float
    duration_s: float


class RenderSpec(Frozen):
    """Everything a render depends on. Two equal specs give equal files.

    Attributes:
        version: Of this message's own form.
        template: Registered name, e.g. ``LipSyncTemplate``.
        assets: Inputs by role, in order. A role that takes one file has a tuple of one.
        config: The template's settings by their public (camelCase) names, already validated and complete.
        scale: Size of the output relative to the config's width and height; previews use less than 1.
        output: Format of the file.
        quality: Named encoder profile: ``draft``, ``standard`` or ``high``.
    """

    version: Literal[1] = 1
    template: str
    assets: dict[AssetRole, tuple[AssetRef, ...]]
    config: dict[str, Any]
    scale: Annotated[float, Field(gt=0, le=2)] = 1.0
    output: Output = "mp4"
    quality: Quality = "standard"

    @property
    def inputs(self) -> tuple[AssetRef, ...]:
        """All files, role by role."""
        return tuple(ref for refs in self.assets.values() for ref in refs)
