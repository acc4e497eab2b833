"""B-roll 1: mountains at sunset over a lake; a slow pan with parallax, birds, ripples."""

import functools

import cv2
import numpy as np

from demo_assets.canvas import (
    HEIGHT,
    WIDTH,
    Canvas,
    Floats,
    Mask,
    Points,
    below,
    ellipse,
    linear,
    polygon,
    ribbon,
    spot,
    whole,
)

SECONDS = 6.0
_SHORE = 1250
_SUN = (660.0, 735.0)
_X = np.arange(-180, WIDTH + 184, 2.0)
_LAYERS = (  # base height, relief, octaves' seed, travel in pixels, lit edge, body, haze at the foot
    (905, 230, 3, 14, (0.74, 0.46, 0.43), (0.60, 0.35, 0.41), (0.72, 0.46, 0.40)),
    (1000, 220, 8, 30, (0.63, 0.35, 0.38), (0.46, 0.255, 0.36), (0.62, 0.38, 0.38)),
    (1090, 190, 21, 54, (0.48, 0.26, 0.34), (0.325, 0.18, 0.30), (0.47, 0.28, 0.335)),
    (1165, 120, 34, 90, (0.31, 0.17, 0.265), (0.21, 0.12, 0.225), (0.29, 0.18, 0.265)),
)
_SKY = ((0.13, 0.115, 0.27), (0.24, 0.165, 0.36), (0.45, 0.235, 0.40), (0.69, 0.36, 0.37), (0.79, 0.52, 0.37))


def draw_mountains(t: float) -> Floats:
    """The picture at a time in seconds."""
    canvas = Canvas(_sky().copy())
    _clouds(canvas, t)
    for layer in range(len(_LAYERS)):
        _ridge(canvas, layer, t)
    _forest(canvas, t)
    _birds(canvas, t)
    _lake(canvas, t)
    _reeds(canvas, t)
    return canvas.pixels * np.float32(1.12)


@functools.cache
def _sky() -> Floats:
    canvas = Canvas.blank()
    canvas.fill(whole(), linear((0, 0), (0, 1130), *_SKY))
    random = np.random.default_rng(1)
    for _ in range(90):
        x, y, r = random.uniform(0, WIDTH), random.uniform(0, 520) ** 1.0, random.uniform(0.7, 1.7)
        canvas.glow(spot(x, y, r), (1.0, 0.95, 0.9), random.uniform(0.2, 0.7) * (1 - y / 560))
    for sigma, strength in ((330, 0.34), (150, 0.34), (60, 0.30)):
        canvas.glow(spot(*_SUN, sigma), (1.0, 0.62, 0.30), strength)
    disc = polygon(ellipse(*_SUN, 104, 104)).softened(1.2)
    canvas.fill(disc, linear((0, _SUN[1] - 104), (0, _SUN[1] + 104), (0.90, 0.76, 0.52), (0.88, 0.58, 0.36)))
    return canvas.pixels


def _noise(x: Points, seed: int, octaves: int = 6) -> Points:
    """Fractal noise within about ±1 along a line, with sharp crests."""
    random = np.random.default_rng(seed)
    total = np.zeros_like(x)
    for octave in range(octaves):
        grid = random.uniform(-1, 1, 400)
        at = x / (420 / 2**octave) + 60
        value = np.interp(at, np.arange(400), grid)
        total += 0.52**octave * (value if octave else 0.75 - 1.5 * np.abs(value))
    return total


def _clouds(canvas: Canvas, t: float) -> None:
    random = np.random.default_rng(12)
    for i in range(7):
        x, y = random.uniform(-100, 1150), 300 + 62 * i + random.uniform(-20, 20)
        length, thick = random.uniform(260, 520), random.uniform(12, 24)
        x += t * (3 + i)
        streak = polygon(ribbon([(x - length / 2, y + 8), (x, y), (x + length / 2, y - 6)], [1, thick, thick * 0.6, 1]))
        canvas.fill(streak.softened(7), ((0.55, 0.28, 0.41), (0.83, 0.50, 0.39))[i > 2], 0.42)


def _ridge(canvas: Canvas, index: int, t: float) -> None:
    base, relief, seed, travel, lit, body, haze = _LAYERS[index]
    world = _X + travel * t / SECONDS + 500
    height = base - relief * (0.55 + 0.62 * _noise(world, seed))
    slope = np.gradient(_noise(world, seed, 5), 2.0) * 90
    facing = np.clip(slope * np.sign(_SUN[0] - _X) * -0.55 + 0.35, 0, 1)
    facing = np.convolve(np.pad(facing, 3, mode="edge"), np.ones(7) / 7, mode="valid")

    def paint(x: Floats, y: Floats) -> Floats:
        top = np.interp(x[0], _X, height).astype(np.float32)
        fall = y - top
        slanted = x + 0.55 * fall * np.sign(np.sin(x / 160 + seed))
        face = facing[np.clip((slanted - _X[0]) / 2, 0, len(facing) - 1).astype(int)].astype(np.float32)
        light = (face * (1 - np.clip(fall / 170, 0, 1)) ** 1.3)[..., None]
        low = (np.clip((y - base + 60) / 200, 0, 1) * np.ones_like(top))[..., None] * 0.85
        colour = np.float32(body) + (np.float32(lit) - np.float32(body)) * light
        return colour + (np.float32(haze) - colour) * low

    canvas.fill(below(np.stack([_X, height], axis=1), _SHORE + 2), paint)


