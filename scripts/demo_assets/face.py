"""The presenter's face: skin and light, nose, eyes, brows, mouth."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from demo_assets import palette
from demo_assets.canvas import Mask, Points, ellipse, polygon, radial
from demo_assets.rig import Pose, Rig, outline

_BLUSH_AT = 124
_EYE_AT, _EYE_SIZE = 90, 1.18
_LID_LOW = np.array([(-43, 8), (-22, 18), (4, 21), (30, 13), (48, -5)], float)
_LID_HIGH = np.array([(-43, 8), (-27, -15), (1, -29), (31, -22), (48, -5)], float)


def draw_skin(rig: Rig) -> Mask:
    """The lit shape of the face; returns it."""
    canvas = rig.canvas
    skin = rig.shape(outline(rig.pose))
    tones = (palette.SKIN_LIGHT, palette.SKIN_LIGHT, palette.SKIN, palette.SKIN)
    canvas.fill(skin, rig.gradient((-170, -120), (200, 260), *tones))
    far = rig.shape([(128, -200), (176, -40), (160, 110), (96, 250), (40, 330), (140, 380), (300, 100), (260, -150)])
    canvas.shade(far.softened(26).within(skin), (0.80, 0.62, 0.58), 0.58)
    near = rig.shape([(-150, -160), (-196, 30), (-170, 150), (-120, 250), (-190, 270), (-260, 60), (-220, -180)])
    canvas.shade(near.softened(16).within(skin), (0.86, 0.72, 0.66), 0.35)
    for x in (-_BLUSH_AT, _BLUSH_AT):
        cheek = rig.shape(ellipse(x, 108, 46, 32), 0.5)
        canvas.fill(cheek.softened(18).within(skin), palette.BLUSH, 0.34)
    for x, y, rx, ry, turn, sigma in (
        (-128, 70, 44, 18, -0.5, 12),
        (-30, -130, 110, 36, 0.0, 30),
        (0, 290, 34, 16, 0, 12),
    ):
        canvas.glow(rig.shape(ellipse(x, y, rx, ry, turn), 0.5).softened(sigma).within(skin), palette.WARM_LIGHT, 0.16)
    return skin


def draw_nose(rig: Rig) -> None:
    """A nose made of little more than its shadows."""
    canvas = rig.canvas
    bridge = rig.shape([(12, -24), (24, 30), (32, 92), (40, 114), (22, 126), (8, 110), (8, 40)], 1.0)
    canvas.shade(bridge.softened(9), (0.74, 0.53, 0.48), 0.34)
    under = rig.shape([(-30, 118), (-14, 131), (0, 136), (14, 131), (30, 118), (17, 142), (0, 148), (-17, 142)], 1.0)
    canvas.shade(under.softened(5), (0.64, 0.42, 0.38), 0.5)
    for side in (-1, 1):
        wing = [(side * 35, 101), (side * 39, 115), (side * 31, 126), (side * 21, 125)]
        canvas.fill(rig.stroke(wing, [1, 4, 3.6, 1], 0.95).softened(1.2), (0.56, 0.33, 0.275), 0.65)
        hole = rig.shape(ellipse(side * 17, 128, 8, 3.2, side * -0.25), 1.0)
        canvas.fill(hole.softened(1.2), (0.40, 0.20, 0.17), 0.75)
    canvas.glow(rig.shape(ellipse(-7, 98, 13, 11), 1.2).softened(6), palette.WARM_LIGHT, 0.30)
    canvas.glow(rig.stroke([(-5, -10), (-6, 40), (-7, 84)], [4, 9, 8], 1.1).softened(5), palette.WARM_LIGHT, 0.16)


def _on_eye(points: ArrayLike, side: int) -> Points:
    return np.asarray(points, float) * (side * _EYE_SIZE, _EYE_SIZE) + (side * _EYE_AT, 4)


def draw_eye(rig: Rig, side: int) -> None:
    """An eye; a smile raises the lower lid a little."""
    canvas, pose = rig.canvas, rig.pose
    low = _LID_LOW - np.array([[0, 0], [0, 3], [0, 4], [0, 3], [0, 0]]) * pose.smile
    shut = pose.blink + (1 - pose.blink) * 0.06 * pose.smile
    lid = _LID_HIGH + (low - _LID_HIGH) * shut * np.array([[0, 0.96]])
    socket = rig.shape(_on_eye(ellipse(2, -12, 58, 36), side), 0.6)
    canvas.shade(socket.softened(14), (0.78, 0.57, 0.52), 0.36)
    eye = rig.shape(_on_eye(np.concatenate([lid, low[-2:0:-1]]), side), 0.7)
    canvas.fill(eye, rig.gradient((0, -34), (0, 28), palette.EYE_SHADE, palette.EYE_WHITE))
    _draw_iris(rig, side, eye)
    _draw_lashes(rig, side, lid, low)


def _draw_iris(rig: Rig, side: int, eye: Mask) -> None:
    canvas, (gaze_x, gaze_y) = rig.canvas, rig.pose.gaze
    x, y = rig.point(side * (_EYE_AT + 1) + gaze_x + rig.pose.yaw * 5, -1 + gaze_y, 0.75)
    iris = polygon(ellipse(x, y, 29.5, 29.5)).within(eye)
    tones = (palette.IRIS_LIGHT, palette.IRIS, palette.IRIS_DARK)
    canvas.fill(iris, radial(x, y + 8, 31, *tones))
    canvas.fill(polygon(ellipse(x, y, 13.5, 13.5)).within(eye), palette.PUPIL)
    canvas.glow(polygon(ellipse(x + 7, y + 14, 13, 7, -0.5)).softened(3.5).within(iris), (0.9, 0.62, 0.32), 0.45)
    for dx, dy, radius in ((-9, -10, 7.5), (10, 9, 3.2)):
        canvas.fill(polygon(ellipse(x + dx, y + dy, radius, radius)).within(eye), palette.GLINT, 0.95)


def _draw_lashes(rig: Rig, side: int, lid: Points, low: Points) -> None:
    canvas, blink = rig.canvas, rig.pose.blink
    shadow = rig.stroke(_on_eye(lid[1:-1] + np.array([0, 6]), side), [3, 14, 10], 0.72).softened(4)
    canvas.shade(shadow, (0.55, 0.45, 0.45), 0.5 * (1 - blink))
    canvas.fill(rig.stroke(_on_eye(lid, side), [2, 6, 9.5, 10.5, 9.5, 5.5], 0.75), palette.INK)
    wing = [lid[3] - (0, 3 - 3 * blink), (60, -15 + 13 * blink), lid[4] + (0, 2), lid[3] + (0, 3)]
    canvas.fill(polygon(rig.at(_on_eye(wing, side), 0.75)), palette.INK)
    crease = lid[:-1] * (1.02, 1) + (2, -12 + 5 * blink)
    ink = (0.50, 0.29, 0.24)
    canvas.fill(rig.stroke(_on_eye(crease, side), [1, 3, 3.6, 1], 0.65).softened(0.8), ink, 0.6 * (1 - 0.6 * blink))
    under = rig.stroke(_on_eye(low[1:] + np.array([0, 1]), side), [1, 2.2, 3.0, 3.0], 0.72)
    canvas.fill(under.softened(0.8), (0.42, 0.24, 0.21), 0.5)


def draw_brow(rig: Rig, side: int) -> None:
    """An eyebrow; it is above the hair so that it always reads."""
    shape = np.array([(-45, -77), (-20, -87), (14, -95), (44, -90), (70, -69)], float)
    shape[:, 1] -= 14 * rig.pose.brows * np.array([0.7, 0.9, 1.1, 1.0, 0.7])
    brow = rig.stroke(shape * (side, 1) + (side * 88, 0), [5, 14.5, 14, 10, 1.5], 0.8)
    tones = rig.gradient((0, -100), (0, -68), (0.29, 0.17, 0.13), (0.21, 0.12, 0.095))
    rig.canvas.fill(brow.softened(1.3), tones, 0.9)


@dataclass(frozen=True, slots=True)
class _Lips:
    """The measures of the mouth in head coordinates."""

    half: float
    upper: float
    lower: float
    corner: float
    thick: float

    def inner(self) -> list[tuple[float, float]]:
        """The opening, left corner first, along the top, back along the bottom."""
        side = self.upper + 0.3 * (self.corner - self.upper)
        top = [(-self.half + 5, self.corner), (-self.half * 0.5, side), (0, self.upper + 1), (self.half * 0.5, side)]
        rise = self.corner - self.lower
        bottom = [(x * self.half, self.lower + rise * abs(x) ** 2.3) for x in (0.62, 0.3, -0.3, -0.62)]
        return [*top, (self.half - 5, self.corner), *bottom]

    def outer(self) -> list[tuple[float, float]]:
        """The lips' outline in the same order."""
        h, t = self.half, self.thick
        side = self.upper + 0.40 * (self.corner - self.upper) - 10.5 * t
        bow = [(-0.2, -19 * t), (0, -15 * t), (0.2, -19 * t)]
        rise = 0.26 * (self.corner - self.lower)
        top = [(-h, self.corner), (-h * 0.56, side), *((h * x, self.upper + y) for x, y in bow), (h * 0.56, side)]
        bottom = [(0.68, 13 * t + rise), (0.32, 27 * t), (-0.32, 27 * t), (-0.68, 13 * t + rise)]
        return [*top, (h, self.corner), *((h * x, self.lower + y) for x, y in bottom)]


