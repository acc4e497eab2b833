"""The presenter's neck, jacket, shirt and necklace."""

import numpy as np

from demo_assets import palette
from demo_assets.canvas import Mask, ellipse, linear, polygon, ribbon, smooth
from demo_assets.rig import Rig, outline

_JACKET = [
    (-96, 372), (-190, 422), (-320, 466), (-425, 536), (-490, 690), (-560, 1100),
    (560, 1100), (490, 690), (425, 536), (320, 466), (190, 422), (96, 372),
]  # fmt: skip
_SHIRT = [(-118, 378), (-104, 520), (-40, 760), (0, 1030), (40, 760), (104, 520), (118, 378), (0, 350)]
_LAPEL = [
    (98, 362), (172, 410), (216, 520), (236, 590), (176, 604), (196, 640),
    (140, 790), (30, 1030), (12, 1030), (70, 720), (108, 540), (116, 440),
]  # fmt: skip
_NECKLINE = [(-112, 404), (-70, 470), (0, 498), (70, 470), (112, 404)]


def draw_body(rig: Rig) -> Mask:
    """Everything below the head; returns the jacket."""
    jacket = _draw_jacket(rig)
    shirt = polygon(rig.on_body(smooth(_SHIRT)))
    rig.canvas.fill(shirt, linear((420, 1305), (660, 1905), palette.SHIRT, palette.SHIRT_DARK))
    neck = _draw_neck(rig)
    collar = polygon(rig.on_body(ribbon(_NECKLINE, [10, 15, 16, 15, 10])))
    rig.canvas.shade(collar.moved(0, 8).softened(6).within(shirt), (0.55, 0.48, 0.45), 0.6)
    rig.canvas.fill(collar, linear((420, 0), (660, 0), (0.81, 0.78, 0.72), palette.SHIRT_DARK))
    _draw_necklace(rig, neck)
    for side in (-1, 1):
        _draw_lapel(rig, side, shirt)
    return jacket


def _draw_jacket(rig: Rig) -> Mask:
    canvas = rig.canvas
    jacket = polygon(rig.on_body(smooth(_JACKET)))
    tones = (palette.JACKET_LIGHT, palette.JACKET, palette.JACKET_DARK)
    canvas.fill(jacket, linear((250, 1305), (850, 1905), *tones))
    for side in (-1, 1):
        fold = polygon(rig.on_body(ribbon([(side * 318, 660), (side * 344, 780), (side * 338, 1010)], [1, 14, 18])))
        canvas.shade(fold.softened(10).within(jacket), (0.3, 0.4, 0.45), 0.42)
    light = smooth([(-420, 552), (-330, 488), (-230, 452), (-215, 474), (-330, 526), (-410, 606), (-460, 700)])
    canvas.glow(polygon(rig.on_body(light)).softened(14).within(jacket), (0.75, 0.85, 0.7), 0.20)
    dark = smooth([(340, 500), (450, 570), (540, 800), (560, 1100), (400, 1100), (410, 800)])
    canvas.shade(polygon(rig.on_body(dark)).softened(40).within(jacket), (0.35, 0.45, 0.55), 0.5)
    return jacket


def _draw_neck(rig: Rig) -> Mask:
    canvas = rig.canvas
    base = rig.on_body([(108, 408), (66, 468), (0, 492), (-66, 468), (-108, 408), (-98, 372)])
    upper = rig.at([(-80, 330), (-78, 180), (78, 180), (80, 330)])
    neck = polygon(smooth(np.concatenate([base, upper, rig.on_body([(98, 372)])])))
    canvas.fill(neck, linear((450, 0), (640, 0), palette.SKIN_LIGHT, palette.SKIN, palette.SKIN_DARK))
    chin = rig.shape(outline(rig.pose)).moved(6, 58).softened(16).within(neck)
    canvas.shade(chin, (0.62, 0.45, 0.43), 0.9)
    for side in (-1, 1):
        bone = np.array([(92, 425), (50, 446), (14, 466)], float) * (side, 1)
        canvas.shade(polygon(rig.on_body(ribbon(bone, [1, 6, 1]))).softened(3), (0.72, 0.52, 0.46), 0.5)
    return neck


def _draw_necklace(rig: Rig, neck: Mask) -> None:
    """A fine chain with a leaf."""
    chain = polygon(rig.on_body(ribbon([(-82, 384), (-46, 428), (0, 450), (46, 428), (82, 384)], [2.4] * 3)))
    leaf = polygon(rig.on_body([(0, 448), *smooth([(2, 452), (13, 464), (10, 478), (0, 490)], closed=False),
                                *smooth([(0, 490), (-10, 478), (-13, 464), (-2, 452)], closed=False)]))  # fmt: skip
    for part in (chain, leaf):
        rig.canvas.shade(part.moved(2, 4).softened(2.5).within(neck), (0.5, 0.35, 0.3), 0.6)
        rig.canvas.fill(part, linear((500, 1290), (580, 1400), palette.GOLD_LIGHT, palette.GOLD))
    vein = polygon(rig.on_body(ribbon([(0, 454), (0, 486)], [1.0, 2.0])))
    rig.canvas.fill(vein, (0.45, 0.31, 0.14))
    rig.canvas.glow(polygon(rig.on_body(ellipse(-5, 466, 3, 7, 0.3))).softened(1.5), palette.WARM_LIGHT, 0.6)


def _draw_lapel(rig: Rig, side: int, shirt: Mask) -> None:
    canvas = rig.canvas
    lapel = polygon(rig.on_body(np.array(_LAPEL, float) * (side, 1)))
    canvas.shade(lapel.moved(-side * 9, 8).softened(9).within(shirt), (0.42, 0.40, 0.42), 0.75)
    canvas.shade(lapel.moved(side * 7, 10).softened(9).without(lapel), (0.3, 0.4, 0.4), 0.5)
    tones = (palette.JACKET_LIGHT, palette.JACKET) if side < 0 else (palette.JACKET, palette.JACKET_DARK)
    canvas.fill(lapel, linear((0, 1285), (0, 1805), *tones))
    seam = np.array([(122, 384), (178, 428), (225, 586)], float) * (side, 1)
    canvas.glow(polygon(rig.on_body(ribbon(seam, [1, 3, 3, 1]))).softened(1.2).within(lapel), (0.8, 1.0, 0.9), 0.26)
