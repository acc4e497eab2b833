"""Where things are in NewsTemplate, in any format. Lengths in pixels of the canvas."""

from dataclasses import dataclass
from functools import cached_property

from render_core.geometry import Box, Region, region_of
from render_core.spec import VideoFormat

_SQUARE = 0.95
"""Width over height from which things stand side by side."""


@dataclass(frozen=True, kw_only=True)
class NewsLayout:
    """Places of a programme.

    Attributes:
        format: Of the canvas.
        has_ticker: Whether the bottom belongs to a ticker.
        is_full: Whether b-roll fills the screen.
        is_upright: Whether the presenter's clip is higher than wide.
    """

    format: VideoFormat
    has_ticker: bool
    is_full: bool
    is_upright: bool

    @cached_property
    def px(self) -> float:
        """One pixel at a shorter side of 1080."""
        return min(self.format.width, self.format.height) / 1080

    @cached_property
    def is_wide(self) -> bool:
        """Whether things stand side by side, not one below the other."""
        return self.format.width >= _SQUARE * self.format.height

    @cached_property
    def type_px(self) -> float:
        """The same for letters: larger where the video is made for telephones."""
        return self.px * (1.0 if self.is_wide else 1.15)

    @cached_property
    def margin(self) -> float:
        """Between things and the edges of the picture."""
        return (60 if self.is_wide else 44) * self.px

    @cached_property
    def screen(self) -> Box:
        """The whole canvas."""
        return Box(left=0, top=0, width=self.format.width, height=self.format.height)

    @cached_property
    def bar(self) -> Region:
        """Of the ticker."""
        height = (72 if self.is_wide else 88) * self.px
        bottom = self.format.height - 1.3 * self._spare
        return self._even(Box(left=0, top=bottom - height, width=self.format.width, height=height))

    @cached_property
    def name(self) -> tuple[float, float]:
        """Left end and middle of the row in which the name of the show stands."""
        return self.margin, self.margin * 0.6 + 0.7 * self._spare + 36 * self.px

    @cached_property
    def area(self) -> Box:
        """Between the name of the show and the ticker."""
        top = self.name[1] + 60 * self.px
        bottom = self.bar.y - 36 * self.px if self.has_ticker else self.format.height - self.margin - self._spare
        return Box(left=self.margin, top=top, width=self.format.width - 2 * self.margin, height=bottom - top)

    @cached_property
    def logo_room(self) -> Box:
        """In whose corners logos stand: above all that stands in the lower row at some time."""
        top = self.margin * 0.6 + 0.7 * self._spare
        is_in_row = self.is_full or not self.is_wide
        row = min(self.card.top, self.wide_card.top, self.beside.top if is_in_row else self.card.top)
        bottom = row - 0.6 * self.margin
        return Box(left=self.margin, top=top, width=self.format.width - 2 * self.margin, height=bottom - top)

    @cached_property
    def alone(self) -> Box:
        """The presenter's window while nothing else is shown."""
        return self.screen if self.is_full else self._window(self.area)

    @cached_property
    def above_card(self) -> Box:
        """The presenter's window over a headline card, where there is no b-roll."""
        area = self.area
        height = self.wide_card.top - self._gap - area.top
        inner = Box(left=area.left, top=area.top, width=area.width, height=height)
        return self.screen if self.is_full else self._window(inner)

    @cached_property
    def beside(self) -> Box:
        """The presenter's window beside b-roll."""
        area = self.area
        if self.is_wide and not self.is_full:
            width, top, height = 0.365 * area.width, area.top, area.height - self._row - self._gap
        else:
            width, top, height = self._row_presenter, area.bottom - self._row, self._row
        left = area.right - width if self.is_wide else area.left
        return self._even(Box(left=left, top=top, width=width, height=height)).box

    @cached_property
    def broll(self) -> Region:
        """The window of the b-roll."""
        if self.is_full:
            return self._even(self.screen)
        area, width = self.area, self.area.width
        if self.is_wide:
            width -= self.beside.width + self._gap
        return self._even(Box(left=area.left, top=area.top, width=width, height=area.height - self._row - self._gap))

    @cached_property
    def card(self) -> Box:
        """The headline card beside or under b-roll."""
        area, left, width = self.area, self.area.left, self.area.width
        if self.is_full or not self.is_wide:
            width -= self.beside.width + self._gap
            left += 0 if self.is_wide else self.beside.width + self._gap
        height = min(self._row, 240 * self.px) if self.is_wide else self._row
        return self._even(Box(left=left, top=area.bottom - height, width=width, height=height)).box

    @cached_property
    def wide_card(self) -> Box:
        """The headline card over the presenter alone."""
        area, height = self.area, (220 if self.is_wide else 300) * self.px
        inset = (0 if self.is_wide else 24) * self.px
        box = Box(left=area.left + inset, top=area.bottom - height - inset, width=area.width - 2 * inset, height=height)
        return self._even(box).box

    def _window(self, room: Box) -> Box:
        """The presenter's window in the middle of a room: about as wide as high, or as a landscape clip is."""
        width = min(room.width, room.height * (1.1 if self.is_upright else 16 / 9))
        height = min(room.height, width * (2 if self.is_upright else 1.25))
        left, top = room.left + (room.width - width) / 2, room.top + (room.height - height) / 2
        return self._even(Box(left=left, top=top, width=width, height=height)).box

    @cached_property
    def _gap(self) -> float:
        return 26 * self.px

    @cached_property
    def _row(self) -> float:
        """Height of the lower row: the card, and the presenter too where things are stacked or b-roll is full."""
        if self.is_wide:
            return (380 if self.is_full else 220) * self.px
        return 0.42 * self.area.height

    @cached_property
    def _row_presenter(self) -> float:
        """Width of the presenter's window in the lower row."""
        return min(self._row * (0.8 if self.is_upright else 1.3), 0.46 * self.area.width)

    @cached_property
    def _spare(self) -> float:
        """What very high formats leave free at the top and the bottom: there, players lay buttons over the video."""
        ratio = self.format.height / self.format.width
        return min(1.0, max(0.0, (ratio - 1.25) / 0.5)) * 100 * self.px

    def _even(self, box: Box) -> Region:
        region = region_of(box, self.format.width, self.format.height)
        return Region(region.x, region.y, max(2, region.width), max(2, region.height))
