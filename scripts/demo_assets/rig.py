"""The presenter's rig: how the head is held, and where that puts what is drawn on it."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from demo_assets.canvas import Canvas, Gradient, Mask, Points, linear, polygon, ribbon, smooth
from demo_assets.visemes import Mouth

CENTRE = (540.0, 905.0)
_NECK = np.array([0.0, 330.0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """How the head is held, in pixels and radians, and what the face does (0–1)."""

    x: float = 0.0
    y: float = 0.0
    roll: float = 0.0
    yaw: float = 0.0
    pitch: float = 0.0
    breath: float = 0.0
    blink: float = 0.0
    brows: float = 0.0
    smile: float = 0.6
    gaze: tuple[float, float] = (0.0, 0.0)
    sway: float = 0.0
    mouth: Mouth = field(default_factory=Mouth)


@dataclass(frozen=True, slots=True)
class Rig:
    """Brings head coordinates to the picture.

    Head coordinates: origin between the eyes, pixels of the 1080×1920 picture, y down. Everything on the head has a
    depth: when the head turns, what is nearer moves farther, which makes flat shapes look round.
    """

    canvas: Canvas
    pose: Pose

    def at(self, points: ArrayLike, depth: float = 0.0) -> Points:
        """Parallax by depth, roll about the neck, shift."""
        pose = self.pose
        p = np.asarray(points, float) + np.array([pose.yaw, pose.pitch]) * depth * 24 - _NECK
        cos, sin = np.cos(pose.roll), np.sin(pose.roll)
        turned = p @ np.array([[cos, sin], [-sin, cos]])
        return turned + _NECK + np.array([CENTRE[0] + pose.x, CENTRE[1] + pose.y])

    def shape(self, points: ArrayLike, depth: float = 0.0) -> Mask:
        """A smooth closed shape on the head."""
        return polygon(self.at(smooth(points), depth))

    def stroke(self, points: ArrayLike, widths: list[float], depth: float = 0.0) -> Mask:
        """A stroke on the head."""
        return polygon(self.at(ribbon(points, widths), depth))

    def point(self, x: float, y: float, depth: float = 0.0) -> tuple[float, float]:
        """One point of the head."""
        px, py = self.at([x, y], depth)
        return float(px), float(py)

    def gradient(self, start: tuple[float, float], stop: tuple[float, float], *colours: ArrayLike) -> Gradient:
        """A gradient that moves with the head."""
        return linear(self.point(*start), self.point(*stop), *colours)

    def on_body(self, points: ArrayLike) -> Points:
        """The body follows the head a little, and breathes."""
        shift = (CENTRE[0] + self.pose.x * 0.35, CENTRE[1] - self.pose.breath * 5)
        return np.asarray(points, float) + shift


def outline(pose: Pose) -> list[tuple[float, float]]:
    """The face's outline; the jaw falls as the mouth opens."""
    drop = 20 * pose.mouth.open
    turn = pose.yaw * 7
    right = [
        (112, -262), (188, -164), (208, -50), (206, 46), (192, 136),
        (154, 224 + drop * 0.4), (100, 287 + drop * 0.85), (46, 317 + drop),
    ]  # fmt: skip
    left = [(-x, y) for x, y in reversed(right)]
    return [(x + turn * max(y, 0) / 300, y) for x, y in [(0, -296), *right, (0, 324 + drop), *left]]
