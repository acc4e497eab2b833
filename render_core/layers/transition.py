"""From one picture to the next: crossfade, slide and wipe. A pure function of how much of it is done."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from render_core.composition import Group
from render_core.effects.blend import blend
from render_core.layer import MediaSource
from render_core.picture import Picture, Plane
from render_core.scratch import scratch_picture

TransitionKind = Literal["crossfade", "slide", "wipe"]
Direction = Literal["left", "right", "up", "down"]

_EDGE = 0.12
"""Width of a wipe's soft edge, as a part of the way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """Two pictures, both of which play on, and how far the second has come. Fills its canvas or window.

    Attributes:
        kind: ``crossfade``; ``slide`` pushes the first out with the second; ``wipe`` uncovers the second.
        before: The first.
        after: The second.
        part: 0 shows the first alone, 1 the second.
        towards: Where a slide or a wipe goes.
    """

    kind: TransitionKind
    before: Group
    after: Group
    part: float
    towards: Direction = "left"

    def paint(self, canvas: Picture, media: MediaSource) -> None:
        """Draw what is seen of both."""
        if self.part <= 0 or self.part >= 1:
            (self.before if self.part <= 0 else self.after).paint(canvas, media)
            return
        if self.kind == "slide":
            before = _painted("before", self.before, canvas, media) if self.before.drawings else None
            after = _painted("after", self.after, canvas, media) if self.after.drawings else None
            _slide(canvas, before, after, self.part, self.towards)
            return
        laid = _painted("after", self.after, canvas, media)
        self.before.paint(canvas, media)
        if self.kind == "crossfade":
            blend(canvas, laid, self.part)
        else:
            _wipe(canvas, laid, self.part, self.towards)

    def hides_all_below(self, width: int, height: int) -> bool:
        """Whether what is seen of both fills the canvas."""
        if self.part >= 1:
            return self.after.hides_all_below(width, height)
        below = self.before.hides_all_below(width, height)
        return below and (self.part <= 0 or self.after.hides_all_below(width, height))


def _painted(name: str, side: Group, canvas: Picture, media: MediaSource) -> Picture:
    """A side on a canvas of its own, over what lies below where it does not fill it."""
    own = scratch_picture(f"{name} a transition", canvas.width, canvas.height)
    if not side.hides_all_below(canvas.width, canvas.height):
        for plane, below in zip(own.planes, canvas.planes, strict=True):
            np.copyto(plane, below)
    side.paint(own, media)
    return own


def _slide(canvas: Picture, before: Picture | None, after: Picture | None, part: float, towards: Direction) -> None:
    """Both pictures side by side, moved by whole pixels of chroma: what moves fast needs no finer place.

    Where there is no picture on a side, the canvas stays as it is.
    """
    way = canvas.width if towards in {"left", "right"} else canvas.height
    shift = min(way, max(0, round(part * way / 2) * 2))
    for target, first, second in _planes(canvas, before or canvas, after or canvas):
        step = shift if target.shape == canvas.y.shape else shift // 2
        target, first, second = (_along(plane, towards) for plane in (target, first, second))  # noqa: PLW2901 - views
        length = target.shape[0]
        if before is not None:
            target[: length - step] = first[step:]
        if after is not None:
            target[length - step :] = second[:step]


def _wipe(canvas: Picture, after: Picture, part: float, towards: Direction) -> None:
    """The second picture laid over the first up to a soft edge; only the edge itself is mixed."""
    way = canvas.width if towards in {"left", "right"} else canvas.height
    soft = _EDGE * way
    edge = part * (way + soft)
    whole, end = (max(0, min(way, int(at) // 2 * 2)) for at in (edge - soft, edge + 2))
    for target, _, second in _planes(canvas, canvas, after):
        stop = whole if target.shape == canvas.y.shape else whole // 2
        _along(target, _OPPOSITE[towards])[:stop] = _along(second, _OPPOSITE[towards])[:stop]
    if end > whole:
        coverage = np.clip((edge - (np.arange(whole, end) + 0.5)) / soft, 0, 1)
        _mix_edge(canvas, after, whole, np.round(255 * coverage).astype(np.uint8), towards)


def _mix_edge(canvas: Picture, after: Picture, start: int, coverage: Plane, towards: Direction) -> None:
    """Mix a band of pixels; ``start`` and ``coverage`` count from the side where the wipe began."""
    width, height, length = canvas.width, canvas.height, len(coverage)
    if towards in {"left", "up"}:
        coverage, start = coverage[::-1], (width if towards == "left" else height) - start - length
    if towards in {"left", "right"}:
        place = (start, 0, length, height)
        mask = np.repeat(coverage[None, :], height, axis=0)
    else:
        place = (0, start, width, length)
        mask = np.repeat(coverage[:, None], width, axis=1)
    blend(canvas.region(*place), after.region(*place), 1.0, mask)


_OPPOSITE: dict[Direction, Direction] = {"left": "right", "right": "left", "up": "down", "down": "up"}


def _planes(*pictures: Picture) -> tuple[tuple[Plane, ...], ...]:
    """The luma planes of all pictures, then the Cb and the Cr planes."""
    return tuple(zip(*(picture.planes for picture in pictures), strict=True))


def _along(plane: Plane, towards: Direction) -> Plane:
    """A view whose first axis goes against the direction: what moves ``towards`` moves to lower indices."""
    turned = plane.T if towards in {"left", "right"} else plane
    return turned if towards in {"left", "up"} else turned[::-1]
