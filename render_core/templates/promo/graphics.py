"""The cards of one promo: their texts fitted and put in their places."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from math import cos, pi
from typing import cast

from render_core.composition import Group
from render_core.geometry import Box
from render_core.layer import Drawing
from render_core.layers.graphics import ARRIVAL, Theme
from render_core.layers.shape import Panel, Shade
from render_core.layers.words import Words, filling, fitted
from render_core.motion import settled
from render_core.spec import VideoFormat
from render_core.templates.lettering import check_lettering
from render_core.templates.promo.config import PromoCard, PromoConfig
from render_core.templates.settings import Settings
from render_core.templates.theme import theme_of
from render_core.text.animation import STILL, Animation
from render_core.text.layout import Room
from render_core.text.raster import Align, Color, TextStyle

_KICKER, _SUBTITLE, _BUTTON, _SMALL = 33.0, 48.0, 46.0, 37.0
_LARGEST, _LEAST = 136.0, 44.0
"""Sizes of letters at a shorter side of 1080."""
_Row = tuple[float, float, Callable[[float, tuple[float, float]], Iterator[Drawing]]]
"""The gap above something, its height, and what draws it: (seconds since, its middle) → drawings."""
_STAGGER_S = {"block": 0.0, "line": 0.14, "word": 0.07, "letter": 0.025}
_LEAVE = Animation(kind="fade", per="block", duration_s=0.25, stagger_s=0)
_FADE = Animation(kind="fade", per="block", duration_s=0.5, stagger_s=0)


@dataclass(frozen=True, kw_only=True)
class PromoGraphics:
    """Everything that is written.

    Attributes:
        config: The settings.
        format: Of the canvas.
    """

    config: PromoConfig
    format: VideoFormat

    @property
    def px(self) -> float:
        """One pixel at a shorter side of 1080, in pixels of the canvas."""
        return min(self.format.width, self.format.height) / 1080

    @property
    def full_px(self) -> float:
        """The same at full size, where texts are fitted so that lines break the same at every scale."""
        return min(self.config.width, self.config.height) / 1080

    @property
    def is_wide(self) -> bool:
        """Whether the picture is wider than high."""
        return self.config.width > 1.1 * self.config.height

    @cached_property
    def theme(self) -> Theme:
        """Its colours."""
        return theme_of(self.config)

    @cached_property
    def shade(self) -> Shade:
        """What makes text readable on any picture: darker where it stands."""
        screen = Box(left=0, top=0, width=self.format.width, height=self.format.height)
        strength = self.config.shade
        top = 0.1 if self.config.text_align == "left" else 0.6
        return Shade(box=screen, color=self.theme.base, top=top * strength, bottom=strength)

    @property
    def margin(self) -> float:
        """Between text and the edges of the picture."""
        return 88 * self.px

    @property
    def corner_room(self) -> Box:
        """In whose corners a logo stands: clear of what players lay over upright videos."""
        width, height = self.format.width, self.format.height
        side, top = 56 * self.px, max(56 * self.px, 0.05 * height if height > 1.5 * width else 0)
        return Box(left=side, top=top, width=width - 2 * side, height=height - 2 * top)

    def card(self, card: PromoCard) -> "CardGraphic":
        """One card's texts in their places."""
        title = self._filled(card.title, 800, _LARGEST, 4 if not self.is_wide else 3)
        return CardGraphic(
            kicker=self._line(card.kicker.upper(), _KICKER, 700, self.theme.text, spacing=0.16),
            title=title,
            subtitle=self._lines(card.subtitle, _SUBTITLE, 500, 3),
            graphics=self,
        )

    def end(self, logo_height: float) -> "EndGraphic":
        """The end card, under a logo of some height; 0 for none."""
        return EndGraphic(
            title=self._filled(self.config.end_title, 800, 120.0, 3),
            button=self._line(self.config.call_to_action, _BUTTON, 700, self.theme.on_accent),
            small=self._line(self.config.end_text, _SMALL, 500, self.theme.text, spacing=0.02),
            logo_height=logo_height,
            graphics=self,
        )

    @property
    def enter(self) -> Animation:
        """How titles come in."""
        kind, per = self.config.text_animation, self.config.animation_per
        return Animation(kind=kind, per=per, duration_s=0.55, stagger_s=_STAGGER_S[per])

    @property
    def follow(self) -> Animation:
        """How what is less important comes in after a title."""
        return STILL if self.config.text_animation == "none" else _FADE

    @property
    def column(self) -> float:
        """Width of text, at full size."""
        width = self.config.width - 2 * 88 * self.full_px
        return width * (0.64 if self.is_wide and self.config.text_align == "left" else 0.94)

    def _filled(self, text: str, weight: int, largest: float, lines: int) -> Words:
        """A title: as large as the column and a third of the height allow."""
        style = TextStyle(
            family=self.config.font_family,
            weight=weight,
            size=1,
            color=self.theme.text,
            line_height=1.06,
            shadow=0.1,
            shadow_opacity=0.3,
            letter_spacing=-0.01,
        )
        full = self.full_px
        room = Room(width=self.column, lines=lines, least=_LEAST * full, largest=largest * full)
        return filling(text, style, room, 0.36 * self.config.height, self.px / full)

    def _lines(self, text: str, size: float, weight: int, lines: int) -> Words:
        """A text of an even size, unless it is very long."""
        style = TextStyle(family=self.config.font_family, weight=weight, size=1, color=self.theme.text, line_height=1.3)
        full = size * self.full_px
        room = Room(width=self.column, lines=lines, least=0.6 * full, largest=full)
        return fitted(text, style, room, self.px / self.full_px)

    def _line(self, text: str, size: float, weight: int, color: Color, spacing: float = 0.0) -> Words:
        style = TextStyle(family=self.config.font_family, weight=weight, size=1, color=color, letter_spacing=spacing)
        full = size * self.full_px
        room = Room(width=self.column - 120 * self.full_px, lines=1, least=0.4 * full, largest=full)
        return fitted(text, style, room, self.px / self.full_px)


