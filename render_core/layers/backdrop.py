"""Backgrounds that nobody has to film: a studio set of light, and soft colours that drift."""

from dataclasses import dataclass
from math import cos, pi, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from render_core.layer import MediaSource
from render_core.picture import Picture, Plane, from_rgb

Color = tuple[int, int, int]
"""Red, green, blue, 0 … 255."""
_Light = NDArray[np.float32]

_SMALLER = 2
"""The set is drawn, and mixed, at half its size: all of it is soft."""
_FLOOR = 0.74
"""Where the wall ends, as a part of the height."""
_BARS = ((0.06, 0.9), (0.13, 0.5), (0.3, 0.35), (0.71, 0.4), (0.86, 0.6), (0.94, 1.0))
"""Upright lamps on the wall: place across, and strength."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Studio:
    """An empty set: a wall with upright lamps and a floor that mirrors them. The light wanders from side to side.

    Attributes:
        base: Colour of the room.
        light: Colour of the light.
        part: Where the light is, from 0 (left) to 1 (right).
    """

    base: Color
    light: Color
    part: float

    def paint(self, canvas: Picture, media: MediaSource) -> None:
        """Fill the canvas."""
        left, right = (self._lit(canvas, media, side) for side in (0, 1))
        pairs = ((left.y, right.y, canvas.y), (left.u, right.u, canvas.u), (left.v, right.v, canvas.v))
        for first, second, target in pairs:
            mixed = cv2.addWeighted(first, 1 - self.part, second, self.part, 0)
            _enlarge(np.asarray(mixed, np.uint8), target)

    def hides_all_below(self, width: int, height: int) -> bool:  # noqa: ARG002 - the protocol's arguments
        """Always."""
        return True

    def _lit(self, canvas: Picture, media: MediaSource, side: int) -> Picture:
        size = canvas.width, canvas.height
        key = ("studio", self.base, self.light, size, side)
        return media.remembered(key, lambda: _studio(size, self.base, self.light, side))


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """Two colours that drift through a third, slowly and without end.

    Attributes:
        base: Colour of the ground.
        accent: Colour of the lights.
        turn: How far they have come, in rounds.
    """

    base: Color
    accent: Color
    turn: float

    def paint(self, canvas: Picture, media: MediaSource) -> None:
        """Fill the canvas."""
        size = canvas.width, canvas.height
        small = from_rgb(np.clip(self._light(), 0, 255).astype(np.uint8))
        noise = media.remembered(("dither", size), lambda: _dither(size))
        for plane, target in ((small.y, canvas.y), (small.u, canvas.u), (small.v, canvas.v)):
            _enlarge(plane, target)
        # Eight bits would show steps in colours as soft as these.
        cv2.addWeighted(canvas.y, 1, noise, 1, -_MIDDLE, dst=canvas.y)

    def hides_all_below(self, width: int, height: int) -> bool:  # noqa: ARG002 - the protocol's arguments
        """Always."""
        return True

    def _light(self) -> _Light:
        y, x = (np.mgrid[0:_SMALL, 0:_SMALL].astype(np.float32) + 0.5) / _SMALL
        angle = 2 * pi * self.turn
        base, accent = np.array(self.base, np.float32), np.array(self.accent, np.float32)
        warm = _spot(x, y, (0.25 + 0.22 * cos(angle), 0.22 + 0.14 * sin(angle)), 0.5)
        cool = _spot(x, y, (0.8 + 0.18 * sin(angle + 1), 0.82 + 0.14 * cos(angle + 1)), 0.42)
        deep = _spot(x, y, (0.15 + 0.2 * sin(2 * angle), 0.95), 0.5)
        light = base * (1 - 0.35 * deep)[..., None]
        light += (accent - light) * (0.78 * warm)[..., None]
        return np.asarray(light + (accent * 0.75 + 40 - light) * (0.5 * cool)[..., None], np.float32)


_SMALL = 48
_MIDDLE = 128


def _dither(size: tuple[int, int]) -> Plane:
    noise = np.random.default_rng(5).integers(-1, 2, (size[1], size[0]), np.int8)
    return np.asarray(noise + np.int16(_MIDDLE), np.uint8)


def _enlarge(plane: Plane, target: Plane) -> None:
    cv2.resize(plane, target.shape[::-1], dst=target, interpolation=cv2.INTER_LINEAR)


def _spot(x: _Light, y: _Light, centre: tuple[float, float], radius: float) -> _Light:
    """A soft round light of strength 1 in its middle."""
    distance = (x - centre[0]) ** 2 + (y - centre[1]) ** 2
    return np.asarray(np.exp(-distance / (2 * (0.55 * radius) ** 2)), np.float32)


def _studio(size: tuple[int, int], base: Color, light: Color, side: int) -> Picture:
    """The set with the light on one side, at half its size, dithered."""
    width, height = (max(2, length // _SMALLER // 2 * 2) for length in size)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) + 0.5
    x, y, aspect = x / width, y / height, width / height
    below = np.clip((y - _FLOOR) / (1 - _FLOOR), 0, 1)
    is_floor = np.clip((y - _FLOOR) * height / 2, 0, 1)
    shine = _wall(x, np.where(y > _FLOOR, _FLOOR - 0.7 * (y - _FLOOR), y), aspect, side)
    shine *= 1 - is_floor * (0.5 + 0.45 * below)
    room = np.array(base, np.float32) * (0.5 + 0.6 * (1 - np.abs(y - 0.4) / 0.6) * (1 - 0.4 * is_floor))[..., None]
    lit = room + (np.array(light, np.float32) * 0.85 + 30) * shine[..., None]
    lit += (np.array(light, np.float32) * 0.3 + 22) * np.exp(-(((y - _FLOOR) * 220) ** 2))[..., None]
    noise = np.random.default_rng(3).uniform(-0.5, 0.5, (height, width, 1)).astype(np.float32)
    return from_rgb(np.clip(np.round(_shoulder(lit) + noise), 0, 255).astype(np.uint8))


def _wall(x: _Light, y: _Light, aspect: float, side: int) -> _Light:
    """Light on the wall: panels, a large soft light behind the speaker, lamps with their glow."""
    wide = max(aspect, 0.8)
    panels = 0.84 + 0.16 * np.cos(2 * pi * x * 5 * wide)
    light = 0.34 * panels * np.exp(-(((x - 0.34 - 0.32 * side) * aspect / 0.6) ** 2 + ((y - 0.4) / 0.36) ** 2))
    fall = np.clip(1.05 - np.abs(y - 0.36) * 1.25, 0, 1) ** 1.5
    for place, strength in _BARS:
        near = strength * (0.3 + 0.7 * (place if side else 1 - place))
        distance = np.abs(x - place) * wide
        core = np.clip((0.006 - distance) / 0.003, 0, 1)
        light += near * fall * (0.75 * core + 0.34 * np.exp(-distance / 0.02) + 0.12 * np.exp(-distance / 0.1))
    return np.asarray(light, np.float32)


def _shoulder(light: _Light) -> _Light:
    """Bright light rolls off instead of clipping."""
    return np.asarray(np.where(light > 160, 160 + 95 * (1 - np.exp(-(light - 160) / 95)), light), np.float32)
