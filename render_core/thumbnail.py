"""Pictures made smaller, and whether there is anything to be seen in them."""

import cv2
import numpy as np

from render_core.picture import Picture, Plane

_LEAST_CONTRAST = 8.0
"""Standard deviation of luma below which there is nothing to be seen: a black frame, a plain colour."""


def resized(picture: Picture, width: int, height: int) -> Picture:
    """The picture without its alpha at another size, in even pixels; itself where it has that size."""
    if (picture.width, picture.height) == (width, height):
        return picture
    half = (width // 2, height // 2)
    return Picture(_scaled(picture.y, (width, height)), _scaled(picture.u, half), _scaled(picture.v, half))


def within(side: float, picture: Picture) -> Picture:
    """The picture, made smaller so that no side is longer than ``side``."""
    factor = min(1.0, side / max(picture.width, picture.height))
    width, height = (2 * max(1, round(length * factor / 2)) for length in (picture.width, picture.height))
    return picture if factor == 1 else resized(picture, width, height)


def contrast(picture: Picture) -> float:
    """Standard deviation of luma: how much there is to be seen."""
    return float(np.std(picture.y))


def is_blank(picture: Picture) -> bool:
    """Whether there is nothing to be seen: black, or a plain colour."""
    return contrast(picture) < _LEAST_CONTRAST


def _scaled(plane: Plane, size: tuple[int, int]) -> Plane:
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.uint8)
