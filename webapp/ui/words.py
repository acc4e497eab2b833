"""Numbers as people read them, and as clients may send them."""

import math


def duration(seconds: float | None) -> str:
    """``0:07``, ``12:30``."""
    whole = round(seconds or 0)
    return f"{whole // 60}:{whole % 60:02d}"


def megabytes(size_bytes: int) -> str:
    """``850 kB``, ``4.2 MB``."""
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes >= 1e6 else f"{max(1, round(size_bytes / 1e3))} kB"


def remaining(seconds: float | None) -> str:
    """``about 12 s left``, ``about 3 min left``; nothing when unknown."""
    if seconds is None or seconds < 0:
        return ""
    if seconds < 90:
        return f"about {max(1, round(seconds))} s left"
    return f"about {round(seconds / 60)} min left"


def clock(seconds: float) -> str:
    """``0:07.4``: a moment in a video."""
    tenths = round(seconds * 10)
    return f"{tenths // 600}:{tenths // 10 % 60:02d}.{tenths % 10}"


def number_of(sent: object) -> float:
    """The number that somebody has sent, 0 for anything that is none."""
    try:
        number = float(str(sent)[:40])
    except ValueError:
        return 0
    return number if math.isfinite(number) else 0
