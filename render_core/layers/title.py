"""Titles: text that comes in and leaves part by part."""

from dataclasses import dataclass, replace
from itertools import compress

import cv2

from render_core.geometry import Box, Region, region_of
from render_core.layer import Drawing, MediaSource
from render_core.layers.placed import Placement, paint_placed
from render_core.layers.text import TextBlock, block_box
from render_core.picture import Picture
from render_core.text.animation import REST, STILL, Animation, Per, Pose
from render_core.text.line import Stretch
from render_core.text.parts import SIZES, Part, parts_of
from render_core.text.raster import Align, Inks, TextStyle, lay_block, rasterise


@dataclass(frozen=True, slots=True, kw_only=True)
class MovingPart:
    """A part of a title on its way.

    Attributes:
        stretches: Its text, placed in a picture of its own.
        size: Width and height of that picture.
        box: Where the picture lies, in canvas pixels.
        opacity: 0 … 1.
    """

    stretches: tuple[Stretch, ...]
    size: tuple[int, int]
    box: Box
    opacity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MovingTitle:
    """A title in a frame in which not all of it rests.

    Attributes:
        parts: What of it is seen, in reading order.
        style: How it looks.
        fonts: Hashes of the files that draw it.
    """

    parts: tuple[MovingPart, ...]
    style: TextStyle
    fonts: tuple[str, ...]

    def paint(self, canvas: Picture, media: MediaSource) -> None:
        """Draw the parts; each is rasterised once. No outline or shadow covers a neighbour's letters."""
        layered = [part.opacity >= 1 and len(self.parts) > 1 for part in self.parts]
        for part in compress(self.parts, layered):
            self._paint_part(canvas, media, part, "under")
        for part, is_layered in zip(self.parts, layered, strict=True):
            self._paint_part(canvas, media, part, "fill" if is_layered else "all")

    def hides_all_below(self, width: int, height: int) -> bool:  # noqa: ARG002 - the protocol's arguments
        """Never: there is room between letters."""
        return False

    def _paint_part(self, canvas: Picture, media: MediaSource, part: MovingPart, inks: Inks) -> None:
        key = ("part of a title", part.stretches, part.size, self.style, inks)
        drawn, inner = media.remembered(key, lambda: _seen(rasterise(part.stretches, part.size, self.style, inks)))
        zoom = part.box.width / part.size[0]
        box = Box(
            left=part.box.left + inner.x * zoom,
            top=part.box.top + inner.y * zoom,
            width=inner.width * zoom,
            height=inner.height * zoom,
        )
        if not inner.is_empty:
            paint_placed(canvas, drawn, Placement(box=box, opacity=part.opacity), media)


def _seen(picture: Picture) -> tuple[Picture, Region]:
    """The part of a picture that is not clear, and where it lies: most of what shadows may need stays empty."""
    x, y, width, height = cv2.boundingRect(picture.alpha) if picture.alpha is not None else (0, 0, 0, 0)
    inked = Box(left=x, top=y, width=width, height=height).grown(2 if width else 0)
    region = region_of(inked, picture.width, picture.height)
    cut = picture.region(region.x, region.y, region.width, region.height)
    return cut.copy(), region


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """Lines of text with a way to come in and one to leave.

    Attributes:
        lines: In reading order, already fitted.
        style: How they look.
        fonts: Hashes of the files that draw them (``fonts_of``).
        anchor: A point in canvas pixels: x of the lines' left ends, middles or right ends, as ``align`` says; y of the
            middle of the block.
        align: Which ends of the lines stand on the anchor.
        enter: How it comes in.
        leave: How it leaves: the same played backwards.
    """

    lines: tuple[str, ...]
    style: TextStyle
    fonts: tuple[str, ...]
    anchor: tuple[float, float]
    align: Align = "centre"
    enter: Animation = STILL
    leave: Animation = STILL

    @property
    def enter_s(self) -> float:
        """Seconds from its first sign until all of it rests."""
        return self.enter.total_s(self._count(self.enter.per))

    @property
    def leave_s(self) -> float:
        """Seconds from the first motion of leaving until it is gone."""
        return self.leave.total_s(self._count(self.leave.per))

    def at(self, since_s: float, left_s: float | None = None) -> Drawing | None:
        """What is seen at a moment: a plain ``TextBlock`` while all rests, nothing before and after.

        Args:
            since_s: Seconds since it began to come in.
            left_s: Seconds until it is gone; None where it stays.
        """
        if not self.lines or since_s < 0 or (left_s is not None and left_s <= 0):
            return None
        if since_s >= self.enter_s and (left_s is None or left_s >= self.leave_s):
            return TextBlock(lines=self.lines, style=self.style, fonts=self.fonts, anchor=self.anchor, align=self.align)
        corner = block_box(lay_block(self.lines, self.style, self.align), self.anchor, self.align)
        parts = self._parts(*{self.enter.per, self.leave.per})
        moving = (self._moving(part, corner, since_s, left_s) for part in parts)
        seen = tuple(part for part in moving if part.opacity > 0 and part.box.width > 0)
        return MovingTitle(parts=seen, style=self.style, fonts=self.fonts) if seen else None

    def _moving(self, part: Part, corner: Box, since_s: float, left_s: float | None) -> MovingPart:
        """A part as both animations pose it, in a block with a corner of ``corner``."""
        coming, going = part.wholes[self.enter.per], part.wholes[self.leave.per]
        entering = self.enter.entering(coming.rank, since_s)
        leaving = REST if left_s is None else self.leave.leaving(going.rank, self._count(self.leave.per), left_s)
        box = _posed(_posed(part.box, entering, coming.middle, self.style.size), leaving, going.middle, self.style.size)
        return MovingPart(
            stretches=part.stretches,
            size=(round(part.box.width), round(part.box.height)),
            box=replace(box, left=box.left + corner.left, top=box.top + corner.top),
            opacity=entering.opacity * leaving.opacity,
        )

    def _parts(self, *sizes: Per) -> tuple[Part, ...]:
        """The title in parts that are small enough for each of these sizes."""
        return parts_of(self.lines, self.style, self.align, max(sizes, key=SIZES.index))

    def _count(self, per: Per) -> int:
        return len(self._parts(per))


def _posed(box: Box, pose: Pose, middle: tuple[float, float], size: float) -> Box:
    """A box zoomed about a point and shifted by a pose."""
    (x, y), zoom = middle, pose.zoom
    return Box(
        left=x + (box.left - x) * zoom,
        top=y + (box.top - y) * zoom + pose.down * size,
        width=box.width * zoom,
        height=box.height * zoom,
    )
