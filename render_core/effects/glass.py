"""A pane of glass: what lies under it blurred and lightened, with a rim, a shadow and a streak of light that turns."""

from dataclasses import dataclass
from functools import partial
from math import ceil, cos, hypot, radians, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from render_core.effects.blend import Veil, add_part, blend, faded, lay, tint, union, veil
from render_core.effects.blur import Soft, blurred_small
from render_core.effects.mask import box_mask, covered, edge_distance, half_mask
from render_core.geometry import Box, Region, inner_box, parts_of, region_of
from render_core.layer import MediaSource
from render_core.picture import Picture, Plane, yuv_of
from render_core.sampling import sample_plane
from render_core.scratch import scratch

GROWTH = 1.1
"""The pane's size relative to the box that it lies behind."""

_WHITE, _BLACK = yuv_of((255, 255, 255)), yuv_of((0, 0, 0))
_BLUR, _RIM, _SHADOW_DOWN, _SHADOW_SIGMA = 10.0, 2.0, 8.0, 16.0
"""Pixels at a height of 1920. CSS writes a shadow's blur as twice its sigma."""
_LIGHT, _RIM_LIGHT, _SHADOW_DARK = 0.1, 0.2, 0.1

_EDGE, _HIGHLIGHT = 3.0, 2.0
"""Pixels at that height: of the picture's own rim, and of the light at its top."""

_SMALLER = 4
"""The shadow, which is soft, is made at a size this much smaller."""
_SPRITE, _TURNED = 512, 160
"""Pixels: of the streak as it is made, and as it is kept for each angle. It is soft, and mixed at a smaller size."""
_STREAK = ((0, 30, 90, 270, 330, 360), (0.4, 0.2, 0, 0, 0.2, 0.4))
_STREAK_SIGMA = 4.0


@dataclass(frozen=True, slots=True)
class _Pane:
    """All of a pane that stays the same while it rests.

    Attributes:
        around: Shadow and rim, with room for what is seen through the glass.
        seen: Coverage of what is seen through it.
    """

    around: Veil
    seen: Plane


