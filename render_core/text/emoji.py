"""Colour emoji: bitmaps of one size, scaled to that of the text around them."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from render_core.geometry import Box, region_of
from render_core.picture import Plane
from render_core.sampling import sample_plane
from render_core.text.fonts import EMOJI, load_font
from render_core.text.line import EMOJI_SIZE, Stretch

_EDGE = 2
"""Clear pixels around a bitmap, so that its edges stay soft when it is scaled."""


def draw_emoji(plane: NDArray[np.uint8], stretch: Stretch, size: float) -> None:
    """Draw one emoji where it belongs.

    Args:
        plane: Shape (height, width, 4), uint8: premultiplied RGBA, drawn upon in place.
        stretch: The emoji and its place.
        size: Of the font, in pixels.
    """
    bitmap, left, top = _bitmap(stretch.text)
    factor = size / EMOJI_SIZE
    x, y = stretch.x + left * factor, stretch.y + top * factor
    box = Box(left=x, top=y, width=bitmap.shape[1] * factor, height=bitmap.shape[0] * factor)
    region = region_of(box, plane.shape[1], plane.shape[0])
    if region.is_empty:
        return
    to_source = np.array([[1 / factor, 0, -x / factor], [0, 1 / factor, -y / factor]])
    drawn = np.dstack([sample_plane(bitmap[..., channel], to_source, region) for channel in range(4)])
    below = plane[region.y : region.y + region.height, region.x : region.x + region.width]
    below[:] = drawn + (below * (1 - drawn[..., 3:] / 255)).round().astype(np.uint8)


@lru_cache(maxsize=64)
def _bitmap(cluster: str) -> tuple[Plane, float, float]:
    """Premultiplied RGBA of a cluster, and its left and top edge relative to the base line's start."""
    font = load_font(EMOJI, EMOJI_SIZE, 400)
    left, top, right, bottom = map(round, font.getbbox(cluster, anchor="ls"))
    image = Image.new("RGBA", (right - left + 2 * _EDGE, bottom - top + 2 * _EDGE))
    pen = ImageDraw.Draw(image)
    pen.text((_EDGE - left, _EDGE - top), cluster, font=font, anchor="ls", embedded_color=True)
    return np.asarray(image.convert("RGBa"), np.uint8), left - _EDGE, top - _EDGE
