"""Numbers as people read them, and as clients may send them."""

import math

_SOON_S = 5.0


def duration(seconds: float | None) -> str:
    """``0:07``, ``12:30``."""
    whole = round(seconds or 0)
    return f"{whole // 60}:{whole % 60:02d}"


def megabytes(size_bytes: int) -> str:
    """``850 kB``, ``4.2 MB``; the smallest something is 1 kB."""
    if not size_bytes:
        return "0 kB"
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes >= 1e6 else f"{max(1, round(size_bytes / 1e3))} kB"


def remaining(seconds: float | None) -> str:
    """``about 45 s left``, ``about 3 min left``; nothing when unknown."""
    if seconds is None:
        return ""
    return f"about {_about(seconds)} left" if seconds >= _SOON_S else "a few seconds left"


def until_ready(seconds: float | None) -> str:
    """``ready in about 45 s``: for what has not begun; nothing when unknown."""
    if seconds is None:
        return ""
    return f"ready in about {_about(seconds)}" if seconds >= _SOON_S else "ready in a few seconds"


def _about(seconds: float) -> str:
    """As exactly as a forecast deserves: steps of 5 s, of a minute, of an hour."""
    if seconds < 90:
        return f"{max(5, 5 * round(seconds / 5))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{round(seconds / 3600)} h"


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


def text_of(form: object, name: str) -> str:
    """The text that a form has sent under a name; empty for anything that is none."""
    sent = form.get(name) if isinstance(form, dict) else None
    return sent if isinstance(sent, str) else ""
