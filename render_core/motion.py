"""Interpolation, easing and springs: numbers in, numbers out."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import cos, exp, sin, sqrt

Easing = Callable[[float], float]


def linear(x: float) -> float:
    """No easing."""
    return x


def interp(x: float, xs: Sequence[float], ys: Sequence[float], easing: Easing = linear) -> float:
    """Piecewise interpolation through the points (xs, ys), each piece eased; constant outside.

    Args:
        x: Where to look.
        xs: Ascending positions; where two are equal the later value counts.
        ys: As many values.
        easing: Maps 0…1 to 0…1 within a piece.
    """
    if x < xs[0]:
        return ys[0]
    if x >= xs[-1]:
        return ys[-1]
    piece = max(i for i in range(len(xs) - 1) if xs[i] <= x)
    part = (x - xs[piece]) / (xs[piece + 1] - xs[piece])
    return ys[piece] + (ys[piece + 1] - ys[piece]) * easing(part)


def cubic_bezier(x1: float, y1: float, x2: float, y2: float) -> Easing:
    """The CSS timing function ``cubic-bezier(x1, y1, x2, y2)``, exact to 1e-9 (CSS Easing Functions, level 2)."""

    @lru_cache(maxsize=4096)
    def ease(x: float) -> float:
        if x <= 0 or x >= 1:
            return min(1.0, max(0.0, x))
        return _bezier(_solve(x, x1, x2), y1, y2)

    return ease


def _bezier(t: float, a: float, b: float) -> float:
    return ((1 + 3 * a - 3 * b) * t + 3 * b - 6 * a) * t * t + 3 * a * t


def _slope(t: float, a: float, b: float) -> float:
    return (3 * (1 + 3 * a - 3 * b) * t + 2 * (3 * b - 6 * a)) * t + 3 * a


def _solve(x: float, x1: float, x2: float) -> float:
    """The parameter t at which the curve's x is ``x``: Newton's steps, kept inside a shrinking bracket."""
    low, high, t = 0.0, 1.0, x
    for _ in range(60):
        error = _bezier(t, x1, x2) - x
        if abs(error) < 1e-12:
            break
        low, high = (low, t) if error > 0 else (t, high)
        slope = _slope(t, x1, x2)
        step = t - error / slope if slope else -1.0
        t = step if low < step < high else (low + high) / 2
    return t


STANDARD_EASE = cubic_bezier(0.4, 0, 0.2, 1)


def eased(x: float, xs: Sequence[float], ys: Sequence[float]) -> float:
    """``interp`` with every piece eased by cubic-bezier(0.4, 0, 0.2, 1)."""
    return interp(x, xs, ys, STANDARD_EASE)


def spring(time_s: float, *, frequency_hz: float = 2.0, damping: float = 0.5) -> float:
    """Position of an underdamped spring let go at 0 with its rest at 1.

    Args:
        time_s: Seconds since it was let go; 0 before that.
        frequency_hz: Undamped frequency.
        damping: Damping ratio, between 0 and 1; smaller swings longer.
    """
    if time_s <= 0:
        return 0.0
    omega = 2 * 3.141592653589793 * frequency_hz
    damped = omega * sqrt(1 - damping * damping)
    swing = cos(damped * time_s) + damping * omega / damped * sin(damped * time_s)
    return 1 - exp(-damping * omega * time_s) * swing


def settled(time_s: float, *, duration_s: float = 0.5) -> float:
    """A spring from 0 to 1 that swings over once and rests exactly at 1 after ``duration_s``."""
    return 1.0 if time_s >= duration_s else spring(time_s, frequency_hz=1.25 / duration_s, damping=0.6)
