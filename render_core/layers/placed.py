"""Placing a picture on the canvas: into a box, moved, filtered, mixed. Shared by clips and images."""

from dataclasses import dataclass
from math import cos, radians, sin

import cv2
import numpy as np

from render_core.effects.blend import Mix, blend, screened
from render_core.effects.color import PLAIN, Look, apply_look
from render_core.effects.mask import box_mask
from render_core.geometry import CENTRED, Box, Fit, Focus, Region, fit_box, inner_box, is_covered, parts_of, region_of
from render_core.layer import MediaSource
from render_core.picture import Picture, Plane
from render_core.sampling import Affine, sample, sample_plane
from render_core.scratch import scratch_picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A transform about the centre of the box: shifted first, then zoomed and turned.

    Attributes:
        zoom: Factor.
        shift_x: Pixels to the right, before the zoom.
        shift_y: Pixels down, before the zoom.
        turn_deg: Clockwise.
    """

    zoom: float = 1.0
    shift_x: float = 0.0
    shift_y: float = 0.0
    turn_deg: float = 0.0


STILL = Move()


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where and how a picture is laid on the canvas.

    Attributes:
        box: The window it is seen through, in canvas pixels.
        fit: ``cover`` fills the window, ``contain`` shows the whole picture.
        focus: Which part of it is wanted.
        move: A transform of the picture inside the window.
        look: Colour filter.
        mix: How it is mixed with what lies below.
        opacity: 0 … 1.
        roundness: Radii of the window's corners as a part of its sides: 0 is sharp, 0.5 an ellipse.
    """

    box: Box
    fit: Fit = "cover"
    focus: Focus = CENTRED
    move: Move = STILL
    look: Look = PLAIN
    mix: Mix = "normal"
    opacity: float = 1.0
    roundness: float = 0.0

    @property
    def radii(self) -> tuple[float, float]:
        """Horizontal and vertical radius of the corners, in pixels."""
        return self.box.width * self.roundness, self.box.height * self.roundness

    def hides(self, size: tuple[int, int], width: int, height: int) -> bool:
        """Whether an opaque picture of ``size`` overwrites every pixel of a canvas of ``width`` × ``height``."""
        if self.opacity < 1 or self.mix != "normal" or self.roundness > 0 or 0 in size:
            return False
        canvas = Box(left=0, top=0, width=width, height=height)
        return self.box.contains(canvas) and _covers(self.to_source(size), size, canvas)

    def to_source(self, size: tuple[int, int]) -> Affine:
        """The map from canvas coordinates to those of a picture of ``size`` (width, height)."""
        laid = fit_box(size, self.box, self.fit, self.focus)
        factor = laid.width / size[0]
        turn, zoom = radians(self.move.turn_deg), self.move.zoom
        a, b = zoom * cos(turn), zoom * sin(turn)
        x, y = self.box.centre
        dx, dy = laid.left + self.move.shift_x - x, laid.top + self.move.shift_y - y
        forward = np.array(
            [[a * factor, -b * factor, x + a * dx - b * dy], [b * factor, a * factor, y + b * dx + a * dy]]
        )
        return np.asarray(cv2.invertAffineTransform(forward), np.float64)


def paint_placed(canvas: Picture, source: Picture, placement: Placement, media: MediaSource) -> None:
    """Draw ``source`` onto ``canvas`` as ``placement`` says."""
    size = (source.width, source.height)
    to_source = placement.to_source(size)
    region = region_of(_seen(placement, to_source, size), canvas.width, canvas.height)
    if region.is_empty or placement.opacity <= 0:
        return
    core = inner_box(placement.box, placement.roundness)
    is_over_black = _is_mixed(placement) and canvas.region(region.x, region.y, region.width, region.height).is_black
    for band in region.bands():
        pixels = sample(source, to_source, band)
        for part in parts_of(band, core):
            seen = pixels.region(part.x - band.x, part.y - band.y, part.width, part.height)
            mask = _combined(_mask(placement, to_source, size, part, media), seen.alpha)
            below = canvas.region(part.x, part.y, part.width, part.height)
            _lay(below, seen, placement, mask, is_over_black=is_over_black)


def _is_mixed(placement: Placement) -> bool:
    return placement.mix != "normal" or placement.opacity < 1


def _lay(below: Picture, pixels: Picture, placement: Placement, mask: Plane | None, *, is_over_black: bool) -> None:
    if mask is None and (is_over_black or not _is_mixed(placement)):
        apply_look(pixels, placement.look, below, placement.opacity)
        return
    seen = pixels
    if placement.look != PLAIN:
        seen = scratch_picture("seen", below.width, below.height)
        apply_look(pixels, placement.look, seen)
    if placement.mix == "screen" and not is_over_black:
        seen = screened(below, seen)
    blend(below, seen, placement.opacity, mask)


def _seen(placement: Placement, to_source: Affine, size: tuple[int, int]) -> Box:
    """The part of the canvas on which the picture can be seen."""
    to_canvas = cv2.invertAffineTransform(to_source).tolist()
    corners = [(x, y) for x in (0, size[0]) for y in (0, size[1])]
    across, down = ([a * x + b * y + c for x, y in corners] for a, b, c in to_canvas)
    left, top = min(across), min(down)
    picture = Box(left=left, top=top, width=max(across) - left, height=max(down) - top)
    return picture.intersection(placement.box)


def _mask(
    placement: Placement, to_source: Affine, size: tuple[int, int], region: Region, media: MediaSource
) -> Plane | None:
    """Coverage of the region, or None where all of it is covered."""
    mask = None
    if not is_covered(region, placement.box, placement.roundness):
        key = ("box mask", placement.box, placement.roundness, region)
        mask = media.remembered(key, lambda: box_mask(placement.box, placement.radii, region))
    if _covers(to_source, size, region.box.intersection(placement.box)):
        return mask
    inside = _picture_mask(placement, to_source, size, region)
    # The least, not the product: where both edges are the same one, a pixel is not covered less for that.
    return inside if mask is None else np.asarray(cv2.min(mask, inside), np.uint8)


def _picture_mask(placement: Placement, to_source: Affine, size: tuple[int, int], region: Region) -> Plane:
    """Coverage by the picture itself: exact for upright ones, a sampled edge for turned ones."""
    if placement.move.turn_deg == 0:
        return box_mask(_seen(placement, to_source, size), (0, 0), region)
    framed = np.pad(np.full((size[1], size[0]), 255, np.uint8), 2)
    return sample_plane(framed, to_source + np.array([[0, 0, 2], [0, 0, 2]]), region)


def _combined(a: Plane | None, b: Plane | None) -> Plane | None:
    if a is None or b is None:
        return b if a is None else a
    return np.asarray(cv2.multiply(a, b, scale=1 / 255), np.uint8)


def _covers(to_source: Affine, size: tuple[int, int], box: Box) -> bool:
    """Whether every point of ``box`` lies on the picture."""
    corners = [(x, y) for x in (box.left, box.right) for y in (box.top, box.bottom)]
    at = (
        (a * x + b * y + c, length)
        for (a, b, c), length in zip(to_source.tolist(), size, strict=True)
        for x, y in corners
    )
    slack = 1e-2
    return all(-slack <= position <= length + slack for position, length in at)
