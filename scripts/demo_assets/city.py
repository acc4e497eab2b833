"""B-roll 2: a street in a big city at night, after rain; cars come and go; loops without a seam."""

import functools
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import ArrayLike

from demo_assets.canvas import HEIGHT, WIDTH, Canvas, Floats, ellipse, linear, polygon, ribbon, rounded, spot, whole

SECONDS = 6.0
_VANISH = (540.0, 1150.0)
_EYE = 460.0
_FAR, _NEAR = 26.0, 0.36
_WARM, _COOL, _PINK, _TEAL = (0.98, 0.72, 0.38), (0.62, 0.78, 0.95), (0.95, 0.36, 0.58), (0.30, 0.80, 0.80)
_SKY = ((0.035, 0.04, 0.115), (0.075, 0.065, 0.20), (0.19, 0.105, 0.32), (0.40, 0.19, 0.40), (0.58, 0.30, 0.40))


class _Window(NamedTuple):
    """A window's rectangle, colour, and when in the loop it is dark (start, share)."""

    x: float
    y: float
    width: float
    height: float
    colour: ArrayLike
    dark: tuple[float, float]


def draw_city(t: float) -> Floats:
    """The picture at a time in seconds; the same at 0 and at 6."""
    canvas = Canvas(_town().copy())
    _stars(canvas, t)
    for window in _changing_windows():
        share = (t / SECONDS - window.dark[0]) % 1.0
        if share > window.dark[1]:
            fade = min(1.0, (share - window.dark[1]) * 12, (1 - share) * 12)
            canvas.glow(polygon(rounded(*window[:4], 2)), window.colour, 0.75 * fade)
    _sign(canvas, t)
    _beacons(canvas, t)
    _street(canvas)
    _lane_marks(canvas)
    _lamps(canvas)
    _cars(canvas, t)
    return canvas.pixels * np.float32(1.08)


@functools.cache
def _town() -> Floats:
    canvas = Canvas.blank()
    canvas.fill(whole(), linear((0, 0), (0, 1150), *_SKY))
    canvas.glow(spot(540, 1130, 520, 190), (1.0, 0.52, 0.42), 0.42)
    _moon(canvas)
    random = np.random.default_rng(31)
    _skyline(canvas, random, (760, 1010), (46, 96), ((0.27, 0.155, 0.36), (0.44, 0.23, 0.40)), 0.30)
    _skyline(canvas, random, (620, 1010), (70, 140), ((0.155, 0.105, 0.275), (0.27, 0.15, 0.33)), 0.55)
    _towers(canvas, random)
    return canvas.pixels


def _moon(canvas: Canvas) -> None:
    x, y = 770, 300
    for sigma, strength in ((190, 0.20), (90, 0.22)):
        canvas.glow(spot(x, y, sigma), (0.66, 0.68, 0.95), strength)
    disc = polygon(ellipse(x, y, 74, 74))
    canvas.fill(disc, linear((x - 60, y - 60), (x + 60, y + 60), (0.84, 0.83, 0.80), (0.66, 0.66, 0.74)))
    for dx, dy, r in ((-22, -18, 16), (18, 10, 22), (-8, 34, 11), (34, -28, 9)):
        canvas.shade(polygon(ellipse(x + dx, y + dy, r, r)).softened(3).within(disc), (0.8, 0.8, 0.84), 0.6)


def _skyline(
    canvas: Canvas,
    random: np.random.Generator,
    tops: tuple[float, float],
    widths: tuple[float, float],
    tones: tuple[ArrayLike, ArrayLike],
    lit: float,
) -> None:
    """A row of towers side by side, with small windows."""
    x = -30.0
    while x < WIDTH + 20:
        width, top = random.uniform(*widths), random.uniform(*tops)
        top += 90 * (1 - abs(x + width / 2 - 540) / 540) * (1 if lit > 0.4 else -1)
        body = polygon([(x, top), (x + width, top), (x + width, 1160), (x, 1160)])
        canvas.fill(body, linear((0, top), (0, 1160), *tones))
        if random.random() < 0.4:
            mast = polygon(ribbon([(x + width / 2, top - random.uniform(30, 90)), (x + width / 2, top)], [1.5, 4]))
            canvas.fill(mast, tones[0])
        for wx in np.arange(x + 8, x + width - 10, 13):
            for wy in np.arange(top + 12, 1100, 19):
                if random.random() < 0.34:
                    colour = (_WARM, _WARM, _PINK, _COOL)[random.integers(4)]
                    pane = polygon([(wx, wy), (wx + 6, wy), (wx + 6, wy + 9), (wx, wy + 9)])
                    canvas.glow(pane, colour, lit * random.uniform(0.4, 1.0))
        x += width + random.uniform(-6, 10)


