"""Lines of text, placed on the canvas."""

from dataclasses import dataclass

from render_core.geometry import Box
from render_core.layer import MediaSource
from render_core.layers.placed import Placement, paint_placed
from render_core.picture import Picture
from render_core.text.fonts import font_hashes
from render_core.text.raster import TextStyle, centred, rasterise


@dataclass(frozen=True, slots=True, kw_only=True)
class TextBlock:
    """Centred lines about a point.

    Attributes:
        lines: In reading order.
        style: How they look.
        fonts: Hashes of the files that draw them.
        centre: Middle of the block, (x, y) in canvas pixels.
        zoom: Size relative to the style's, about the centre.
        opacity: 0 … 1.
    """

    lines: tuple[str, ...]
    style: TextStyle
    fonts: tuple[str, ...]
    centre: tuple[float, float]
    zoom: float = 1.0
    opacity: float = 1.0

    def paint(self, canvas: Picture, media: MediaSource) -> None:
        """Draw the lines; they are rasterised once and placed in each frame."""
        if self.opacity <= 0 or self.zoom <= 0:
            return
        sprite = media.remembered(("text", self.lines, self.style), self._sprite)
        width, height = sprite.width * self.zoom, sprite.height * self.zoom
        x, y = self.centre
        left, top = (x - width / 2, y - height / 2) if self.zoom != 1 else _even_corner(x, y, width, height)
        box = Box(left=left, top=top, width=width, height=height)
        paint_placed(canvas, sprite, Placement(box=box, opacity=self.opacity), media)

    def _sprite(self) -> Picture:
        return rasterise(*centred(self.lines, self.style), self.style)

    def hides_all_below(self, width: int, height: int) -> bool:  # noqa: ARG002 - the protocol's arguments
        """Never: there is room between letters."""
        return False


def fonts_of(lines: tuple[str, ...], family: str) -> tuple[str, ...]:
    """What ``TextBlock.fonts`` holds for these lines."""
    return tuple(sorted({name for line in lines for name in font_hashes(line, family)}))


def _even_corner(x: float, y: float, width: float, height: float) -> tuple[float, float]:
    """Text that rests lies on whole pixels, of chroma too, and stays as sharp as it was rasterised."""
    return round((x - width / 2) / 2) * 2.0, round((y - height / 2) / 2) * 2.0
