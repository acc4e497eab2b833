"""A small vector painter: smooth shapes as antialiased masks, gradients, soft light, on a float picture.

Coordinates are pixels, origin top left, y down. Colours are sRGB triples within 0–1.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float32]
Points = NDArray[np.float64]
Gradient = Callable[[Floats, Floats], Floats]
"""A function of pixel coordinates x (1, w) and y (h, 1) that gives colours (h, w, 3)."""
Paint = ArrayLike | Gradient

WIDTH, HEIGHT = 1080, 1920
_FINE = 4
_SHIFT = 4


@dataclass(frozen=True, slots=True, eq=False)
class Mask:
    """Coverage (h, w) of a rectangle of the picture whose top left corner is (x, y)."""

    x: int
    y: int
    cover: Floats

    def within(self, other: "Mask") -> "Mask":
        """The part of this mask inside another one."""
        x0, y0 = max(self.x, other.x), max(self.y, other.y)
        x1 = min(self.x + self.cover.shape[1], other.x + other.cover.shape[1])
        y1 = min(self.y + self.cover.shape[0], other.y + other.cover.shape[0])
        if x1 <= x0 or y1 <= y0:
            return Mask(x0, y0, np.zeros((0, 0), np.float32))
        return Mask(x0, y0, _cut(self, x0, y0, x1, y1) * _cut(other, x0, y0, x1, y1))

    def without(self, other: "Mask") -> "Mask":
        """The part of this mask outside another one."""
        result = self.cover.copy()
        both = self.within(other)
        rows, columns = slice(both.y - self.y, None), slice(both.x - self.x, None)
        target = result[rows, columns][: both.cover.shape[0], : both.cover.shape[1]]
        target -= both.cover
        return Mask(self.x, self.y, result)

    def softened(self, sigma: float) -> "Mask":
        """Blurred; computed on a smaller picture where the blur is wide."""
        pad = int(3 * sigma) + 2
        padded = np.pad(self.cover, pad)
        step = max(1, int(sigma / 4))
        size = padded.shape[::-1]
        small = cv2.resize(padded, (max(1, size[0] // step), max(1, size[1] // step)), interpolation=cv2.INTER_AREA)
        blurred = cv2.GaussianBlur(small, (0, 0), sigma / step)
        return Mask(self.x - pad, self.y - pad, cv2.resize(blurred, size, interpolation=cv2.INTER_LINEAR))

    def moved(self, dx: int, dy: int) -> "Mask":
        """The same coverage elsewhere."""
        return Mask(self.x + dx, self.y + dy, self.cover)


def _cut(mask: Mask, x0: int, y0: int, x1: int, y1: int) -> Floats:
    return mask.cover[y0 - mask.y : y1 - mask.y, x0 - mask.x : x1 - mask.x]


def union(masks: Sequence[Mask]) -> Mask:
    """What any of the masks covers."""
    x0, y0 = min(m.x for m in masks), min(m.y for m in masks)
    x1 = max(m.x + m.cover.shape[1] for m in masks)
    y1 = max(m.y + m.cover.shape[0] for m in masks)
    cover = np.zeros((y1 - y0, x1 - x0), np.float32)
    for mask in masks:
        view = cover[mask.y - y0 :, mask.x - x0 :][: mask.cover.shape[0], : mask.cover.shape[1]]
        np.maximum(view, mask.cover, out=view)
    return Mask(x0, y0, cover)


class Canvas:
    """A picture that is painted on: `pixels`, shape (height, width, 3), float32."""

    def __init__(self, pixels: Floats) -> None:
        """Paint on this array, in place."""
        self.pixels = pixels

    @classmethod
    def blank(cls, width: int = WIDTH, height: int = HEIGHT) -> "Canvas":
        """A black picture."""
        return cls(np.zeros((height, width, 3), np.float32))

    def fill(self, mask: Mask, paint: Paint, opacity: float = 1.0) -> None:
        """Lay a colour or gradient over the picture where the mask covers it."""
        view, cover, x, y = self._visible(mask)
        if view.size == 0 or opacity == 0:
            return
        colour = _colours(paint, x, y, cover.shape)
        view += (cover * np.float32(opacity))[..., None] * (colour - view)

    def glow(self, mask: Mask, paint: Paint, strength: float = 1.0) -> None:
        """Add light ("screen"), as a lamp or a reflection does."""
        view, cover, x, y = self._visible(mask)
        if view.size:
            light = _colours(paint, x, y, cover.shape) * (cover * np.float32(strength))[..., None]
            view += light * (1 - view)

    def shade(self, mask: Mask, colour: ArrayLike, strength: float = 1.0) -> None:
        """Multiply by a colour, as a shadow does."""
        view, cover, _, _ = self._visible(mask)
        if view.size:
            view *= 1 - (cover * np.float32(strength))[..., None] * (1 - np.asarray(colour, np.float32))

    def _visible(self, mask: Mask) -> tuple[Floats, Floats, Floats, Floats]:
        height, width = self.pixels.shape[:2]
        rows, columns = mask.cover.shape
        x0, y0 = max(mask.x, 0), max(mask.y, 0)
        x1, y1 = max(x0, min(mask.x + columns, width)), max(y0, min(mask.y + rows, height))
        x = np.arange(x0, x1, dtype=np.float32)[None, :] + 0.5
        y = np.arange(y0, y1, dtype=np.float32)[:, None] + 0.5
        return self.pixels[y0:y1, x0:x1], mask.cover[y0 - mask.y : y1 - mask.y, x0 - mask.x : x1 - mask.x], x, y


def _colours(paint: Paint, x: Floats, y: Floats, shape: tuple[int, ...]) -> Floats:
    if callable(paint):
        return np.broadcast_to(paint(x, y), (*shape, 3))
    return np.asarray(paint, np.float32)


def polygon(*outlines: ArrayLike) -> Mask:
    """Coverage of closed outlines (n, 2), sampled 16 times a pixel; where outlines overlap, holes."""
    shapes = [np.asarray(outline, float) for outline in outlines]
    low = np.floor(np.min([s.min(axis=0) for s in shapes], axis=0)).astype(int) - 1
    high = np.ceil(np.max([s.max(axis=0) for s in shapes], axis=0)).astype(int) + 1
    low = np.maximum(low, -200)
    high = np.maximum(np.minimum(high, (WIDTH + 200, HEIGHT + 200)), low + 1)
    width, height = (int(v) for v in high - low)
    fine = np.zeros((height * _FINE, width * _FINE), np.uint8)
    # A pixel's centre is at a whole coordinate for OpenCV, at a half one here.
    scaled = [np.round(((s - low) * _FINE - 0.5) * (1 << _SHIFT)).astype(np.int32) for s in shapes]
    cv2.fillPoly(fine, scaled, 255, cv2.LINE_8, _SHIFT)
    small = cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA)
    return Mask(int(low[0]), int(low[1]), small.astype(np.float32) / 255)


def smooth(points: ArrayLike, *, closed: bool = True, steps: int = 14) -> Points:
    """A Catmull–Rom spline through the points (n, 2)."""
    p = np.asarray(points, float)
    padded = (
        np.concatenate([p[-1:], p, p[:2]]) if closed else np.concatenate([2 * p[:1] - p[1:2], p, 2 * p[-1:] - p[-2:-1]])
    )
    t = (np.arange(steps) / steps)[:, None, None]
    a, b, c, d = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    curve = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    flat = curve.transpose(1, 0, 2).reshape(-1, 2)
    return flat if closed else np.concatenate([flat, p[-1:]])


def ellipse(cx: float, cy: float, rx: float, ry: float, turn: float = 0.0) -> Points:
    """An ellipse's outline, turned by an angle in radians."""
    angle = np.linspace(0, 2 * np.pi, 96, endpoint=False)
    x, y = rx * np.cos(angle), ry * np.sin(angle)
    return np.stack([cx + x * np.cos(turn) - y * np.sin(turn), cy + x * np.sin(turn) + y * np.cos(turn)], axis=1)


