"""Film grain: fine noise on luma, another one in each frame, always the same in the same frame."""

from dataclasses import dataclass

import cv2
import numpy as np

from render_core.layer import MediaSource
from render_core.picture import Picture, Plane

_SIGMA = 5.0
"""Standard deviation in luma codes at strength 1."""
_PLAY = 256
"""The noise is this much larger than the canvas each way; frames take it from different places."""
_MIDDLE = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Grain:
    """The grain of one frame.

    Attributes:
        strength: 0 … 1.
        seed: Chooses the noise.
        frame: Chooses the part of it that is seen.
    """

    strength: float
    seed: int
    frame: int

    def paint(self, canvas: Picture, media: MediaSource) -> None:
        """Add the grain to luma."""
        key = ("grain", self.strength, self.seed, canvas.width, canvas.height)
        noise = media.remembered(key, lambda: self._noise(canvas.width + _PLAY, canvas.height + _PLAY))
        x, y = _offsets(self.seed, self.frame)
        part = noise[y : y + canvas.height, x : x + canvas.width]
        cv2.addWeighted(canvas.y, 1, part, 1, -_MIDDLE, dst=canvas.y)

    def hides_all_below(self, width: int, height: int) -> bool:  # noqa: ARG002 - the protocol's arguments
        """Never."""
        return False

    def _noise(self, width: int, height: int) -> Plane:
        noise = np.random.default_rng(self.seed).standard_normal((height, width), np.float32)
        codes = np.clip(np.round(noise * (_SIGMA * self.strength)) + _MIDDLE, 0, 255)
        return np.asarray(codes, np.uint8)


def _offsets(seed: int, frame: int) -> tuple[int, int]:
    """Two numbers below ``_PLAY`` that look random: the finaliser of SplitMix64 (Steele, Lea and Flood, 2014)."""
    value = (frame + 1 + seed * 0x2545F4914F6CDD1D) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
    value = (value ^ value >> 27) * 0x94D049BB133111EB & 0xFFFFFFFFFFFFFFFF
    value ^= value >> 31
    return value % _PLAY, (value >> 20) % _PLAY
