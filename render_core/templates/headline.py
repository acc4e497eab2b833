"""The headline that templates share: large, white, outlined, readable on any picture."""

from render_core.layers.text import TextBlock, fonts_of
from render_core.spec import VideoFormat
from render_core.text.fonts import check_text
from render_core.text.layout import Room, fit_text
from render_core.text.raster import TextStyle

FAMILY, WEIGHT = "Montserrat", 800
_LARGEST, _LEAST, _LINES, _WIDTH = 118.0, 52.0, 3, 0.86
"""Sizes in pixels at a height of 1920; width as a part of the picture's."""
_CENTRE = 0.2
"""Of the picture's height: the middle of the upper third, a little lower."""


def check_headline(text: str, field: str) -> None:
    """Refuse characters that no font has.

    Raises:
        InvalidInputError: Naming the character and the field.
    """
    check_text(text, FAMILY, field)


def headline(text: str, video_format: VideoFormat, *, zoom: float, opacity: float) -> TextBlock:
    """The headline on a canvas of ``video_format``, fitted and balanced on at most three lines."""
    px = video_format.height / 1920
    # Lines break the same at every scale, so they are found at full size.
    room = Room(width=_WIDTH * video_format.width / px, lines=_LINES, least=_LEAST, largest=_LARGEST)
    fitted = fit_text(text, FAMILY, WEIGHT, room)
    size = fitted.size * px
    style = TextStyle(
        family=FAMILY,
        weight=WEIGHT,
        size=size,
        outline=max(1.0, size * 0.06),
        outline_color=(12, 12, 16),
        shadow=size * 0.12,
        shadow_down=size * 0.06,
        shadow_opacity=0.75,
    )
    return TextBlock(
        lines=fitted.lines,
        style=style,
        fonts=fonts_of(fitted.lines, FAMILY),
        anchor=(video_format.width / 2, video_format.height * _CENTRE),
        zoom=zoom,
        opacity=opacity,
    )