def rounded(x: float, y: float, width: float, height: float, radius: float) -> Points:
    """A rectangle with round corners."""
    angle = np.linspace(0, np.pi / 2, 16)
    arc = radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    corners = [(width, height, 1, 1), (0, height, -1, 1), (0, 0, -1, -1), (width, 0, 1, -1)]
    parts = []
    for cx, cy, sx, sy in corners:
        bend = arc if sx == sy else arc[::-1]
        parts.append(np.array([x + cx - sx * radius, y + cy - sy * radius]) + bend * (sx, sy))
    return np.concatenate(parts)


def ribbon(points: ArrayLike, widths: Sequence[float], steps: int = 14) -> Points:
    """The outline of a stroke along a smooth line whose width changes along it, with pointed or blunt ends."""
    line = smooth(points, closed=False, steps=steps)
    direction = np.gradient(line, axis=0)
    normal = np.stack([-direction[:, 1], direction[:, 0]], axis=1)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    wide = np.interp(np.linspace(0, 1, len(line)), np.linspace(0, 1, len(widths)), widths)[:, None] / 2
    return np.concatenate([line + normal * wide, (line - normal * wide)[::-1]])


def linear(start: tuple[float, float], stop: tuple[float, float], *colours: ArrayLike) -> Gradient:
    """A gradient from one point to another through evenly spaced colours."""
    dx, dy = stop[0] - start[0], stop[1] - start[1]
    scale = np.float32(1 / (dx * dx + dy * dy))

    def paint(x: Floats, y: Floats) -> Floats:
        return _ramp(((x - start[0]) * dx + (y - start[1]) * dy) * scale, colours)

    return paint