@dataclass(frozen=True, kw_only=True)
class CardGraphic:
    """A rule, a kicker, a title and a subtitle, one below the other."""

    kicker: Words
    title: Words
    subtitle: Words
    graphics: PromoGraphics

    @property
    def has_text(self) -> bool:
        """Whether there is anything to read."""
        return bool(self.kicker.lines or self.title.lines or self.subtitle.lines)

    def at(self, since_s: float, left_s: float) -> Group:
        """What is seen of it, so many seconds after it began to come and before it is gone."""
        if not self.has_text or since_s < 0 or left_s <= 0:
            return Group(())
        return Group(tuple(self._drawings(since_s, left_s)))

    def _drawings(self, since_s: float, left_s: float) -> Iterator[Drawing]:
        graphics, px, y = self.graphics, self.graphics.px, self._top
        align, x = self._align
        grown = 96 * px * ARRIVAL(since_s / 0.7) * min(1.0, left_s / 0.25)
        if grown > 0:
            left = {"left": x, "centre": x - grown / 2, "right": x - grown}[align]
            yield Panel(box=Box(left=left, top=y, width=grown, height=10 * px), color=graphics.theme.accent)
        y += 10 * px
        for words, gap, enter, lag in self._rows:
            y += gap
            title = words.title((x, y + words.height / 2), align, enter, _LEAVE)
            drawing = title.at(since_s - lag, left_s)
            if drawing is not None:
                yield drawing
            y += words.height

    @property
    def _rows(self) -> tuple[tuple[Words, float, Animation, float], ...]:
        """Each text with the gap above it, how it comes in and how much later than the rule."""
        graphics, px = self.graphics, self.graphics.px
        rows = (
            (self.kicker, 36 * px, graphics.follow, 0.0),
            (self.title, 44 * px, graphics.enter, 0.1),
            (self.subtitle, 20 * px + 0.32 * self.title.style.size, graphics.follow, 0.45),
        )
        return tuple(row for row in rows if row[0].lines)

    @property
    def _align(self) -> tuple[Align, float]:
        """Which ends of the lines stand where; text that is read from the right begins there."""
        graphics = self.graphics
        if graphics.config.text_align == "centre":
            return "centre", graphics.format.width / 2
        if any(words.is_right_to_left for words, *_ in self._rows):
            return "right", graphics.format.width - graphics.margin
        return "left", graphics.margin

    @property
    def _top(self) -> float:
        graphics = self.graphics
        height = 10 * graphics.px + sum(words.height + gap for words, gap, _, _ in self._rows)
        if graphics.config.text_align == "centre":
            return (graphics.format.height - height) / 2
        spare = 0.16 * graphics.format.height if graphics.format.height > 1.5 * graphics.format.width else 0
        return graphics.format.height - max(spare, graphics.margin) - height


