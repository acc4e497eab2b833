"""Where things are in SplitTalkingHead, in any format. Lengths in pixels of the canvas."""

from dataclasses import dataclass
from functools import cached_property

from render_core.geometry import Box, Region
from render_core.spec import VideoFormat

_WIDE = 1.2
"""Width over height from which the two pictures stand side by side."""


@dataclass(frozen=True, kw_only=True)
class SplitLayout:
    """Places of the two pictures.

    Attributes:
        format: Of the canvas.
        split_percent: Share of the b-roll.
        seam_width: Pixels at a shorter side of 1080.
        has_broll: Whether there is any; else the speaker has the whole screen.
    """

    format: VideoFormat
    split_percent: float
    seam_width: float
    has_broll: bool

    @cached_property
    def px(self) -> float:
        """One pixel at a shorter side of 1080."""
        return min(self.format.width, self.format.height) / 1080

    @cached_property
    def is_wide(self) -> bool:
        """Whether b-roll is beside the speaker, not above."""
        return self.format.width >= _WIDE * self.format.height

    @cached_property
    def edge(self) -> int:
        """Where the b-roll ends: from the left where the screen is wide, else from the top; even."""
        length = self.format.width if self.is_wide else self.format.height
        return round(length * self.split_percent / 200) * 2

    @cached_property
    def upper(self) -> Region:
        """The part of the b-roll."""
        width, height = self.format.width, self.format.height
        return Region(0, 0, self.edge, height) if self.is_wide else Region(0, 0, width, self.edge)

    @cached_property
    def headline(self) -> Region:
        """The part in whose upper half the headline stands: over the b-roll, or over all that is beside none."""
        return self.upper if self.has_broll or not self.is_wide else self.lower

    @cached_property
    def lower(self) -> Region:
        """The part of the speaker."""
        width, height, at = self.format.width, self.format.height, self.edge
        if not self.has_broll:
            return Region(0, 0, width, height)
        return Region(at, 0, width - at, height) if self.is_wide else Region(0, at, width, height - at)

    @cached_property
    def seam(self) -> Box:
        """The line between the two."""
        thick = self.seam_width * self.px
        if self.is_wide:
            return Box(left=self.edge - thick / 2, top=0, width=thick, height=self.format.height)
        return Box(left=0, top=self.edge - thick / 2, width=self.format.width, height=thick)

    @cached_property
    def text_top(self) -> float:
        """Where the headline begins: below what players lay over the top of upright videos."""
        return max(56 * self.px, 0.07 * self.format.height)


def own_box(region: Region) -> Box:
    """All of a window, in its own coordinates."""
    return Box(left=0, top=0, width=region.width, height=region.height)
