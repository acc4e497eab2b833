"""Pictures and media without files, for tests of painting."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import sha256
from typing import Any, TypeVar

import numpy as np

from render_core.picture import Picture, from_rgb
from render_core.spec import AssetRef, MediaInfo, MediaKind

T = TypeVar("T")


def invented_asset(
    name: str,
    kind: MediaKind = "video",
    *,
    width: int = 108,
    height: int = 192,
    frames: int = 300,
    fps: Fraction = Fraction(30),
) -> AssetRef:
    """An asset with no file behind it; equal names have equal hashes."""
    moving = kind == "video"
    info = MediaInfo(
        kind=kind,
        width=0 if kind == "audio" else width,
        height=0 if kind == "audio" else height,
        frame_count=frames if moving else 0,
        fps=fps if moving else None,
        duration_s=Fraction(0) if kind == "image" else frames / fps,
        has_audio=kind != "image",
    )
    return AssetRef(sha256=sha256(name.encode()).hexdigest(), key=f"invented/{name}", info=info)


def smooth_rgb(width: int, height: int, phase: float = 0.0):
    """Soft waves in all three channels: uint8, shape (height, width, 3)."""
    y, x = np.mgrid[0:height, 0:width]
    x, y = (x + 0.5) / width, (y + 0.5) / height
    waves = [np.sin(5 * x + 3 * y + phase), np.cos(4 * x - 2 * y + phase), np.sin(3 * x * y + 2 + phase)]
    return np.round(128 + 90 * np.dstack(waves)).astype(np.uint8)


def smooth_picture(width: int = 108, height: int = 192, phase: float = 0.0) -> Picture:
    """The same as a picture."""
    return from_rgb(smooth_rgb(width, height, phase))


def flat_picture(width: int, height: int, color: tuple[int, int, int]) -> Picture:
    """A picture of one RGB colour."""
    return from_rgb(np.full((height, width, 3), color, np.uint8))


def moving_noise(count: int, width: int = 96, height: int = 64) -> list[Picture]:
    """Noise that moves three pixels a frame, the same in every process: it leaves no block of an encoder idle."""
    rng = np.random.default_rng(3)
    shapes = ((height, width), (height // 2, width // 2), (height // 2, width // 2))
    planes = [rng.integers(16, 235, shape, np.uint8) for shape in shapes]
    return [Picture(*(np.roll(plane, 3 * number, axis=1) for plane in planes)) for number in range(count)]


@dataclass
class FakeMedia:
    """A MediaSource that invents every picture from the asset's hash and the time, at the asset's size.

    Attributes:
        pictures: What to show for some assets (by hash) instead.
        asked: (hash, seconds) of the frames that were asked for, in order.
    """

    pictures: dict[str, Picture] = field(default_factory=dict)
    asked: list[tuple[str, Fraction]] = field(default_factory=list)
    memory: dict[Hashable, Any] = field(default_factory=dict)

    def video_frame(self, asset: AssetRef, at_s: Fraction) -> Picture:
        self.asked.append((asset.sha256, at_s))
        return self._picture(asset, float(at_s))

    def image(self, asset: AssetRef) -> Picture:
        return self._picture(asset, 0.0)

    def remembered(self, key: Hashable, make: Callable[[], T]) -> T:
        if key not in self.memory:
            self.memory[key] = make()
        value: T = self.memory[key]
        return value

    def _picture(self, asset: AssetRef, at_s: float) -> Picture:
        phase = int(asset.sha256[:4], 16) + at_s
        made = self.pictures.get(asset.sha256) or smooth_picture(asset.info.width, asset.info.height, phase)
        for plane in (made.y, made.u, made.v):
            plane.flags.writeable = False
        return made


def mean_difference(a: Picture, b: Picture) -> float:
    """Mean absolute difference of luma."""
    return float(np.abs(a.y.astype(int) - b.y.astype(int)).mean())
