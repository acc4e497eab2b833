"""A text fitted into its room: its lines, its style and the place that it takes."""

from dataclasses import dataclass, replace

from render_core.layers.text import TextBlock, fonts_of
from render_core.layers.title import Title
from render_core.text.animation import STILL, Animation
from render_core.text.direction import is_right_to_left
from render_core.text.layout import Room, fit_text
from render_core.text.line import lay_line
from render_core.text.raster import CAPITALS, Align, TextStyle


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Fitted text. Lengths in pixels of the canvas.

    Attributes:
        lines: In reading order; none for a text without letters.
        style: How they look.
        fonts: Hashes of the files that draw them.
    """

    lines: tuple[str, ...]
    style: TextStyle
    fonts: tuple[str, ...]

    @property
    def width(self) -> float:
        """Of the longest line."""
        return max((lay_line(line, self.style.face).width for line in self.lines), default=0.0)

    @property
    def height(self) -> float:
        """From the top of the first line's capitals to the last base line; 0 where there are no lines."""
        gaps = max(0, len(self.lines) - 1) * self.style.line_height
        return (gaps + CAPITALS) * self.style.size if self.lines else 0.0

    @property
    def is_right_to_left(self) -> bool:
        """Whether it is read from the right."""
        return bool(self.lines) and is_right_to_left(self.lines[0])

    def block(self, anchor: tuple[float, float], align: Align = "left", opacity: float = 1.0) -> TextBlock:
        """The text at rest, its middle line on the anchor."""
        return TextBlock(
            lines=self.lines, style=self.style, fonts=self.fonts, anchor=anchor, align=align, opacity=opacity
        )

    def title(self, anchor: tuple[float, float], align: Align, enter: Animation, leave: Animation = STILL) -> Title:
        """The text with a way to come in and to leave."""
        return Title(
            lines=self.lines,
            style=self.style,
            fonts=self.fonts,
            anchor=anchor,
            align=align,
            enter=enter,
            leave=leave,
        )


def fitted(text: str, style: TextStyle, room: Room, px: float) -> Words:
    """Fit a text into its room.

    Args:
        text: On one line.
        style: Its lengths are in sizes of the font; its own size does not count.
        room: At full size, so that lines break the same at every scale.
        px: A pixel of the full size, in pixels of the canvas.
    """
    found = fit_text(text, style.family, style.weight, room, style.letter_spacing)
    size = found.size * px
    scaled = replace(
        style,
        size=size,
        outline=style.outline * size,
        shadow=style.shadow * size,
        shadow_down=style.shadow_down * size,
    )
    return Words(lines=found.lines, style=scaled, fonts=fonts_of(found.lines, style.family))


def filling(text: str, style: TextStyle, room: Room, height: float, px: float) -> Words:
    """Fit a text into a room that has a height too: on as many lines as make it largest.

    Args:
        text: On one line.
        style: As for ``fitted``.
        room: At full size.
        height: From the first capitals to the last base line, at full size.
        px: As for ``fitted``.
    """
    options = []
    for lines in range(1, room.lines + 1):
        tallest = height / (CAPITALS + (lines - 1) * style.line_height)
        largest = min(room.largest, tallest)
        options.append(replace(room, lines=lines, largest=largest, least=min(room.least, largest)))
    best = max(
        options, key=lambda option: fit_text(text, style.family, style.weight, option, style.letter_spacing).size
    )
    return fitted(text, style, best, px)
