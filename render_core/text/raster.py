"""Lines of text as a picture with alpha: fill, outline and a soft shadow."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from render_core.effects.blur import blurred_plane
from render_core.picture import Picture, Plane, from_rgb
from render_core.text.direction import is_right_to_left
from render_core.text.emoji import draw_emoji
from render_core.text.fonts import EMOJI, load_font
from render_core.text.line import Face, Stretch, lay_line, shaping

Color = tuple[int, int, int]
Align = Literal["left", "centre", "right"]
Inks = Literal["all", "under", "fill"]
"""Which part of text is drawn: all of it, only what lies under the letters, only the letters themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextStyle:
    """How text looks. Lengths in pixels of the canvas.

    Attributes:
        family: Font family; others step in for characters that it lacks.
        weight: 100–900.
        size: Of the font.
        color: RGB of the letters. Emoji keep their own.
        outline: Width of the line around letters; emoji have none.
        outline_color: RGB.
        shadow: Sigma of the soft shadow; 0 for a sharp one.
        shadow_down: Its offset.
        shadow_opacity: 0 … 1; 0 for none.
        line_height: Distance of base lines, in sizes.
        letter_spacing: Between letters, in sizes. Scripts whose letters join (Arabic, Devanagari …) are not torn apart:
            for them it is ignored.
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
    letter_spacing: float = 0.0

    @property
    def face(self) -> Face:
        """What of it decides the widths of letters."""
        return Face(family=self.family, weight=self.weight, size=self.size, letter_spacing=self.letter_spacing)


@dataclass(frozen=True, slots=True)
class Block:
    """Lines in a picture that holds them, with what belongs around them.

    Attributes:
        rows: For each line its stretches.
        size: Width and height of the picture, even.
        margin: Pixels around the lines.
    """

    rows: tuple[tuple[Stretch, ...], ...]
    size: tuple[int, int]
    margin: int

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """Those of all lines."""
        return tuple(stretch for row in self.rows for stretch in row)


@lru_cache(maxsize=64)
def lay_block(lines: tuple[str, ...], style: TextStyle, align: Align = "centre", *, by_letter: bool = False) -> Block:
    """Lay out lines one below the other, all in the direction in which the text begins."""
    is_rtl = is_right_to_left(" ".join(lines))
    laid = [lay_line(line, style.face, by_letter=by_letter, is_rtl=is_rtl) for line in lines]
    margin, step = margin_of(style), style.size * style.line_height
    widest = max((line.width for line in laid), default=0.0)
    width, height = even_length(widest + 2 * margin), even_length(len(lines) * step + 2 * margin)
    spare = width - 2 * margin
    first = height / 2 - (len(lines) - 1) / 2 * step + CAPITALS / 2 * style.size
    rows = (
        tuple(line.at(margin + _ALIGNED[align] * (spare - line.width), first + row * step))
        for row, line in enumerate(laid)
    )
    return Block(tuple(rows), (width, height), margin)


_ALIGNED = {"left": 0.0, "centre": 0.5, "right": 1.0}

CAPITALS = 0.7
"""Height of capitals in sizes; half of that below the middle of a line its base line lies."""


def margin_of(style: TextStyle) -> int:
    """Pixels around a text that outline, shadow and long letters may need."""
    return ceil(style.outline + style.shadow_down + 3 * style.shadow + 0.45 * style.size)


def even_length(length: float) -> int:
    """The least even number of pixels that holds ``length``."""
    return max(2, ceil(length / 2) * 2)


def rasterise(stretches: Iterable[Stretch], size: tuple[int, int], style: TextStyle, inks: Inks = "all") -> Picture:
    """Draw stretches of text.

    Args:
        stretches: With their places in the picture.
        size: Width and height of the picture, even.
        style: How they look.
        inks: What of them.

    Returns:
        A picture with alpha.
    """
    emoji = np.zeros((size[1], size[0], 4), np.uint8)
    letters = []
    for stretch in stretches:
        if stretch.family == EMOJI:
            draw_emoji(emoji, stretch, style.size)
        else:
            letters.append(stretch)
    fill = _plane(letters, size, style, 0)
    outline = _plane(letters, size, style, style.outline) if style.outline else fill
    return _composed(fill, np.maximum(outline, fill), emoji, style, inks)


def _plane(letters: list[Stretch], size: tuple[int, int], style: TextStyle, stroke: float) -> Plane:
    image = Image.new("L", size)
    pen = ImageDraw.Draw(image)
    for stretch in letters:
        pen.text(
            (stretch.x, stretch.y),
            stretch.text,
            fill=255,
            font=load_font(stretch.family, style.size, style.weight),
            anchor="ls",
            stroke_width=stroke,
            **shaping(stretch.text, is_rtl=stretch.is_rtl),
        )
    return np.asarray(image, np.uint8).copy()


def _composed(fill: Plane, edge: Plane, emoji: NDArray[np.uint8], style: TextStyle, inks: Inks) -> Picture:
    """Emoji over fill over outline over shadow, as straight colour with alpha."""
    shade = _shadow(np.maximum(edge, emoji[..., 3]), style) if inks != "fill" else np.zeros(fill.shape, np.float32)
    if inks == "fill":
        edge = fill
    elif inks == "under":
        fill, emoji = np.zeros_like(fill), np.zeros_like(emoji)
    below = 1 - emoji[..., 3].astype(np.float32) / 255
    cover = 255 * (1 - below) + below * edge
    alpha = 255 - (255 - cover) * (1 - shade)
    scale = 255 / np.maximum(alpha, 1e-3)
    channels = [
        (_mixed(fill, color, edge, around) * below + emoji[..., channel]) * scale
        for channel, (color, around) in enumerate(zip(style.color, style.outline_color, strict=True))
    ]
    return from_rgb(np.asarray(cv2.merge([cv2.convertScaleAbs(plane) for plane in (*channels, alpha)]), np.uint8))


def _mixed(fill: Plane, color: int, edge: Plane, around: int) -> NDArray[np.float32]:
    """One premultiplied channel of letters and of what the outline adds to them."""
    return np.asarray(cv2.addWeighted(fill, (color - around) / 255, edge, around / 255, 0, dtype=cv2.CV_32F))


def _shadow(letters: Plane, style: TextStyle) -> NDArray[np.float32]:
    if not style.shadow_opacity:
        return np.zeros(letters.shape, np.float32)
    lowered = cv2.warpAffine(
        letters, np.array([[1, 0, 0], [0, 1, style.shadow_down]], np.float64), (letters.shape[1], letters.shape[0])
    )
    soft = blurred_plane(np.asarray(lowered, np.uint8), style.shadow) if style.shadow else lowered
    return np.asarray(soft.astype(np.float32) / 255 * style.shadow_opacity, np.float32)
