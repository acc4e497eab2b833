"""The presenter's hair: two lobes that fall from a parting, each spanned between an inner and an outer line."""

import numpy as np

from demo_assets.canvas import Mask, Points, polygon, ribbon, smooth
from demo_assets.palette import HAIR, HAIR_DARK, HAIR_LIGHT
from demo_assets.rig import Rig

_RIGHT_INNER = [
    (-62, -270), (10, -214), (104, -170), (176, -96), (200, 10), (200, 120),
    (182, 235), (202, 345), (196, 430), (214, 486), (254, 515),
]  # fmt: skip
_RIGHT_OUTER = [
    (-66, -344), (60, -352), (192, -304), (278, -204), (306, -60), (312, 90),
    (308, 220), (344, 330), (344, 426), (314, 490), (260, 517),
]  # fmt: skip
_LEFT_INNER = [
    (-60, -270), (-106, -216), (-160, -142), (-192, -44), (-199, 56), (-201, 150),
    (-182, 250), (-202, 345), (-196, 430), (-214, 486), (-254, 515),
]  # fmt: skip
_LEFT_OUTER = [
    (-64, -343), (-140, -338), (-226, -280), (-286, -184), (-307, -54), (-313, 90),
    (-308, 220), (-344, 330), (-344, 426), (-314, 490), (-260, 517),
]  # fmt: skip
_BACK = [
    (0, -330), (230, -230), (290, 0), (280, 240), (250, 440),
    (0, 400), (-250, 440), (-280, 240), (-290, 0), (-230, -230),
]  # fmt: skip
_STRANDS = 13


def draw_back(rig: Rig) -> None:
    """What is seen of the hair behind the neck."""
    back = rig.shape(_BACK, -0.5)
    rig.canvas.fill(back, rig.gradient((0, 60), (0, 420), HAIR_DARK, (0.12, 0.065, 0.055)))


def draw_front(rig: Rig, skin: Mask, jacket: Mask) -> None:
    """Both lobes with their strands, gloss and the shadow they throw on the face."""
    for seed, lines in enumerate(((_LEFT_INNER, _LEFT_OUTER), (_RIGHT_INNER, _RIGHT_OUTER))):
        inner, outer = (_swayed(line, rig.pose.sway) for line in lines)
        lobe = polygon(rig.at(np.concatenate([inner, outer[::-1]]), 0.25))
        rig.canvas.shade(lobe.moved(9, 20).softened(13).within(skin).without(lobe), (0.60, 0.42, 0.38), 0.75)
        rig.canvas.shade(lobe.moved(4, 10).softened(12).within(jacket).without(lobe), (0.35, 0.35, 0.38), 0.6)
        rig.canvas.fill(lobe, rig.gradient((-250, -330), (260, 480), HAIR_LIGHT, HAIR, HAIR, HAIR_DARK))
        _shade_lobe(rig, lobe, inner, outer)
        _draw_strands(rig, lobe, (inner, outer), seed)


def _swayed(line: list[tuple[float, float]], sway: float) -> Points:
    """Hair hangs: the lower, the more it moves."""
    curve = smooth(line, closed=False)
    curve[:, 0] += sway * np.clip((curve[:, 1] - 40) / 400, 0, 1.2) ** 1.5
    return curve


def _between(inner: Points, outer: Points, share: float, start: float, stop: float) -> Points:
    first, last = int(start * len(inner)), max(int(stop * len(inner)), int(start * len(inner)) + 12)
    return (inner + (outer - inner) * share)[first:last:10]


def _shade_lobe(rig: Rig, lobe: Mask, inner: Points, outer: Points) -> None:
    """Darker at the parting and towards the face, a gloss over the crown, a softer one on the wave."""
    near = polygon(rig.at(ribbon(inner[::8], [30, 44, 44, 30]), 0.25))
    rig.canvas.shade(near.softened(14).within(lobe), (0.5, 0.44, 0.44), 0.55)
    rim = polygon(rig.at(ribbon(outer[::8], [10, 34, 44, 40]), 0.25))
    rig.canvas.shade(rim.softened(14).within(lobe), (0.5, 0.44, 0.44), 0.5)
    for start, stop, strength in ((0.22, 0.32, 0.34), (0.66, 0.74, 0.16)):
        a, b = int(start * len(inner)), int(stop * len(inner))
        band = np.concatenate([inner[a:b] * 0.9 + outer[a:b] * 0.1, (inner[a:b] * 0.1 + outer[a:b] * 0.9)[::-1]])
        rig.canvas.glow(polygon(rig.at(band, 0.3)).softened(20).within(lobe), (0.90, 0.60, 0.40), strength)


def _draw_strands(rig: Rig, lobe: Mask, lines: tuple[Points, Points], seed: int) -> None:
    random = np.random.default_rng(seed)
    for i in range(_STRANDS):
        share = (i + 0.5) / _STRANDS + random.uniform(-0.03, 0.03)
        start, length = random.uniform(0, 0.25), random.uniform(0.45, 0.85)
        line = _between(*lines, share, start, min(1.0, start + length))
        width = random.uniform(5, 11)
        lock = rig.stroke(line, [0.5, width, width, 0.5], 0.25).softened(2.2).within(lobe)
        if i % 2:
            rig.canvas.shade(lock, (0.5, 0.42, 0.42), random.uniform(0.25, 0.5))
        else:
            rig.canvas.glow(lock, (0.62, 0.38, 0.24), random.uniform(0.10, 0.22))
