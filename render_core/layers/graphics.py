"""Graphics of television: the lower third, the headline card, the bar of the ticker, the name of the show."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from render_core.composition import Group
from render_core.geometry import Box, Region, region_of
from render_core.layer import Drawing
from render_core.layers.shape import Panel, Shadow
from render_core.layers.ticker import Ticker
from render_core.layers.window import Window
from render_core.layers.words import Words
from render_core.motion import cubic_bezier
from render_core.text.raster import Color

ARRIVAL = cubic_bezier(0.16, 1, 0.3, 1)
"""Fast at first, then a long way to rest: how graphics come in. Played backwards they leave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """Colours that graphics share, RGB."""

    accent: Color
    base: Color
    text: Color

    @property
    def panel(self) -> Color:
        """For panels on the ground: a little lighter, or darker, than it."""
        red, green, blue = (round(low + 0.1 * (high - low)) for low, high in zip(self.base, self.text, strict=True))
        return red, green, blue

    @property
    def on_accent(self) -> Color:
        """For text on the accent colour: white, or nearly black where that is easier to read."""
        red, green, blue = self.accent
        luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
        return (255, 255, 255) if luma < 150 else (16, 18, 24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """A band of one colour with one line of text.

    Attributes:
        words: Its text.
        box: In canvas pixels.
        color: RGB.
        edge: Width of the bar in the accent colour at its left end.
        pad: From that bar to the text.
    """

    words: Words
    box: Box
    color: Color
    edge: float
    pad: float

    def at(self, part: float, canvas: tuple[int, int], accent: Color) -> Drawing | None:
        """The strip when it has come out of its left end by ``part`` (0 … 1)."""
        shown = Box(left=self.box.left, top=self.box.top, width=self.box.width * part, height=self.box.height)
        region = region_of(shown, *canvas)
        if part <= 0 or region.is_empty:
            return None
        left, top = self.box.left - region.x - self.box.width * (1 - part), self.box.top - region.y
        moved = Box(left=left, top=top, width=self.box.width, height=self.box.height)
        return Window(region=region, drawings=tuple(self._drawings(moved, accent)))

    def shadow(self, part: float, reach: float) -> Shadow:
        """What the strip throws when it has come out by ``part``."""
        shown = Box(left=self.box.left, top=self.box.top, width=self.box.width * part, height=self.box.height)
        return Shadow(box=shown, radius=0, down=reach, sigma=reach, opacity=0.45 * part)

    def _drawings(self, box: Box, accent: Color) -> Iterator[Drawing]:
        yield Panel(box=box, color=self.color)
        yield Panel(box=Box(left=box.left, top=box.top, width=self.edge, height=box.height), color=accent)
        yield self.words.block((box.left + self.edge + self.pad, box.centre[1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class LowerThird:
    """A name above a title; the title follows the name in and leaves before it.

    Attributes:
        name: Or None.
        title: Or None.
        theme: Its colours.
        canvas: Width and height.
        shadow: How far its shadow reaches, in pixels.
    """

    name: Strip | None
    title: Strip | None
    theme: Theme
    canvas: tuple[int, int]
    shadow: float

    def at(self, since_s: float, left_s: float) -> Group:
        """What is seen of it, so many seconds after it began to come and before it is gone."""
        whole = _arrived(min(since_s, left_s), 0.0)
        late = _arrived(min(since_s, left_s), _LAG_S)
        strips = [(strip, part) for strip, part in ((self.title, late), (self.name, whole)) if strip]
        shadows = [strip.shadow(part, self.shadow) for strip, part in strips if part > 0]
        shown = [strip.at(part, self.canvas, self.theme.accent) for strip, part in strips]
        return Group((*shadows, *(drawing for drawing in shown if drawing)))


_ARRIVAL_S, _LAG_S = 0.6, 0.15


def _arrived(time_s: float, lag_s: float) -> float:
    return ARRIVAL((time_s - lag_s) / _ARRIVAL_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadlineCard:
    """A headline on a panel, with a kicker above it.

    Attributes:
        headline: Or no lines.
        kicker: Or no lines.
        box: In canvas pixels.
        theme: Its colours.
        canvas: Width and height.
        px: One pixel at a shorter side of 1080, in canvas pixels.
    """

    headline: Words
    kicker: Words
    box: Box
    theme: Theme
    canvas: tuple[int, int]
    px: float

    def at(self, since_s: float, left_s: float) -> Group:
        """What is seen of it, so many seconds after it began to come and before it is gone."""
        part = _arrived(min(since_s, left_s), 0.0)
        text = _arrived(min(since_s, left_s), _LAG_S)
        shown = Box(left=self.box.left, top=self.box.top, width=self.box.width * part, height=self.box.height)
        region = region_of(shown, *self.canvas)
        if part <= 0 or region.is_empty:
            return Group(())
        card = Window(region=region, radius=10 * self.px, drawings=tuple(self._drawings(region, text)))
        reach = 14 * self.px
        return Group((Shadow(box=shown, radius=reach, down=reach / 2, sigma=reach, opacity=0.4 * part), card))

    def _drawings(self, region: Region, text: float) -> Iterator[Drawing]:
        px, left, top = self.px, self.box.left - region.x, self.box.top - region.y
        yield Panel(box=Box(left=left, top=top, width=self.box.width, height=self.box.height), color=self.theme.panel)
        yield Panel(box=Box(left=left, top=top, width=10 * px, height=self.box.height), color=self.theme.accent)
        is_rtl, right = self.headline.is_right_to_left, left + self.box.width - 34 * px
        chip = self.kicker.height + 24 * px if self.kicker.lines else 0.0
        gap = 34 * px if self.kicker.lines and self.headline.lines else 0.0
        at = top + (self.box.height - chip - gap - self.headline.height) / 2 + (1 - text) * 40 * px
        if self.kicker.lines:
            width = self.kicker.width + 32 * px
            box = Box(left=right - width if is_rtl else left + 44 * px, top=at, width=width, height=chip)
            yield Panel(box=box, color=self.theme.accent, opacity=text)
            yield self.kicker.block((box.left + 16 * px, box.centre[1]), opacity=text)
        if self.headline.lines:
            middle = at + chip + gap + self.headline.height / 2
            anchor = (right if is_rtl else left + 44 * px, middle)
            yield self.headline.block(anchor, "right" if is_rtl else "left", opacity=text)


LABEL_PAD = 1.1
"""Room on both sides of the ticker's label together, in heights of the bar. The label takes half of the bar at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TickerBar:
    """The bar along the bottom: a label, and lines that run out from under it.

    Attributes:
        words: The lines that run, and their style.
        label: What stands still, or no lines.
        region: The whole bar.
        theme: Its colours.
        gap: Pixels between two lines.
        speed: Pixels a second.
    """

    words: Words
    label: Words
    region: Region
    theme: Theme
    gap: float
    speed: Fraction

    def at(self, at_s: Fraction) -> Group:
        """The bar at a moment of the video."""
        whole = self.region.box
        reach = self._label_width
        line = max(2, round(whole.height / 20))
        running = Region(self.region.x + reach, self.region.y, self.region.width - reach, self.region.height)
        ticker = Ticker(
            lines=self.words.lines,
            style=self.words.style,
            fonts=self.words.fonts,
            gap=self.gap,
            mark_color=self.theme.accent,
            offset=self.speed * at_s - Fraction(round(self.gap / 2)),
        )
        edge = Box(left=whole.left, top=whole.top - line, width=whole.width, height=line)
        return Group(
            (
                Panel(box=whole, color=self.theme.base),
                Panel(box=edge, color=self.theme.accent),
                Window(region=running, drawings=(ticker,)),
                *self._label(whole, reach),
            )
        )

    @property
    def _label_width(self) -> int:
        """Even; 0 without a label."""
        if not self.label.lines:
            return 0
        wanted = self.label.width + LABEL_PAD * self.region.height
        return min(round(wanted / 2) * 2, self.region.width // 4 * 2)

    def _label(self, whole: Box, width: int) -> Iterator[Drawing]:
        if width:
            box = Box(left=whole.left, top=whole.top, width=width, height=whole.height)
            yield Panel(box=box, color=self.theme.accent)
            yield self.label.block(box.centre, "centre")