@dataclass(frozen=True, slots=True, kw_only=True)
class Glass:
    """The pane behind a round or rounded picture.

    Attributes:
        box: Of the picture, in canvas pixels; the pane is a tenth larger.
        roundness: Of its corners, as a part of the sides.
        opacity: 0 … 1.
        turn_deg: Where the streak begins, clockwise from the top.
        px: One pixel of a picture 1920 high, in canvas pixels.
    """

    box: Box
    roundness: float
    opacity: float
    turn_deg: float
    px: float

    @property
    def pane(self) -> Box:
        """The pane's own box."""
        return self.box.scaled(GROWTH)

    def paint(self, canvas: Picture, media: MediaSource) -> None:
        """Draw shadow and pane."""
        reach = (_SHADOW_DOWN + 2 * _SHADOW_SIGMA) * self.px
        region = region_of(self.pane.grown(reach), canvas.width, canvas.height)
        if region.is_empty or self.opacity <= 0:
            return
        target = canvas.region(region.x, region.y, region.width, region.height)
        soft = self._glass(target, region, media)
        core, is_on_black = inner_box(self.pane, self.roundness).grown(-_RIM * self.px), target.is_black
        for part in parts_of(region, core):
            below = canvas.region(part.x, part.y, part.width, part.height)
            seen = Region(part.x - region.x, part.y - region.y, part.width, part.height)
            if is_on_black:
                self._shine(below.y, soft.luma(seen), part, is_inside=core.contains(part.box))
            elif core.contains(part.box):
                blend(below, soft.part(seen), self.opacity)
            else:
                key = ("glass", self.pane, self.roundness, self.opacity, self.px, part)
                pane = media.remembered(key, partial(self._prepared, part))
                lay(below, pane.around)
                add_part(below, soft.part(seen), pane.seen)

    def hides_all_below(self, width: int, height: int) -> bool:  # noqa: ARG002 - the protocol's arguments
        """Never: one looks through it."""
        return False

    def _glass(self, target: Picture, region: Region, media: MediaSource) -> Soft:
        """What lies under the pane, blurred and lightened. All of it is soft, so it is done at a smaller size."""
        soft = blurred_small(target, _BLUR * self.px)
        small, factor = soft.picture, soft.factor
        to_canvas = np.array([[factor, 0, region.x], [0, factor, region.y], [0, 0, 1]])
        turned = media.remembered(("streak", self.turn_deg), partial(_turned_streak, self.turn_deg, media))
        streak = sample_plane(turned, self._to_sprite() @ to_canvas, Region(0, 0, small.width, small.height))
        tint(small, _WHITE, np.asarray(cv2.convertScaleAbs(streak, alpha=1 - _LIGHT, beta=255 * _LIGHT), np.uint8))
        return soft

    def _shine(self, below: Plane, glass: Plane, region: Region, *, is_inside: bool) -> None:
        """The pane on black, where it has no colour and no shadow: only luma changes."""
        if is_inside:
            cv2.addWeighted(glass, self.opacity, below, 1 - self.opacity, 0, dst=below)
            return
        seen, white = self._coverage(region)
        light = cv2.subtract(glass, below, dst=scratch("light of glass", *below.shape))
        cv2.add(below, cv2.multiply(light, seen, dst=light, scale=1 / 255), dst=below)
        cv2.add(below, cv2.convertScaleAbs(white, dst=light, alpha=(_WHITE[0] - _BLACK[0]) / 255), dst=below)

    def _coverage(self, region: Region) -> tuple[Plane, Plane]:
        """Of what is seen through the glass, and of the white of its rim."""
        distance = _distance(self.pane, self.roundness, region)
        cover = covered(distance)
        rim = cv2.subtract(cover, covered(distance, _RIM * self.px))
        white = faded(np.asarray(rim, np.uint8), _RIM_LIGHT * self.opacity)
        return np.asarray(cv2.subtract(faded(cover, self.opacity), white), np.uint8), white

    def _prepared(self, region: Region) -> "_Pane":
        """Shadow, pane and rim, one over the other."""
        seen, white = self._coverage(region)
        outside = cv2.bitwise_not(_rounded(self.pane, self.roundness, region))
        black = cv2.multiply(self._shadow(region), outside, scale=_SHADOW_DARK * self.opacity / 255)
        shade = veil(_BLACK, np.asarray(cv2.add(black, white), np.uint8))
        kept, half_kept = cv2.subtract(shade.kept[0], seen), cv2.subtract(shade.kept[1], half_mask(seen))
        luma = cv2.add(shade.added[0], cv2.convertScaleAbs(white, alpha=(_WHITE[0] - _BLACK[0]) / 255))
        around = Veil((np.asarray(kept), np.asarray(half_kept)), (np.asarray(luma), *shade.added[1:]))
        return _Pane(around, seen)

    def _shadow(self, region: Region) -> Plane:
        """Coverage of the pane a little lower, blurred; made at a smaller size."""
        beyond = 4 * ceil(_SHADOW_SIGMA * self.px)
        x, y = region.x - beyond, region.y - beyond
        width, height = ((side + 2 * beyond) // _SMALLER + 1 for side in (region.width, region.height))
        pane = self.pane
        dropped = Box(
            left=(pane.left - x) / _SMALLER,
            top=(pane.top + _SHADOW_DOWN * self.px - y) / _SMALLER,
            width=pane.width / _SMALLER,
            height=pane.height / _SMALLER,
        )
        sharp = _rounded(dropped, self.roundness, Region(0, 0, width, height))
        soft = cv2.GaussianBlur(sharp, (0, 0), _SHADOW_SIGMA * self.px / _SMALLER)
        to_soft = np.array([[1, 0, beyond], [0, 1, beyond]]) / _SMALLER
        return sample_plane(np.asarray(soft, np.uint8), to_soft, Region(0, 0, region.width, region.height))

    def _to_sprite(self) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        """From canvas coordinates to those of the turned streak, which lies about the pane's centre."""
        pane, (x, y) = self.pane, self.pane.centre
        across = max(pane.width, pane.height) if self.roundness >= 0.5 else hypot(pane.width, pane.height)
        scale, middle = _TURNED / across, _TURNED / 2
        return np.array([[scale, 0, middle - scale * x], [0, scale, middle - scale * y]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Rim:
    """The edge of a picture that lies on glass: a light rim inside it, a little lighter at the top.

    Attributes:
        box: Of the picture, in canvas pixels.
        roundness: Of its corners, as a part of the sides.
        opacity: 0 … 1.
        px: One pixel of a picture 1920 high, in canvas pixels.
    """

    box: Box
    roundness: float
    opacity: float
    px: float

    def paint(self, canvas: Picture, media: MediaSource) -> None:
        """Draw the rim."""
        region = region_of(self.box, canvas.width, canvas.height)
        if region.is_empty or self.opacity <= 0:
            return
        core = inner_box(self.box, self.roundness).grown(-_EDGE * self.px)
        for part in parts_of(region, core):
            if not core.contains(part.box):
                key = ("rim", self.box, self.roundness, self.opacity, self.px, part)
                light = media.remembered(key, partial(self._veil, part))
                lay(canvas.region(part.x, part.y, part.width, part.height), light)

    def hides_all_below(self, width: int, height: int) -> bool:  # noqa: ARG002 - the protocol's arguments
        """Never."""
        return False

    def _veil(self, region: Region) -> Veil:
        return veil(_WHITE, faded(self._light(region), self.opacity))

    def _light(self, region: Region) -> Plane:
        """White's alpha: the rim, and what the picture covers but not its copy a little lower."""
        down = _HIGHLIGHT * self.px
        above = ceil(down)
        taller = Region(region.x, region.y - above, region.width, region.height + above)
        distance = _distance(self.box, self.roundness, taller)
        cover = covered(distance)
        lower = cv2.addWeighted(cover[1 : -above + 1 or None], above - down, cover[:-above], 1 - above + down, 0)
        cover, inner = cover[above:], covered(distance[above:], _EDGE * self.px)
        rim, top = cv2.subtract(cover, inner), cv2.subtract(cover, lower[: region.height])
        return union(faded(np.asarray(rim, np.uint8), 0.3), faded(np.asarray(top, np.uint8), 0.1))


def _distance(box: Box, roundness: float, region: Region) -> NDArray[np.float32]:
    return edge_distance(box, (box.width * roundness, box.height * roundness), region)


def _rounded(box: Box, roundness: float, region: Region) -> Plane:
    return box_mask(box, (box.width * roundness, box.height * roundness), region)


def _turned_streak(turn_deg: float, media: MediaSource) -> Plane:
    """White's alpha of the streak when it has turned: as many are kept as there are frames in a turn."""
    sprite = media.remembered(("glass streak",), _streak_sprite)
    scale, turn = _SPRITE / _TURNED, radians(turn_deg)
    a, b = scale * cos(turn), scale * sin(turn)
    middle, centre = _SPRITE / 2, _TURNED / 2
    to_sprite = np.array([[a, b, middle - (a + b) * centre], [-b, a, middle + (b - a) * centre]])
    return sample_plane(sprite, to_sprite, Region(0, 0, _TURNED, _TURNED))


def _streak_sprite() -> Plane:
    """White's alpha of the streak before it turns: a conic gradient that begins at the top, blurred."""
    at = np.arange(_SPRITE) + 0.5 - _SPRITE / 2
    angle = np.degrees(np.arctan2(at[None, :], -at[:, None])) % 360
    alpha = np.interp(angle, *_STREAK)
    return np.asarray(cv2.GaussianBlur(np.round(alpha * 255).astype(np.uint8), (0, 0), _STREAK_SIGMA), np.uint8)
