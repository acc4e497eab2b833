"""The room behind the presenter: out of focus, lit from a window on the left."""

import numpy as np

from demo_assets.canvas import HEIGHT, WIDTH, Canvas, ellipse, linear, polygon, radial, ribbon, rounded, smooth, whole
from demo_assets.rig import CENTRE

_WALL = ((0.70, 0.60, 0.50), (0.60, 0.475, 0.39), (0.44, 0.325, 0.285), (0.31, 0.225, 0.215))
_LEAF, _LEAF_LIGHT, _LEAF_DARK = (0.19, 0.34, 0.22), (0.38, 0.52, 0.30), (0.09, 0.19, 0.145)
_WOOD, _WOOD_DARK = (0.40, 0.255, 0.17), (0.26, 0.16, 0.115)
_BOOKS = (
    (0.20, 0.36, 0.37),
    (0.62, 0.34, 0.25),
    (0.70, 0.60, 0.43),
    (0.30, 0.26, 0.33),
    (0.44, 0.47, 0.33),
    (0.55, 0.25, 0.24),
)


def paint_studio() -> Canvas:
    """The whole room, in the picture's size."""
    canvas = Canvas.blank()
    canvas.fill(whole(), linear((60, 200), (1080, 1750), *_WALL))
    _window(canvas)
    _shelves(canvas)
    _plant(canvas, (62, 1560), 1.15, seed=4)
    _plant(canvas, (1050, 1620), 0.95, seed=9)
    _lights(canvas)
    halo = polygon(ellipse(CENTRE[0], CENTRE[1] - 40, 470, 600)).softened(120)
    canvas.glow(halo, (1.0, 0.85, 0.66), 0.20)
    corner = radial(WIDTH / 2, HEIGHT * 0.45, 1250, (0.0,) * 3, (0.0,) * 3, (1.0,) * 3)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    canvas.pixels *= 1 - 0.30 * corner(x, y)
    return canvas


def _window(canvas: Canvas) -> None:
    """Panes full of light, a curtain, and the light they throw on the wall."""
    for x, y in ((-60, 250), (150, 250), (-60, 640), (150, 640)):
        pane = polygon(rounded(x, y, 190, 370, 8)).softened(13)
        canvas.fill(pane, linear((x, y), (x + 160, y + 370), (0.80, 0.80, 0.74), (0.77, 0.73, 0.62)), 0.92)
    green = polygon(smooth([(-60, 900), (60, 830), (190, 880), (340, 850), (345, 1012), (-60, 1012)])).softened(26)
    canvas.fill(green, (0.55, 0.63, 0.45), 0.6)
    for i in range(5):
        x = 318 + 26 * i
        fold = polygon(ribbon([(x, 170), (x + 8, 600), (x - 4 + 6 * i, 1120)], [24, 22, 30])).softened(10)
        canvas.fill(fold, ((0.74, 0.66, 0.57), (0.62, 0.52, 0.43))[i % 2], 0.75)
    for x in (470, 640):
        beam = polygon([(x, 330), (x + 120, 400), (x + 90, 900), (x - 30, 830)]).softened(34)
        canvas.glow(beam, (1.0, 0.84, 0.6), 0.22)


def _shelves(canvas: Canvas) -> None:
    random = np.random.default_rng(7)
    for y in (450, 790):
        canvas.shade(polygon(rounded(700, y + 14, 460, 50, 8)).softened(22), (0.3, 0.25, 0.25), 0.7)
        x = 760.0
        while x < 1060:
            width, height = random.uniform(24, 42), random.uniform(130, 205)
            book = polygon(rounded(x, y - height, width, height, 4)).softened(8)
            canvas.fill(book, _BOOKS[random.integers(len(_BOOKS))], 0.9)
            x += width + 3 + (random.random() < 0.2) * 70
        board = polygon(rounded(716, y, 420, 24, 4)).softened(8)
        canvas.fill(board, linear((716, 0), (1080, 0), _WOOD, _WOOD_DARK))
    pot = polygon(smooth([(742, 450), (736, 384), (790, 378), (846, 384), (838, 450)])).softened(8)
    canvas.fill(pot, linear((736, 0), (846, 0), (0.68, 0.62, 0.55), (0.46, 0.38, 0.34)))
    _sprig(canvas, (790, 385), random)


def _sprig(canvas: Canvas, root: tuple[float, float], random: np.random.Generator) -> None:
    for angle in np.linspace(-2.6, -0.5, 9):
        reach = random.uniform(90, 140)
        tip = (root[0] + reach * np.cos(angle), root[1] + reach * np.sin(angle))
        leaf = polygon(ribbon([root, tip], [4, 26, 26, 2])).softened(7)
        canvas.fill(leaf, linear(root, tip, _LEAF_DARK, _LEAF), 0.9)


def _plant(canvas: Canvas, root: tuple[float, float], scale: float, seed: int) -> None:
    """A tall plant with broad leaves, nearer than the wall and blurred like it."""
    random = np.random.default_rng(seed)
    for i, angle in enumerate(np.linspace(-2.75, -0.4, 11)):
        reach = scale * random.uniform(330, 520)
        tip = np.array(root) + reach * np.array([np.cos(angle) * 0.8, np.sin(angle)])
        mid = (np.array(root) + tip) / 2 + (0, -50 * scale)
        widths = [6 * scale, 30 * scale, 96 * scale, 110 * scale, 60 * scale, 2]
        leaf = polygon(ribbon([root, mid, tip], widths)).softened(11)
        light = _LEAF_LIGHT if i % 3 == 0 else _LEAF
        canvas.fill(leaf, linear(tuple(root), tuple(tip), _LEAF_DARK, _LEAF, light), 0.94)
        vein = polygon(ribbon([root, mid, tip], [2, 6, 4, 1])).softened(5)
        canvas.glow(vein, _LEAF_LIGHT, 0.35)


def _lights(canvas: Canvas) -> None:
    """A string of lamps far behind: discs, as a lens draws them."""
    random = np.random.default_rng(3)
    for x in np.linspace(430, 1060, 8):
        y = 170 + 90 * np.sin((x - 430) / 630 * np.pi) + random.uniform(-12, 12)
        radius = random.uniform(25, 37)
        disc = polygon(ellipse(x, y, radius, radius))
        canvas.glow(disc.softened(30), (1.0, 0.66, 0.32), 0.40)
        canvas.glow(disc.softened(2), (1.0, 0.75, 0.42), 0.42)
        canvas.glow(disc.without(polygon(ellipse(x, y, radius - 4, radius - 4))).softened(1.5), (1.0, 0.85, 0.6), 0.22)
