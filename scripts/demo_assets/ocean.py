"""B-roll 3: a paper-cut sea in the morning with a small sailing boat; loops without a seam."""

import functools
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from demo_assets.canvas import (
    HEIGHT,
    WIDTH,
    Canvas,
    Floats,
    Points,
    below,
    ellipse,
    linear,
    polygon,
    ribbon,
    rounded,
    smooth,
    union,
    whole,
)

SECONDS = 6.0
_TURN = 2 * np.pi / SECONDS
_SUN = (760.0, 560.0)
_X = np.arange(-12, WIDTH + 16, 4.0)


class _Wave(NamedTuple):
    """A sheet of paper: its place from the back, its shape, how many wavelengths a loop moves it to the right."""

    index: int
    base: float
    height: float
    length: float
    turns: int
    top: ArrayLike
    foot: ArrayLike


_WAVES = (
    _Wave(0, 880, 13, 300, 1, (0.50, 0.66, 0.62), (0.40, 0.58, 0.58)),
    _Wave(1, 965, 20, 380, -1, (0.38, 0.585, 0.585), (0.29, 0.50, 0.53)),
    _Wave(2, 1065, 28, 450, 1, (0.275, 0.50, 0.535), (0.20, 0.42, 0.485)),
    _Wave(3, 1190, 36, 520, -1, (0.19, 0.415, 0.485), (0.13, 0.335, 0.425)),
    _Wave(4, 1330, 44, 600, 1, (0.125, 0.335, 0.43), (0.085, 0.26, 0.365)),
    _Wave(5, 1490, 52, 680, -1, (0.085, 0.26, 0.37), (0.055, 0.19, 0.30)),
    _Wave(6, 1670, 60, 760, 1, (0.06, 0.195, 0.305), (0.03, 0.125, 0.225)),
)
_BOAT_BEHIND = 3


def draw_ocean(t: float) -> Floats:
    """The picture at a time in seconds; the same at 0 and at 6."""
    canvas = Canvas(_sky().copy())
    _clouds(canvas, t)
    _gulls(canvas, t)
    for wave in _WAVES:
        if wave.index == _BOAT_BEHIND:
            _boat(canvas, t)
        _wave(canvas, wave, t)
    return canvas.pixels


@functools.cache
def _sky() -> Floats:
    canvas = Canvas.blank()
    tones = ((0.22, 0.45, 0.57), (0.36, 0.58, 0.63), (0.60, 0.68, 0.62), (0.78, 0.66, 0.52))
    canvas.fill(whole(), linear((0, 0), (0, 930), *tones))
    for radius, strength in ((430, 0.10), (310, 0.13), (210, 0.17)):
        canvas.glow(polygon(ellipse(*_SUN, radius, radius)).softened(1), (1.0, 0.88, 0.66), strength)
    canvas.fill(polygon(ellipse(*_SUN, 126, 126)), linear((0, 434), (0, 686), (0.88, 0.78, 0.58), (0.86, 0.66, 0.46)))
    return canvas.pixels


def _clouds(canvas: Canvas, t: float) -> None:
    for x, y, size, phase in (
        (210, 300, 1.15, 0.0),
        (830, 190, 0.85, 2.0),
        (420, 640, 0.75, 4.0),
        (980, 730, 0.6, 1.0),
    ):
        at = x + 16 * np.sin(_TURN * t + phase)
        puffs = [(-150, 6, 46), (-88, -22, 62), (0, -44, 84), (90, -20, 66), (152, 6, 44)]
        parts = [ellipse(at + dx * size, y + dy * size, r * size, r * size * 0.86) for dx, dy, r in puffs]
        base = rounded(at - 196 * size, y - 24 * size, 392 * size, 66 * size, 32 * size)
        cloud = union([polygon(part) for part in (*parts, base)])
        canvas.shade(polygon(base).moved(6, 14).softened(14), (0.45, 0.5, 0.55), 0.30)
        canvas.fill(
            cloud, linear((0, y - 110 * size), (0, y + 46 * size), (0.84, 0.80, 0.72), (0.73, 0.71, 0.68)), 0.94
        )


def _crest(wave: _Wave, t: float, x: Points) -> Points:
    """The height of a wave's edge at the places x: a sharpened ripple against a longer swell."""
    phase = 2 * np.pi * x / wave.length - wave.turns * _TURN * t + wave.index * 1.7
    swell = 2 * np.pi * x / (wave.length * 2.3) + wave.turns * _TURN * t + wave.index
    sharp = np.sin(phase) + 0.22 * np.cos(2 * phase)
    return wave.base - wave.height * (0.72 * sharp + 0.45 * np.sin(swell))


