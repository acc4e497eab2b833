"""The cover: the presenter in an arch among leaves, and the product's name."""

from pathlib import Path
from typing import NamedTuple

import cv2
import fontpkg_montserrat
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from demo_assets.canvas import WIDTH, Canvas, Floats, Mask, Points, ellipse, linear, polygon, ribbon, spot, union, whole
from demo_assets.person import draw_person
from demo_assets.rig import Pose
from demo_assets.studio import paint_studio
from demo_assets.video import still_noise
from demo_assets.visemes import Mouth

_ARCH_X, _ARCH_TOP, _ARCH_FOOT, _ARCH_HALF = 540.0, 470.0, 1720.0, 372.0
_NIGHT, _DEEP, _GREEN, _MINT = (0.045, 0.145, 0.165), (0.075, 0.25, 0.255), (0.15, 0.41, 0.36), (0.40, 0.66, 0.54)
_CORAL, _SAND = (0.76, 0.42, 0.34), (0.78, 0.70, 0.57)


def make_cover(path: Path) -> None:
    """Draw the cover and write it as a JPEG."""
    pixels = draw_cover() * 255
    pixels += still_noise(*pixels.shape[:2])[..., None]
    image = Image.fromarray(np.clip(np.round(pixels), 0, 255).astype(np.uint8))
    image.save(path, quality=88, subsampling=0, optimize=True, progressive=True)


def draw_cover() -> Floats:
    """The cover, shape (1920, 1080, 3), within 0–1."""
    canvas = Canvas.blank()
    canvas.fill(whole(), linear((0, 0), (700, 1920), _GREEN, _DEEP, _NIGHT))
    _rings(canvas)
    for leaf in _BACK_LEAVES:
        _leaf(canvas, leaf)
    _portrait(canvas)
    for leaf in _FRONT_LEAVES:
        _leaf(canvas, leaf)
    _play(canvas, 862, 1395)
    _name(canvas)
    return np.clip(canvas.pixels, 0, 1)


def _rings(canvas: Canvas) -> None:
    """A sun behind the arch, as circles of light."""
    canvas.glow(spot(560, 620, 520), (0.55, 0.80, 0.55), 0.20)
    for radius, strength in ((640, 0.05), (520, 0.07), (410, 0.10)):
        canvas.glow(polygon(ellipse(_ARCH_X, 800, radius, radius)), _MINT, strength)
    for x, y, r, colour in (
        (150, 330, 58, _CORAL),
        (945, 250, 30, _SAND),
        (968, 560, 14, _CORAL),
        (96, 760, 18, _SAND),
    ):
        disc = polygon(ellipse(x, y, r, r))
        canvas.shade(disc.moved(6, 12).softened(12), (0.3, 0.4, 0.4), 0.5)
        canvas.fill(disc, linear((x - r, y - r), (x + r, y + r), colour, np.array(colour) * 0.8))


class _Leaf(NamedTuple):
    """A leaf from its root to its tip; a higher tone is lighter."""

    root: tuple[float, float]
    tip: tuple[float, float]
    width: float
    tone: float


_BACK_LEAVES = (
    _Leaf((120, 1500), (-30, 830), 230, 0.55),
    _Leaf((960, 1500), (1120, 780), 240, 0.50),
    _Leaf((230, 1450), (130, 640), 190, 0.80),
    _Leaf((850, 1450), (970, 590), 190, 0.72),
    _Leaf((60, 1640), (-60, 1120), 260, 0.35),
    _Leaf((1020, 1640), (1150, 1080), 260, 0.30),
)
_FRONT_LEAVES = (
    _Leaf((330, 1990), (60, 1270), 250, 0.45),
    _Leaf((750, 1990), (1030, 1300), 240, 0.38),
    _Leaf((150, 2030), (-50, 1420), 280, 0.25),
    _Leaf((930, 2030), (1130, 1440), 280, 0.20),
    _Leaf((440, 2060), (270, 1480), 230, 0.18),
    _Leaf((640, 2060), (800, 1510), 230, 0.14),
    _Leaf((540, 2120), (540, 1560), 300, 0.05),
)


