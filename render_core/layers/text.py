"""Lines of text, placed on the canvas."""

from dataclasses import dataclass

from render_core.geometry import Box
from render_core.layer import MediaSource
from render_core.layers.placed import Placement, paint_placed
from render_core.picture import Picture
from render_core.text.fonts import font_hashes
from render_core.text.raster import Align, Block, TextStyle, lay_block, rasterise


@dataclass(frozen=True, slots=True, kw_only=True)
class TextBlock:
    """Lines that stand still.

    Attributes:
        lines: In reading order.
        style: How they look.
        fonts: Hashes of the files that draw them.
        anchor: A point in canvas pixels: x of the lines' left ends, middles or right ends, as ``align`` says; y of the
            middle of the block.
        align: Which ends of the lines stand on the anchor.
        zoom: Size relative to the style's, about the middle of the block.
        opacity: 0 … 1.
    """

    lines: tuple[str, ...]
    style: TextStyle
    fonts: tuple[str, ...]
    anchor: tuple[float, float]
    align: Align = "centre"
    zoom: float = 1.0
    opacity: float = 1.0

    def paint(self, canvas: Picture, media: MediaSource) -> None:
        """Draw the lines; they are rasterised once and placed in each frame."""
        if self.opacity <= 0 or self.zoom <= 0:
            return
        block = lay_block(self.lines, self.style, self.align)
        key = ("text", self.lines, self.style, self.align)
        sprite = media.remembered(key, lambda: rasterise(block.stretches, block.size, self.style))
        box = block_box(block, self.anchor, self.align).scaled(self.zoom)
        paint_placed(canvas, sprite, Placement(box=box, opacity=self.opacity), media)

    def hides_all_below(self, width: int, height: int) -> bool:  # noqa: ARG002 - the protocol's arguments
        """Never: there is room between letters."""
        return False


def fonts_of(lines: tuple[str, ...], family: str) -> tuple[str, ...]:
    """What ``TextBlock.fonts`` holds for these lines."""
    return tuple(sorted({name for line in lines for name in font_hashes(line, family)}))


def block_box(block: Block, anchor: tuple[float, float], align: Align) -> Box:
    """Where a block lies on the canvas: on whole pixels, of chroma too, as sharp as it was rasterised."""
    (x, y), (width, height) = anchor, block.size
    left = {"left": x - block.margin, "centre": x - width / 2, "right": x - width + block.margin}[align]
    return Box(left=_even(left), top=_even(y - height / 2), width=width, height=height)


def _even(at: float) -> float:
    return round(at / 2) * 2.0