def _tower_rows(seed: int) -> list[tuple[float, float, float, float]]:
    """Near towers as (left, right, top, depth of tone), from the far to the near ones."""
    random = np.random.default_rng(seed)
    jitter = random.uniform(-20, 20, 6)
    rows = [(250, 400, 640), (690, 830, 700), (120, 290, 470), (800, 960, 540), (-60, 160, 250), (920, 1140, 330)]
    return [(a, b, top + j, i / 5) for i, ((a, b, top), j) in enumerate(zip(rows, jitter, strict=True))]


def _towers(canvas: Canvas, random: np.random.Generator) -> None:
    for left, right, top, near in _tower_rows(2):
        upper = np.array((0.095, 0.075, 0.20)) * (1 - 0.45 * near)
        lower = np.array((0.20, 0.115, 0.265)) * (1 - 0.40 * near)
        body = polygon([(left, top), (right, top), (right, 1190), (left, 1190)])
        canvas.shade(body.softened(18).without(body), (0.5, 0.45, 0.55), 0.5)
        canvas.fill(body, linear((0, top), (0, 1190), upper, lower))
        edge = right if right < 540 else left
        canvas.glow(polygon(ribbon([(edge, top), (edge, 1190)], [2.5, 2.5])), (0.75, 0.42, 0.62), 0.25)
        for window in _windows(left, right, top, random):
            canvas.glow(polygon(rounded(*window[:4], 2)), window.colour, random.uniform(0.25, 0.8))


def _windows(left: float, right: float, top: float, random: np.random.Generator, share: float = 0.36) -> list[_Window]:
    """A grid of windows; most floors have a few lit ones beside each other."""
    found = []
    for y in np.arange(top + 26, 1130, 40):
        mood = random.random()
        for x in np.arange(left + 14, right - 22, 27):
            if random.random() < share * (0.4 + 1.2 * mood):
                colour = (_WARM, _WARM, _WARM, _COOL, _TEAL, _PINK)[random.integers(6)]
                found.append(_Window(x, y, 15, 23, colour, (random.random(), random.uniform(0.2, 0.6))))
    return found


@functools.cache
def _changing_windows() -> tuple[_Window, ...]:
    random = np.random.default_rng(77)
    return tuple(w for left, right, top, _ in _tower_rows(2) for w in _windows(left, right, top, random, 0.06))


def _stars(canvas: Canvas, t: float) -> None:
    random = np.random.default_rng(9)
    for _ in range(70):
        x, y, phase, size = (
            random.uniform(160, 930),
            random.uniform(20, 520),
            random.uniform(0, 6.28),
            random.uniform(0.8, 1.6),
        )
        canvas.glow(
            spot(x, y, size), (0.9, 0.92, 1.0), (0.55 + 0.35 * np.sin(4 * np.pi * t / SECONDS + phase)) * (1 - y / 620)
        )


def _sign(canvas: Canvas, t: float) -> None:
    """A neon leaf on a near tower, which breathes."""
    power = 0.72 + 0.2 * np.sin(2 * np.pi * t / SECONDS * 2)
    x, y = 1006, 640
    strokes = [
        ribbon([(x, y + 74), (x - 44, y + 10), (x, y - 74), (x + 44, y + 10), (x, y + 74)], [5] * 5),
        ribbon([(x, y + 104), (x, y - 30)], [5, 5]),
        ribbon([(x, y + 36), (x + 24, y + 8)], [4, 4]),
        ribbon([(x, y + 10), (x - 22, y - 16)], [4, 4]),
    ]
    canvas.shade(polygon(rounded(x - 64, y - 100, 128, 226, 12)), (0.35, 0.35, 0.45), 0.85)
    for stroke in strokes:
        tube = polygon(stroke)
        canvas.glow(tube.softened(16), (0.15, 0.85, 0.62), 0.9 * power)
        canvas.fill(tube, (0.55, 0.86, 0.74), power)
    canvas.glow(spot(x, y, 120), (0.10, 0.60, 0.45), 0.30 * power)


