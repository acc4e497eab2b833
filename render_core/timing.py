"""Frames are int, rates are Fraction. The only place where seconds become frames."""

from fractions import Fraction


def exact(seconds: float | Fraction) -> Fraction:
    """A setting in seconds as the decimal number its author wrote: 0.1 is 1/10, not a binary neighbour."""
    return seconds if isinstance(seconds, Fraction) else Fraction(str(seconds))


def frames_in(seconds: float | Fraction, fps: Fraction) -> int:
    """Whole frames within ``seconds``, rounded down (CSS and browser renderers floor, so do we)."""
    return int(exact(seconds) * fps // 1)


def nearest_frames(seconds: float | Fraction, fps: Fraction) -> int:
    """The number of frames nearest to ``seconds``; a half rounds up."""
    return int((exact(seconds) * fps + Fraction(1, 2)) // 1)


def seconds_at(frame: int, fps: Fraction) -> Fraction:
    """The moment frame ``frame`` is shown, in exact seconds from the start."""
    return frame / fps