def _measure(pose: Pose) -> _Lips:
    m, smile = pose.mouth, pose.smile * (1 - 0.6 * pose.mouth.round)
    gap = 64 * m.open
    return _Lips(
        half=73 + 13 * m.wide - 25 * m.round + 11 * smile - 4 * m.open,
        upper=196 - 0.16 * gap - 3 * m.round,
        lower=197 + 0.84 * gap - 9 * m.tuck,
        corner=198 + 0.24 * gap - 22 * smile - 3 * m.wide,
        thick=(1 - 0.36 * m.shut) * (1 + 0.14 * m.round),
    )


def draw_mouth(rig: Rig) -> None:
    """Lips, what is seen between them, and the light around them."""
    canvas, lips = rig.canvas, _measure(rig.pose)
    below = rig.shape(ellipse(0, lips.lower + 45, 42, 10), 0.8)
    canvas.shade(below.softened(9), (0.72, 0.52, 0.48), 0.45)
    shape = rig.shape(lips.outer(), 0.85)
    tones = (palette.LIPS_DARK, palette.LIPS_DARK, palette.LIPS, palette.LIPS)
    canvas.fill(shape, rig.gradient((0, lips.upper - 22), (0, lips.lower + 28), *tones))
    gloss = rig.shape(ellipse(-4, lips.lower + 13 * lips.thick, lips.half * 0.36, 5.0), 0.9)
    canvas.glow(gloss.softened(4).within(shape), (1.0, 0.78, 0.74), 0.42)
    _draw_inside(rig, lips)
    seam = rig.stroke(lips.inner()[:5], [1, 4, 3.4, 4, 1], 0.85)
    canvas.fill(seam.softened(0.8), (0.33, 0.115, 0.125), 0.85 * (1 - 0.75 * min(1, rig.pose.mouth.open * 3)))
    for side in (-1, 1):
        x = side * (lips.half + 4)
        dimple = rig.stroke(
            [(x - side * 2, lips.corner - 8), (x + side * 4, lips.corner), (x, lips.corner + 9)], [1, 4, 1], 0.8
        )
        canvas.fill(dimple.softened(1.6), (0.54, 0.31, 0.265), 0.6)


