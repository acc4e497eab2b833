"""Lines of text as a picture with alpha: fill, outline and a soft shadow."""

from dataclasses import dataclass
from math import ceil

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from render_core.effects.blur import blurred_plane
from render_core.picture import Picture, Plane, from_rgb
from render_core.text.fonts import font_runs, is_right_to_left, load_font
from render_core.text.layout import line_width

Color = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextStyle:
    """How text looks. Lengths in pixels of the canvas.

    Attributes:
        family: Font family; others step in for characters that it lacks.
        weight: 100–900.
        size: Of the font.
        color: RGB of the letters.
        outline: Width of the line around them.
        outline_color: RGB.
        shadow: Sigma of the soft shadow; 0 for none.
        shadow_down: Its offset.
        shadow_opacity: 0 … 1.
        line_height: Distance of base lines, in sizes.
    """

    family: str
    weight: int
    size: float
    color: Color = (255, 255, 255)
    outline: float = 0.0
    outline_color: Color = (0, 0, 0)
    shadow: float = 0.0
    shadow_down: float = 0.0
    shadow_opacity: float = 0.0
    line_height: float = 1.15


@dataclass(frozen=True, slots=True)
class Piece:
    """Text at a place.

    Attributes:
        text: A word or a line.
        x: Of its left end, in pixels.
        y: Of its base line.
    """

    text: str
    x: float
    y: float


def rasterise(pieces: tuple[Piece, ...], size: tuple[int, int], style: TextStyle) -> Picture:
    """Draw pieces of text.

    Args:
        pieces: With their places in the picture.
        size: Width and height of the picture, even.
        style: How they look.

    Returns:
        A picture with alpha.
    """
    fill = _plane(pieces, size, style, 0)
    outline = _plane(pieces, size, style, style.outline) if style.outline else np.zeros_like(fill)
    return _composed(fill, outline, style)


def centred(lines: tuple[str, ...], style: TextStyle) -> tuple[tuple[Piece, ...], tuple[int, int]]:
    """Lines about the middle of a picture, and the size of a picture that holds them."""
    widths = [line_width(line, style.family, style.size, style.weight) for line in lines]
    step = style.size * style.line_height
    width = even_length(max(widths, default=0) + 2 * margin_of(style))
    height = even_length(len(lines) * step + 2 * margin_of(style))
    first = height / 2 - (len(lines) - 1) / 2 * step + CAPITALS / 2 * style.size
    pieces = (Piece(line, (width - widths[row]) / 2, first + row * step) for row, line in enumerate(lines))
    return tuple(pieces), (width, height)


CAPITALS = 0.7
"""Height of capitals in sizes; half of that below the middle of a line its base line lies."""


def margin_of(style: TextStyle) -> int:
    """Pixels around a text that outline, shadow and long letters may need."""
    return ceil(style.outline + style.shadow_down + 3 * style.shadow + 0.3 * style.size)


def even_length(length: float) -> int:
    """The least even number of pixels that holds ``length``."""
    return max(2, ceil(length / 2) * 2)


def _plane(pieces: tuple[Piece, ...], size: tuple[int, int], style: TextStyle, stroke: float) -> Plane:
    image = Image.new("L", size)
    pen = ImageDraw.Draw(image)
    for piece in pieces:
        _draw(pen, piece, style, stroke)
    return np.asarray(image, np.uint8).copy()


def _draw(pen: ImageDraw.ImageDraw, piece: Piece, style: TextStyle, stroke: float) -> None:
    """One piece, run by run; a piece of a right-to-left script begins at the right."""
    x = piece.x
    runs = font_runs(piece.text, style.family)
    for run in reversed(runs) if is_right_to_left(piece.text) else runs:
        font = load_font(run.family, style.size, style.weight)
        pen.text((x, piece.y), run.text, fill=255, font=font, anchor="ls", stroke_width=stroke)
        x += font.getlength(run.text)


def _composed(fill: Plane, outline: Plane, style: TextStyle) -> Picture:
    """Fill over outline over shadow, as straight colour with alpha."""
    ink = fill.astype(np.float32) / 255
    edge = np.maximum(outline.astype(np.float32) / 255, ink)
    shade = _shadow(np.maximum(fill, outline), style)
    alpha = 1 - (1 - edge) * (1 - shade)
    covered = np.maximum(alpha, 1e-6)
    rgb = np.empty((*fill.shape, 4), np.float32)
    for channel in range(3):
        lettered = ink * style.color[channel] + (edge - ink) * style.outline_color[channel]
        rgb[..., channel] = lettered / covered
    rgb[..., 3] = alpha * 255
    return from_rgb(np.clip(np.round(rgb), 0, 255).astype(np.uint8))


def _shadow(letters: Plane, style: TextStyle) -> NDArray[np.float32]:
    if not style.shadow_opacity:
        return np.zeros(letters.shape, np.float32)
    lowered = cv2.warpAffine(
        letters, np.array([[1, 0, 0], [0, 1, style.shadow_down]], np.float64), (letters.shape[1], letters.shape[0])
    )
    soft = blurred_plane(np.asarray(lowered, np.uint8), style.shadow)
    return np.asarray(soft.astype(np.float32) / 255 * style.shadow_opacity, np.float32)
