"""Colours of settings, and what a theme of settings means to graphics."""

from render_core.layers.graphics import Theme
from render_core.templates.common_config import ThemeSettings
from render_core.text.raster import Color


def rgb(color: str) -> Color:
    """The colour that ``#rrggbb`` names."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def theme_of(settings: ThemeSettings) -> Theme:
    """The colours of a theme."""
    return Theme(accent=rgb(settings.accent_color), base=rgb(settings.base_color), text=rgb(settings.text_color))


def lightened(color: Color, part: float) -> Color:
    """A colour on its way to the brightest one of its hue (1)."""
    peak = max(*color, 1)
    red, green, blue = (round(value + (value * 255 / peak - value) * part) for value in color)
    return red, green, blue
