"""The graphics of one news programme: its texts fitted and put in their places."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import cast

from render_core.composition import Group
from render_core.geometry import Box
from render_core.layers.graphics import LABEL_PAD, HeadlineCard, LowerThird, Strip, Theme, TickerBar
from render_core.layers.shape import Panel
from render_core.layers.text import fonts_of
from render_core.layers.words import Words, filling, fitted
from render_core.templates.lettering import check_lettering
from render_core.templates.news.config import NewsConfig, NewsItem
from render_core.templates.news.layout import NewsLayout
from render_core.templates.settings import Settings
from render_core.templates.theme import theme_of
from render_core.text.layout import Room
from render_core.text.raster import Color, TextStyle
from render_core.timing import exact

_NAME, _TITLE, _TICKER, _LABEL, _KICKER, _SHOW = 56.0, 34.0, 34.0, 30.0, 26.0, 32.0
_HEADLINE, _LEAST_HEADLINE = 66.0, 34.0
"""Sizes of letters at a shorter side of 1080."""
_CAPITALS_SPACING = 0.09
"""Of the size, between the capitals of labels."""


@dataclass(frozen=True, kw_only=True)
class NewsGraphics:
    """Everything that is written.

    Attributes:
        config: The settings.
        layout: Of the canvas.
        full: Of the video at its full size, where texts are fitted so that lines break the same at every scale.
    """

    config: NewsConfig
    layout: NewsLayout
    full: NewsLayout

    @cached_property
    def theme(self) -> Theme:
        """Its colours."""
        return theme_of(self.config)

    @cached_property
    def ticker(self) -> TickerBar:
        """The bar along the bottom; only where there are lines."""
        bar, px = self.layout.bar, self.layout.type_px
        return TickerBar(
            words=self._running(self.config.ticker),
            label=self._label(
                self.config.ticker_label, _LABEL, self.full.bar.width / 2 - LABEL_PAD * self.full.bar.height
            ),
            region=bar,
            theme=self.theme,
            gap=96 * px,
            speed=exact(self.config.ticker_speed) * min(self.layout.format.width, self.layout.format.height) / 1080,
        )

    @cached_property
    def show_name(self) -> Group:
        """The name of the show in the upper row, with a mark in the accent colour."""
        style = replace(self._capitals, weight=800, color=self.theme.text, shadow=0.2, shadow_opacity=0.6)
        words = self._fitted_line(self.config.main_text.upper(), style, _SHOW, self._full_width)
        (left, middle), px = self.layout.name, self.layout.px
        if not words.lines:
            return Group(())
        mark = Box(left=left, top=middle - 17 * px, width=10 * px, height=34 * px)
        return Group((Panel(box=mark, color=self.theme.accent), words.block((left + 28 * px, middle))))

    def card(self, item: NewsItem, *, is_wide: bool) -> HeadlineCard:
        """The headline of an item: beside b-roll, or ``is_wide`` over the presenter alone."""
        full = self.full.wide_card if is_wide else self.full.card
        lines, taken = 2 if full.width > 2 * full.height else 6, 130 if item.kicker else 50
        size, width = self.full.type_px, full.width - 84 * self.full.px
        room = Room(width=width, lines=lines, least=_LEAST_HEADLINE * size, largest=_HEADLINE * size)
        family, color = self.config.font_family, self.theme.text
        style = TextStyle(family=family, weight=700, size=1, color=color, line_height=1.18)
        return HeadlineCard(
            headline=filling(item.headline, style, room, full.height - taken * self.full.px, self._scale),
            kicker=self._label(item.kicker, _KICKER, width - 32 * self.full.px),
            box=self.layout.wide_card if is_wide else self.layout.card,
            theme=self.theme,
            canvas=(self.layout.format.width, self.layout.format.height),
            px=self.layout.px,
        )

    def lower_third(self, window: Box) -> LowerThird:
        """Name and title, in the lower left corner of a window."""
        px, size = self.layout.px, self.layout.type_px
        name = self._line(self.config.presenter_name, _NAME, 700, self.theme.text)
        title = self._line(self.config.presenter_title, _TITLE, 600, self.theme.on_accent)
        left, bottom = max(window.left - 36 * px, self.layout.margin), window.bottom - 44 * px
        title_top = bottom - 62 * size
        strips = (
            self._strip(name, (left, title_top - 96 * size), 96 * size, self.theme.panel, 14 * px),
            self._strip(title, (left, title_top), 62 * size, self.theme.accent, 14 * px),
        )
        return LowerThird(
            name=strips[0],
            title=strips[1],
            theme=self.theme,
            canvas=(self.layout.format.width, self.layout.format.height),
            shadow=12 * px,
        )

    def _running(self, lines: tuple[str, ...]) -> Words:
        """Lines that need no room."""
        family, size = self.config.font_family, _TICKER * self.layout.type_px
        style = TextStyle(family=family, weight=600, size=size, color=self.theme.text)
        return Words(lines=lines, style=style, fonts=fonts_of(lines, family))

    def _strip(
        self, words: Words, corner: tuple[float, float], height: float, color: Color, edge: float
    ) -> Strip | None:
        """A strip as long as its text, but not longer than the picture; None without a text."""
        pad, (left, top) = 28 * self.layout.px, corner
        width = min(words.width + 2 * pad + edge, self.layout.format.width - left)
        box = Box(left=left, top=top, width=width, height=height)
        return Strip(words=words, box=box, color=color, edge=edge, pad=pad) if words.lines else None

    def _line(self, text: str, size: float, weight: int, color: Color) -> Words:
        """One line; only what is longer than the picture is set smaller."""
        style = TextStyle(family=self.config.font_family, weight=weight, size=1, color=color)
        return self._fitted_line(text, style, size, self._full_width)

    def _label(self, text: str, size: float, width: float) -> Words:
        """Capitals on the accent colour; ``width`` is their room in the video at its full size."""
        return self._fitted_line(text.upper(), self._capitals, size, width)

    @property
    def _capitals(self) -> TextStyle:
        """Set wide."""
        family, color = self.config.font_family, self.theme.on_accent
        return TextStyle(family=family, weight=700, size=1, color=color, letter_spacing=_CAPITALS_SPACING)

    def _fitted_line(self, text: str, style: TextStyle, size: float, width: float) -> Words:
        full = size * self.full.type_px
        return fitted(text, style, Room(width=width, lines=1, least=0.3 * full, largest=full), self._scale)

    @property
    def _full_width(self) -> float:
        """Of a line across the picture, at full size."""
        return self.full.area.width - 96 * self.full.px

    @property
    def _scale(self) -> float:
        return self.layout.px / self.full.px


def check_news(settings: Settings) -> None:
    """Refuse what could not be drawn."""
    config = cast("NewsConfig", settings)
    check_lettering(config.font_family, _texts(config))


def _texts(config: NewsConfig) -> Iterator[tuple[str, str]]:
    yield "config.mainText", config.main_text.upper()
    yield "config.presenterName", config.presenter_name
    yield "config.presenterTitle", config.presenter_title
    yield "config.tickerLabel", config.ticker_label.upper()
    for index, item in enumerate(config.items):
        yield f"config.items[{index}].headline", item.headline
        yield f"config.items[{index}].kicker", item.kicker.upper()
    for index, line in enumerate(config.ticker):
        yield f"config.ticker[{index}]", line