def _wave(canvas: Canvas, wave: _Wave, t: float) -> None:
    ridge = np.stack([_X, _crest(wave, t, _X)], axis=1)
    body = below(ridge, min(HEIGHT + 4, wave.base + 420))
    edge = polygon(np.concatenate([ridge, ridge[::-1] + np.array([0, 60])]))
    canvas.shade(edge.moved(0, -10).softened(14).without(body), (0.35, 0.45, 0.52), 0.45)
    canvas.fill(body, linear((0, wave.base - wave.height), (0, wave.base + 190), wave.top, wave.foot))
    foam = polygon(np.concatenate([ridge, ridge[::-1] + np.array([0, 5 + wave.index])]))
    canvas.glow(foam, (0.9, 0.95, 0.9), 0.30)
    for k, drop in enumerate((34 + 6 * wave.index, 62 + 9 * wave.index)):
        _dashes(canvas, wave, t, drop, k)


def _dashes(canvas: Canvas, wave: _Wave, t: float, drop: float, row: int) -> None:
    """Short lines that ride on the wave, like cuts in the paper."""
    for k in range(-2, 8):
        x = (k + 0.33 * row + 0.2 * wave.index + wave.turns * t / SECONDS) * wave.length * 0.75
        xs = x + np.linspace(-1, 1, 5) * (30 + 7 * wave.index)
        ys = _crest(wave, t, xs) * 0.6 + wave.base * 0.4 + drop
        if xs[-1] > -20 and xs[0] < WIDTH + 20:
            line = polygon(ribbon(np.stack([xs, ys], axis=1), [0.5, 3.5 + 0.4 * wave.index, 0.5]))
            canvas.glow(line, (0.8, 0.95, 0.95), 0.20)


def _boat(canvas: Canvas, t: float) -> None:
    x = 400 + 26 * np.sin(_TURN * t)
    y = 1166 + 12 * np.sin(_TURN * t * 2 + 0.6)
    tilt = 0.07 * np.sin(_TURN * t * 2 + 1.8)
    cos, sin = np.cos(tilt), np.sin(tilt)

    def place(points: Points | list[tuple[float, float]]) -> Points:
        return np.asarray(points, float) @ np.array([[cos, sin], [-sin, cos]]) * 1.25 + (x, y)

    sails = ([(8, -292), (34, -200), (118, -66), (10, -60)], [(-8, -262), (-20, -180), (-84, -64), (-8, -60)])
    canvas.shade(
        polygon(place([(10, -280), (130, -40), (-90, -40)])).moved(16, 12).softened(14), (0.45, 0.5, 0.5), 0.25
    )
    for outline, tones in zip(
        sails, (((0.84, 0.78, 0.68), (0.74, 0.66, 0.56)), ((0.78, 0.46, 0.36), (0.68, 0.36, 0.30))), strict=True
    ):
        canvas.fill(polygon(place(outline)), linear((x - 100, y - 300), (x + 120, y - 60), *tones))
    canvas.fill(polygon(place(rounded(-4, -306, 7, 270, 3))), (0.33, 0.22, 0.17))
    hull = np.concatenate(
        [[(-128, -44)], smooth([(136, -50), (112, -4), (70, 26), (-60, 26), (-104, -6), (-128, -44)], closed=False)]
    )
    canvas.fill(polygon(place(hull)), linear((0, y - 60), (0, y + 36), (0.55, 0.27, 0.21), (0.36, 0.165, 0.15)))
    canvas.fill(polygon(place([(-128, -44), (136, -50), (132, -38), (-122, -32)])), (0.80, 0.74, 0.64))
    canvas.fill(polygon(place([(0, -306), (46, -318), (0, -330)])), (0.78, 0.46, 0.36))


def _gulls(canvas: Canvas, t: float) -> None:
    for i, (x, y, size) in enumerate(((300, 470, 1.0), (390, 520, 0.75), (560, 400, 0.85), (640, 350, 0.6))):
        cx = x + 60 * np.sin(_TURN * t + i)
        cy = y + 20 * np.cos(_TURN * t + 2 * i)
        flap = np.sin(_TURN * t * (6 + i % 2) + i)
        tip, elbow = -14 - 16 * flap, -16 - 6 * flap
        wings = np.array([(-58, tip), (-28, elbow), (0, 0), (28, elbow), (58, tip)]) * size + (cx, cy)
        canvas.fill(polygon(ribbon(wings, [0.5, 6 * size, 8 * size, 6 * size, 0.5])), (0.87, 0.85, 0.80))