def _draw_inside(rig: Rig, lips: _Lips) -> None:
    """Teeth and tongue, seen through the opening."""
    canvas, m, half, upper = rig.canvas, rig.pose.mouth, lips.half, lips.upper
    gap = lips.lower - upper
    inside = rig.shape(lips.inner(), 0.85)
    canvas.fill(inside, rig.gradient((0, upper), (0, lips.lower), palette.MOUTH_DEEP, palette.MOUTH))
    tongue = rig.shape(ellipse(0, lips.lower + 6 - 8 * m.tongue, half * 0.58, max(5.0, gap * 0.40)), 0.7)
    canvas.fill(tongue.softened(2).within(inside), palette.TONGUE, 0.45 + 0.5 * m.tongue)
    height = (7 + 13 * min(1.0, gap / 36)) * (0.55 + 0.45 * m.teeth)
    rise = 0.3 * (lips.corner - upper)
    row = [
        (-0.74, -9 + rise),
        (-0.64, height * 0.66 + rise),
        (-0.3, height),
        (0.3, height),
        (0.64, height * 0.66 + rise),
        (0.74, -9 + rise),
    ]
    teeth = rig.shape([(half * x, upper + y) for x, y in row], 0.8)
    tones = rig.gradient((0, upper - 4), (0, upper + height), palette.TEETH_SHADE, palette.TEETH)
    canvas.fill(teeth.within(inside), tones, min(1.0, 4 * m.teeth))
