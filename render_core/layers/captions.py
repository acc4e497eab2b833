"""A page of captions: words on a rounded box, the spoken one lit and a little larger."""

from dataclasses import dataclass, replace

from render_core.effects.blend import faded, tint
from render_core.effects.mask import box_mask
from render_core.geometry import Box, region_of
from render_core.layer import MediaSource
from render_core.layers.placed import Placement, paint_placed
from render_core.picture import Picture, yuv_of
from render_core.text.direction import is_right_to_left
from render_core.text.line import lay_line
from render_core.text.raster import CAPITALS, Color, TextStyle, even_length, margin_of, rasterise


@dataclass(frozen=True, slots=True, kw_only=True)
class Backdrop:
    """The box behind a page.

    Attributes:
        color: RGB.
        opacity: 0 … 1.
        padding: Pixels between the words and its edge.
    """

    color: Color
    opacity: float
    padding: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedWord:
    """A word on a page.

    Attributes:
        text: The word.
        x: Its left end relative to the middle of the page, in pixels.
        width: Its width.
        line: On which line it stands, from 0.
    """

    text: str
    x: float
    width: float
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionPage:
    """What is seen of captions in one frame. Lengths in pixels of the canvas.

    Attributes:
        words: All words of the page.
        lit: Index of the spoken one, or None.
        lit_color: RGB of the spoken one.
        lit_zoom: Its size.
        style: How words look.
        fonts: Hashes of the files that draw them.
        backdrop: The box behind them, or None.
        centre: Middle of the page, (x, y).
        zoom: Size of the page about its middle.
        opacity: 0 … 1.
    """

    words: tuple[PlacedWord, ...]
    lit: int | None
    lit_color: Color
    lit_zoom: float
    style: TextStyle
    fonts: tuple[str, ...]
    backdrop: Backdrop | None
    centre: tuple[float, float]
    zoom: float
    opacity: float

    def paint(self, canvas: Picture, media: MediaSource) -> None:
        """Draw box, words and the lit word."""
        if self.opacity <= 0 or self.zoom <= 0:
            return
        if self.backdrop is not None:
            self._paint_backdrop(canvas, self.backdrop)
        rest = tuple(word for index, word in enumerate(self.words) if index != self.lit)
        if rest:
            self._paint_words(canvas, media, rest, self.style, 1)
        if self.lit is not None:
            lit = replace(self.style, color=self.lit_color)
            self._paint_words(canvas, media, (self.words[self.lit],), lit, self.lit_zoom)

    def hides_all_below(self, width: int, height: int) -> bool:  # noqa: ARG002 - the protocol's arguments
        """Never."""
        return False

    def _paint_backdrop(self, canvas: Picture, backdrop: Backdrop) -> None:
        box = self._on_canvas(_extent(self.words, self.style).grown(backdrop.padding))
        region = region_of(box, canvas.width, canvas.height)
        if not region.is_empty:
            mask = box_mask(box, (backdrop.padding * self.zoom,) * 2, region)
            target = canvas.region(region.x, region.y, region.width, region.height)
            tint(target, yuv_of(backdrop.color), faded(mask, backdrop.opacity * self.opacity))

    def _paint_words(
        self, canvas: Picture, media: MediaSource, words: tuple[PlacedWord, ...], style: TextStyle, zoom: float
    ) -> None:
        """Rasterise words as one picture and lay it where they belong, enlarged about their own middle."""
        block = _extent(words, style)
        margin = margin_of(style)
        size = even_length(block.width + 2 * margin), even_length(block.height + 2 * margin)
        left, top = block.left - margin, block.top - margin
        is_rtl = is_right_to_left(" ".join(word.text for word in self.words))
        pieces = tuple(
            stretch
            for word in words
            for stretch in lay_line(word.text, style.face, is_rtl=is_rtl).at(
                word.x - left, _base_line(word.line, style) - top
            )
        )
        sprite = media.remembered(("words", pieces, size, style), lambda: rasterise(pieces, size, style))
        place = Box(left=left, top=top, width=size[0], height=size[1])
        box = self._on_canvas(place.scaled(zoom))
        paint_placed(canvas, sprite, Placement(box=box, opacity=self.opacity), media)

    def _on_canvas(self, box: Box) -> Box:
        """A box relative to the page's horizontal middle and top, where it lies on the canvas."""
        (x, y), middle = self.centre, _extent(self.words, self.style).centre[1]
        return Box(
            left=x + box.left * self.zoom,
            top=y + (box.top - middle) * self.zoom,
            width=box.width * self.zoom,
            height=box.height * self.zoom,
        )


def _base_line(line: int, style: TextStyle) -> float:
    return (line + 0.5) * style.size * style.line_height + CAPITALS / 2 * style.size


def _extent(words: tuple[PlacedWord, ...], style: TextStyle) -> Box:
    """The box of some words, relative to the page's horizontal middle and its top."""
    step = style.size * style.line_height
    left, right = min(word.x for word in words), max(word.x + word.width for word in words)
    top, bottom = min(word.line for word in words) * step, (max(word.line for word in words) + 1) * step
    return Box(left=left, top=top, width=right - left, height=bottom - top)
