"""The expected end of a job as people see it: a forecast that keeps changing, as a steady countdown."""

from datetime import datetime, timedelta

_STEADY_S, _STEADY_SHARE = 3.0, 0.1
"""Corrections by less than so many seconds, or than such a part of what is left, are not shown."""
_STEP = 0.4
"""Of a larger correction so much is shown at once, and the rest with the next ones: one that is wrong does little."""


def steadied(shown: datetime | None, forecast: datetime | None, now: datetime) -> datetime | None:
    """The end to show when ``shown`` was shown before and ``forecast`` is the newest word."""
    if shown is None or forecast is None:
        return shown if forecast is None else forecast
    correction = (forecast - shown).total_seconds()
    left_s = (shown - now).total_seconds()
    if abs(correction) <= max(_STEADY_S, _STEADY_SHARE * left_s):
        return shown
    return shown + timedelta(seconds=_STEP * correction)


def seconds_left(end: datetime | None, now: datetime) -> float | None:
    """Until then, 0 when it is over; None when nothing is known."""
    return None if end is None else max(0.0, (end - now).total_seconds())