def _trees(x: Points, seed: int, spacing: float, tall: float) -> Points:
    """The height of a wood of spruces above the ground along a line."""
    random = np.random.default_rng(seed)
    result = np.zeros_like(x)
    for k in range(int(2600 / spacing)):
        centre = k * spacing + random.uniform(-0.4, 0.4) * spacing
        height, half = tall * random.uniform(0.5, 1.0), tall * random.uniform(0.16, 0.22)
        away = np.abs(x - centre) / half
        steps = 1 - away + 0.10 * ((away * 6) % 1.0)
        result = np.maximum(result, np.where(away < 1, height * np.clip(steps, 0, 1), 0))
    return result


def _forest(canvas: Canvas, t: float) -> None:
    for seed, base, travel, tall, colour in (
        (40, 1228, 130, 64, (0.175, 0.10, 0.195)),
        (41, 1244, 170, 100, (0.105, 0.065, 0.135)),
    ):
        x = np.arange(-8, WIDTH + 12, 1.0)
        world = x + travel * t / SECONDS + 300
        height = (
            base
            - 12 * _noise(world, seed, 3)
            - _trees(world, seed, tall * 0.34, tall) * (0.55 + 0.45 * np.sin(world / 190 + seed))
        )
        canvas.fill(below(np.stack([x, height], axis=1), _SHORE + 2), colour)


def _birds(canvas: Canvas, t: float) -> None:
    for i, (dx, dy) in enumerate(((0, 0), (-52, 26), (-60, -30), (-110, 58), (-118, -62), (-168, 84), (-20, 120))):
        x = 330 + 46 * t + dx * 0.9
        y = 560 - 9 * t + dy * 0.9 + 4 * np.sin(1.3 * t + i)
        flap = np.sin(2 * np.pi * 1.5 * t + i * 0.9)
        span, lift = 19 - 2 * (i % 3), 9 * flap
        wings = [
            (x - span, y - lift),
            (x - span * 0.45, y - 4 - lift * 0.5),
            (x, y),
            (x + span * 0.45, y - 4 - lift * 0.5),
            (x + span, y - lift),
        ]
        canvas.fill(polygon(ribbon(wings, [0.6, 3.4, 4.4, 3.4, 0.6])), (0.13, 0.08, 0.16))


def _lake(canvas: Canvas, t: float) -> None:
    """The world above, upside down, broken by ripples that grow towards the viewer."""
    rows = HEIGHT - _SHORE
    y, x = np.mgrid[0:rows, 0:WIDTH].astype(np.float32)
    near = y / rows
    wave = np.sin(y * (0.62 - 0.46 * near) - t * 2 * np.pi * 1.0 + 1.5 * np.sin(x / 130 + t * np.pi / 3))
    wave += 0.6 * np.sin(y * (0.23 - 0.12 * near) + x / 90 + t * 2 * np.pi * 0.5)
    source = np.clip(_SHORE - 2 - y * 0.86 + wave * (2 + 16 * near), 0, _SHORE - 1)
    mirrored = cv2.remap(
        canvas.pixels, x + wave * (1 + 5 * near), source, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )
    depth = (0.80 - 0.34 * near)[..., None]
    canvas.pixels[_SHORE:] = mirrored * depth + np.float32((0.035, 0.03, 0.075)) * (1 - depth)
    glitter = np.clip(wave - 0.75, 0, 1) * np.exp(-(((x - _SUN[0]) / (46 + 130 * near)) ** 2)) * (1 - 0.6 * near)
    canvas.glow(Mask(0, _SHORE, glitter), (1.0, 0.70, 0.42), 0.62)
    canvas.glow(spot(WIDTH / 2, _SHORE, 500, 5), (0.95, 0.65, 0.5), 0.30)


def _reeds(canvas: Canvas, t: float) -> None:
    """A dark bank close by, which passes quickest."""
    x = np.arange(-8, WIDTH + 12, 1.0)
    world = x + 300 * t / SECONDS + 200
    bank = 1862 - 30 * _noise(world * 0.6, 77, 4) - 60 * (np.abs(x - WIDTH / 2) / (WIDTH / 2)) ** 2
    canvas.fill(
        below(np.stack([x, bank], axis=1)), linear((0, 1800), (0, 1920), (0.075, 0.045, 0.09), (0.04, 0.025, 0.055))
    )
    random = np.random.default_rng(6)
    for k in range(96):
        foot, height = k * 16 + random.uniform(-8, 8), random.uniform(60, 230) * (0.4 + 0.6 * abs(np.sin(k * 0.19)))
        at = foot - 300 * t / SECONDS - 20
        if -40 < at < WIDTH + 40:
            sway = 9 * np.sin(2 * np.pi * t / 3 + k * 0.5) + random.uniform(-14, 14)
            blade = ribbon(
                [(at, 1900), (at + sway * 0.3, 1880 - height * 0.5), (at + sway, 1880 - height)], [6, 4, 0.6]
            )
            canvas.fill(polygon(blade), (0.065, 0.04, 0.08))