def _leaf(canvas: Canvas, leaf: _Leaf) -> None:
    """A paper leaf: a shadow, two halves of different light, veins."""
    a, b, width = np.array(leaf.root, float), np.array(leaf.tip, float), leaf.width
    bend = np.array([(a - b)[1], (b - a)[0]]) * (0.10 if b[0] < _ARCH_X else -0.10)
    line = np.array([a, a + (b - a) * 0.35 + bend * 0.8, a + (b - a) * 0.7 + bend * 0.6, b])
    body = polygon(ribbon(line, [width * w for w in (0.1, 0.72, 1.0, 0.93, 0.62, 0.0)]))
    canvas.shade(body.moved(8, 16).softened(18), (0.25, 0.35, 0.38), 0.6)
    low, high = np.array(_NIGHT), np.array(_GREEN) * (0.65 + 0.6 * leaf.tone) + np.array((0.02, 0.04, 0.0)) * leaf.tone
    canvas.fill(body, linear(leaf.root, leaf.tip, low * 0.9, high))
    side = polygon(np.concatenate([_offset(line, 0), _offset(line, width)[::-1]]))
    canvas.shade(side.within(body), (0.62, 0.72, 0.74), 0.55)
    canvas.glow(polygon(ribbon(line, [5, 4, 1])).within(body), _MINT, 0.30)
    for share in np.linspace(0.25, 0.85, 7):
        at = a + (b - a) * share + bend * 0.75 * np.sin(share * np.pi) ** 0.5
        ahead = (b - a) * 0.13
        across = np.array([(a - b)[1], (b - a)[0]]) / np.linalg.norm(b - a) * width * 0.46
        for direction in (-1, 1):
            vein = polygon(
                ribbon([at, at + ahead * 0.6 + across * direction * 0.6, at + ahead + across * direction], [3, 2, 1])
            )
            canvas.glow(vein.within(body), _MINT, 0.13)


def _offset(line: Points, distance: float) -> Points:
    outline = ribbon(line, [2 * distance, 2 * distance])
    return outline[: len(outline) // 2]


def _arch(grow: float = 0.0) -> Points:
    half = _ARCH_HALF + grow
    angle = np.linspace(np.pi, 2 * np.pi, 90)
    top = np.stack([_ARCH_X + half * np.cos(angle), _ARCH_TOP + _ARCH_HALF + half * np.sin(angle)], axis=1)
    return np.concatenate([top, [(_ARCH_X + half, _ARCH_FOOT + grow), (_ARCH_X - half, _ARCH_FOOT + grow)]])


def _portrait(canvas: Canvas) -> None:
    frame = polygon(_arch(16))
    canvas.shade(frame.moved(0, 22).softened(30), (0.2, 0.3, 0.32), 0.75)
    canvas.fill(frame, linear((180, 460), (900, 1560), (0.80, 0.76, 0.68), (0.64, 0.58, 0.48)))
    scene = paint_studio()
    smile = Pose(smile=0.85, roll=0.03, yaw=0.25, brows=0.35, mouth=Mouth(open=0.30, wide=0.75, teeth=1.0))
    draw_person(scene, smile)
    scale = 0.95
    place = np.float32([[scale, 0, _ARCH_X - 540 * scale], [0, scale, _ARCH_TOP + 465 - 905 * scale]])
    placed = cv2.warpAffine(scene.pixels, place, (WIDTH, 1920), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    inside = polygon(_arch())
    rows, columns = inside.cover.shape
    view = placed[inside.y : inside.y + rows, inside.x : inside.x + columns]
    canvas.fill(inside, lambda _x, _y: view)


def _play(canvas: Canvas, x: float, y: float) -> None:
    """The sign for what a cover promises."""
    disc = polygon(ellipse(x, y, 92, 92))
    canvas.shade(disc.moved(4, 16).softened(18), (0.2, 0.25, 0.28), 0.7)
    canvas.fill(disc, linear((x - 70, y - 80), (x + 60, y + 80), (0.80, 0.47, 0.37), (0.66, 0.33, 0.29)))
    ring = polygon(ellipse(x, y, 92, 92)).without(polygon(ellipse(x, y, 86, 86)))
    canvas.glow(ring, (1.0, 0.9, 0.8), 0.40)
    corners = np.array([(-24, -38), (42, 0), (-24, 38)], float) + np.array([x, y])
    canvas.fill(_rounded(corners, 7), (0.83, 0.81, 0.76))


def _rounded(corners: Points, radius: float) -> Mask:
    """A polygon with round corners: itself, thick edges and discs."""
    edges = zip(corners, np.roll(corners, -1, axis=0), strict=True)
    return union(
        [
            polygon(corners),
            *(polygon(ribbon([start, stop], [2 * radius] * 2)) for start, stop in edges),
            *(polygon(ellipse(x, y, radius, radius)) for x, y in corners),
        ]
    )


def _name(canvas: Canvas) -> None:
    """The product's name in Montserrat (SIL Open Font License)."""
    folder = Path(fontpkg_montserrat.__file__).parent / "files"
    font = ImageFont.truetype(str(folder / "Montserrat[wght].ttf"), 132)
    font.set_variation_by_axes([700])
    image = Image.new("L", (WIDTH, 240))
    ImageDraw.Draw(image).text((WIDTH / 2, 120), "Reelgrove", font=font, fill=255, anchor="mm")
    text = Mask(0, 1610, np.asarray(image, np.float32) / 255)
    canvas.shade(text.moved(0, 8).softened(14), (0.1, 0.16, 0.18), 0.85)
    canvas.fill(text, linear((0, 1660), (0, 1790), (0.84, 0.83, 0.79), (0.74, 0.76, 0.68)))
