"""Darkening towards the corners, as a CSS radial gradient does it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from render_core.effects.blend import Veil, lay, veil
from render_core.layer import MediaSource
from render_core.picture import BLACK_Y, MID_CHROMA, Picture

STOPS = (0.4, 0.7, 1.0)
STRENGTHS = (0.0, 0.4, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vignette:
    """Black whose alpha grows from the middle to the corners of the canvas.

    Attributes:
        strength: Alpha in the corners, 0 … 1.
    """

    strength: float

    def paint(self, canvas: Picture, media: MediaSource) -> None:
        """Darken the canvas in place."""
        key = ("vignette", self.strength, canvas.width, canvas.height)
        lay(canvas, media.remembered(key, lambda: self._veil(canvas)))

    def hides_all_below(self, width: int, height: int) -> bool:  # noqa: ARG002 - the protocol's arguments
        """Never: the middle stays as it is."""
        return False

    def _veil(self, canvas: Picture) -> Veil:
        alpha = corner_alpha(canvas.width, canvas.height, self.strength)
        return veil((BLACK_Y, MID_CHROMA, MID_CHROMA), np.round(255 * alpha).astype(np.uint8))


def corner_alpha(width: int, height: int, strength: float) -> NDArray[np.float32]:
    """Alpha of the black, shape (height, width), float32.

    The ellipse has the proportions of the box and passes through its corners (CSS Images 3, farthest-corner).
    """
    x = (np.arange(width, dtype=np.float32) + 0.5) / width * 2 - 1
    y = (np.arange(height, dtype=np.float32) + 0.5) / height * 2 - 1
    radius = np.sqrt((x * x)[None, :] / 2 + (y * y)[:, None] / 2)
    return (np.interp(radius, STOPS, STRENGTHS) * strength).astype(np.float32)