def radial(cx: float, cy: float, radius: float, *colours: ArrayLike) -> Gradient:
    """A gradient from a centre outwards through evenly spaced colours."""

    def paint(x: Floats, y: Floats) -> Floats:
        return _ramp(np.sqrt((x - cx) ** 2 + (y - cy) ** 2) / np.float32(radius), colours)

    return paint


def _ramp(position: Floats, colours: Sequence[ArrayLike]) -> Floats:
    stops = np.asarray(colours, np.float32)
    table = np.stack([np.interp(np.linspace(0, 1, 1024), np.linspace(0, 1, len(stops)), c) for c in stops.T], axis=1)
    index = np.clip(position * 1023 + 0.5, 0, 1023).astype(np.int32)
    return table.astype(np.float32)[index]


def whole(width: int = WIDTH, height: int = HEIGHT) -> Mask:
    """A mask that covers the whole picture."""
    return Mask(0, 0, np.ones((height, width), np.float32))


def spot(x: float, y: float, rx: float, ry: float | None = None) -> Mask:
    """A soft light: a Gaussian whose standard deviations are rx and ry."""
    ry = rx if ry is None else ry
    x0, y0 = max(-200, int(x - 3 * rx)), max(-200, int(y - 3 * ry))
    x1, y1 = min(WIDTH + 200, int(x + 3 * rx) + 2), min(HEIGHT + 200, int(y + 3 * ry) + 2)
    if x1 <= x0 or y1 <= y0:
        return Mask(x0, y0, np.zeros((0, 0), np.float32))
    across = np.exp(-0.5 * ((np.arange(x0, x1, dtype=np.float32) + 0.5 - x) / rx) ** 2)
    down = np.exp(-0.5 * ((np.arange(y0, y1, dtype=np.float32) + 0.5 - y) / ry) ** 2)
    return Mask(x0, y0, (down[:, None] * across[None, :]).astype(np.float32))


def below(ridge: Points, foot: float = HEIGHT + 4) -> Mask:
    """Everything from a line, given by points from left to right, down to `foot`."""
    return polygon(np.concatenate([ridge, [(ridge[-1, 0], foot), (ridge[0, 0], foot)]]))