@dataclass(frozen=True, kw_only=True)
class EndGraphic:
    """Last words, a button and small print under a logo, all about the middle of the picture."""

    title: Words
    button: Words
    small: Words
    logo_height: float
    graphics: PromoGraphics

    @property
    def top(self) -> float:
        """Where it begins, with the logo."""
        return (self.graphics.format.height - self.logo_height - self.text_height) / 2

    @property
    def text_height(self) -> float:
        """Of all that stands under the logo, with the gaps between."""
        return sum(gap + height for gap, height, _ in self._rows)

    def at(self, since_s: float) -> Group:
        """What is seen of it, so many seconds after it began to come."""
        y = self.top + self.logo_height
        drawings: list[Drawing] = []
        for gap, height, draw in self._rows:
            drawings.extend(draw(since_s, (self.graphics.format.width / 2, y + gap + height / 2)))
            y += gap + height
        return Group(tuple(drawings))

    @property
    def _rows(self) -> tuple[_Row, ...]:
        """What there is, each with the gap above it and its height."""
        px, size = self.graphics.px, self.title.style.size
        rows: tuple[tuple[Words, _Row], ...] = (
            (self.title, (64 * px, self.title.height, self._title)),
            (self.button, (48 * px + 0.3 * size, 116 * px, self._button)),
            (self.small, (52 * px, self.small.height, self._small)),
        )
        shown = [row for words, row in rows if words.lines]
        if shown and not self.logo_height:
            shown[0] = (0.0, *shown[0][1:])
        return tuple(shown)

    def _title(self, since_s: float, middle: tuple[float, float]) -> Iterator[Drawing]:
        yield from _seen(self.title.title(middle, "centre", self.graphics.enter).at(since_s - 0.1))

    def _small(self, since_s: float, middle: tuple[float, float]) -> Iterator[Drawing]:
        yield from _seen(self.small.title(middle, "centre", self.graphics.follow).at(since_s - 0.9))

    def _button(self, since_s: float, middle: tuple[float, float]) -> Iterator[Drawing]:
        """It springs in, then breathes; without animation it is simply there."""
        zoom, late_s = 1.0, since_s - 0.6
        if self.graphics.config.text_animation != "none":
            zoom = settled(late_s, duration_s=0.6) * (1 + 0.015 * (1 - cos(2 * pi * max(0.0, late_s - 0.6) / 1.6)))
        width, height = self.button.width + 128 * self.graphics.px, 116 * self.graphics.px
        box = Box(left=middle[0] - width / 2, top=middle[1] - height / 2, width=width, height=height).scaled(zoom)
        if zoom > 0:
            yield Panel(box=box, color=self.graphics.theme.accent, radius=box.height / 2)
            yield replace(self.button.block(middle, "centre"), zoom=zoom)


def _seen(drawing: Drawing | None) -> Iterator[Drawing]:
    if drawing is not None:
        yield drawing


def check_promo(settings: Settings) -> None:
    """Refuse what could not be drawn."""
    config = cast("PromoConfig", settings)
    check_lettering(config.font_family, _texts(config))


def _texts(config: PromoConfig) -> Iterator[tuple[str, str]]:
    for index, card in enumerate(config.cards):
        yield f"config.cards[{index}].title", card.title
        yield f"config.cards[{index}].subtitle", card.subtitle
        yield f"config.cards[{index}].kicker", card.kicker.upper()
    yield "config.endTitle", config.end_title
    yield "config.callToAction", config.call_to_action
    yield "config.endText", config.end_text