def _beacons(canvas: Canvas, t: float) -> None:
    for i, (left, right, top, _) in enumerate(_tower_rows(2)):
        pulse = max(0.0, np.sin(2 * np.pi * (2 * t / SECONDS + i / 6))) ** 3
        canvas.glow(spot((left + right) / 2, top - 4, 5), (1.0, 0.25, 0.25), pulse)
        canvas.glow(spot((left + right) / 2, top - 4, 26), (1.0, 0.2, 0.25), 0.4 * pulse)


def _street(canvas: Canvas) -> None:
    """Wet asphalt: the town again, upside down, drawn out downwards."""
    horizon = int(_VANISH[1])
    rows = HEIGHT - horizon
    mirrored = canvas.pixels[horizon - int(rows * 1.25) : horizon][::-1]
    small = cv2.resize(mirrored, (WIDTH // 4, rows // 4), interpolation=cv2.INTER_AREA)
    streaks = cv2.GaussianBlur(small, (0, 0), sigmaX=1.6, sigmaY=16)
    wet = cv2.resize(streaks, (WIDTH, rows), interpolation=cv2.INTER_CUBIC)
    canvas.pixels[horizon:] = np.float32((0.05, 0.045, 0.09)) + wet * 0.52
    for side in (-1, 1):
        kerb = [_road(side * 2.05, 40.0), _road(side * 2.05, 0.5), (540 + side * 1400, 1990), (540 + side * 1400, 1150)]
        canvas.shade(polygon(kerb), (0.50, 0.46, 0.60), 0.6)
        line = polygon(
            [_road(side * 2.0, 40.0), _road(side * 2.0, 0.5), _road(side * 2.06, 0.5), _road(side * 2.06, 40.0)]
        )
        canvas.glow(line, (0.8, 0.65, 0.75), 0.22)
    canvas.glow(spot(540, horizon + 6, 300, 26), (1.0, 0.62, 0.48), 0.42)


def _road(side: float, depth: float, height: float = 0.0) -> tuple[float, float]:
    """A point of the street in the picture: sideways and up in lanes' widths, depth in the eye's heights."""
    return _VANISH[0] + 330 * side / depth, _VANISH[1] + (_EYE - 330 * height) / depth


def _lane_marks(canvas: Canvas) -> None:
    for side in (-1, 1):
        for k in range(14):
            near, far = 0.62 * 1.32**k, 0.62 * 1.32**k * 1.14
            mark = [
                _road(side - 0.02, near),
                _road(side + 0.02, near),
                _road(side + 0.02, far),
                _road(side - 0.02, far),
            ]
            canvas.glow(polygon(mark), (0.85, 0.85, 0.9), 0.34)
    for side in (-0.035, 0.035):
        mark = [_road(side - 0.014, 0.55), _road(side + 0.014, 0.55), _road(side + 0.014, 40), _road(side - 0.014, 40)]
        canvas.glow(polygon(mark), (0.95, 0.72, 0.35), 0.42)


def _lamps(canvas: Canvas) -> None:
    for depth in (14.0, 8.4, 5.0, 3.0, 1.75):
        for side in (-1, 1):
            foot, top, tip = _road(side * 2.35, depth), _road(side * 2.35, depth, 3.1), _road(side * 1.75, depth, 3.3)
            thick = max(1.4, 17 / depth)
            canvas.fill(polygon(ribbon([foot, top, tip], [thick, thick * 0.7, thick * 0.5])), (0.05, 0.04, 0.09))
            canvas.glow(spot(*tip, 150 / depth + 4), (1.0, 0.68, 0.36), 0.55)
            canvas.glow(spot(*tip, 30 / depth + 1.4), (1.0, 0.86, 0.62), 0.95)
            x, y = _road(side * 1.75, depth)
            canvas.glow(spot(x, y, 110 / depth + 3, 150 / depth + 3), (1.0, 0.62, 0.32), 0.26)


_CARS = (  # lane, phase in the loop, paint; lanes on the left come, those on the right go
    (-1.5, 0.02, (0.16, 0.17, 0.24)), (-1.5, 0.36, (0.26, 0.10, 0.14)), (-1.5, 0.70, (0.12, 0.20, 0.23)),
    (-0.5, 0.20, (0.20, 0.19, 0.22)), (-0.5, 0.55, (0.10, 0.13, 0.24)), (-0.5, 0.86, (0.22, 0.17, 0.11)),
    (0.5, 0.10, (0.14, 0.20, 0.24)), (0.5, 0.44, (0.24, 0.11, 0.13)), (0.5, 0.78, (0.17, 0.17, 0.23)),
    (1.5, 0.28, (0.11, 0.12, 0.20)), (1.5, 0.62, (0.23, 0.21, 0.20)), (1.5, 0.94, (0.12, 0.21, 0.20)),
)  # fmt: skip


def _cars(canvas: Canvas, t: float) -> None:
    placed = []
    for lane, phase, paint in _CARS:
        way = (t / SECONDS + phase) % 1.0
        # A car slows a little as it nears, so that it is seen for longer than perspective would let it.
        depth = _NEAR + (_FAR - _NEAR) * ((1 - way) if lane < 0 else way) ** 1.7
        placed.append((depth, lane, paint))
    for depth, lane, paint in sorted(placed, key=lambda car: -car[0]):
        _car(canvas, lane, depth, paint)


def _car(canvas: Canvas, lane: float, depth: float, paint: ArrayLike) -> None:
    comes = lane < 0
    size = 330 / depth
    x, y = _road(lane, depth)
    fade = float(np.clip((_FAR - depth) / 5, 0, 1))
    light, halo = ((1.0, 0.95, 0.84), (0.85, 0.80, 0.78)) if comes else ((1.0, 0.30, 0.26), (0.95, 0.12, 0.14))
    for side in (-1, 1):
        streak = spot(x + side * 0.27 * size, y + 0.34 * size, 0.055 * size + 1, 0.36 * size + 3)
        canvas.glow(streak, light, 0.55 * fade)
        canvas.glow(spot(x + side * 0.27 * size, y - 0.20 * size, 0.26 * size + 3), halo, 0.5 * fade)
    _body(canvas, (x, y, size), paint, fade, comes=comes)
    for side in (-1, 1):
        at = (x + side * 0.27 * size, y - 0.20 * size)
        canvas.glow(spot(*at, 0.085 * size + 2), halo, 0.6 * fade)
        lamp = ellipse(*at, 0.058 * size + 0.8, (0.045 if comes else 0.03) * size + 0.8)
        canvas.fill(
            polygon(lamp).softened(0.01 * size + 0.4), (0.93, 0.90, 0.84) if comes else (0.90, 0.26, 0.22), fade
        )


def _body(canvas: Canvas, place: tuple[float, float, float], paint: ArrayLike, fade: float, *, comes: bool) -> None:
    x, y, size = place
    if size < 24:
        return
    shadow = polygon(ellipse(x, y, 0.42 * size, 0.05 * size)).softened(0.02 * size + 1)
    canvas.shade(shadow, (0.2, 0.2, 0.25), 0.9 * fade)
    cabin = np.array([(-0.25, -0.34), (-0.19, -0.55), (0.19, -0.55), (0.25, -0.34)]) * size + (x, y)
    dark = np.asarray(paint) * 0.55
    canvas.fill(
        polygon(rounded(x - 0.36 * size, y - 0.36 * size, 0.72 * size, 0.34 * size, 0.08 * size)),
        linear((0, y - 0.36 * size), (0, y), paint, dark),
        fade,
    )
    canvas.fill(polygon(cabin), linear((0, y - 0.55 * size), (0, y - 0.3 * size), np.asarray(paint) * 0.9, dark), fade)
    glass = np.array([(-0.215, -0.36), (-0.165, -0.52), (0.165, -0.52), (0.215, -0.36)]) * size + (x, y)
    canvas.fill(
        polygon(glass), linear((x, y - 0.52 * size), (x, y - 0.36 * size), (0.34, 0.22, 0.36), (0.08, 0.07, 0.13)), fade
    )
    for side in (-1, 1):
        wheel = rounded(x + side * 0.28 * size - 0.055 * size, y - 0.07 * size, 0.11 * size, 0.09 * size, 0.02 * size)
        canvas.fill(polygon(wheel), (0.02, 0.02, 0.04), fade)
    plate = rounded(x - 0.08 * size, y - 0.15 * size, 0.16 * size, 0.05 * size, 0.01 * size)
    canvas.fill(polygon(plate), (0.42, 0.40, 0.40) if comes else (0.50, 0.46, 0.40), 0.7 * fade)
