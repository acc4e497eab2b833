"""The beat of music: a steady grid of moments, found in the onsets of its notes."""

import math
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from render_core.audio.bands import STEP_MS, Bands, bands_of
from render_core.audio.samples import Pieces
from render_core.spec import Beat

Onsets = NDArray[np.float64]
"""Shape (steps of 10 ms,): how much louder something became, 0 where nothing began."""

_SHORTEST_LAG, _LONGEST_LAG = 33, 101
"""Steps between beats at 180 and 60 a minute, with one to spare."""
_LEAST_STEPS = 600
_CLEAR = 0.25
"""Likeness of the onsets to themselves a beat later: about 0.05 for speech and noise, 0.7 and more for dance music."""
_AS_CLEAR = 0.8
"""A beat twice as fast is preferred when it is as clear as this, relative to the clearest."""
_STANDS_OUT = 2.0
"""Onsets at the beats relative to all: 1 where the tempo drifts or there is none."""
_EARLY = 0.65
"""Steps from the beginning of the step where an onset is measured to what is heard, by clicks and drums."""


def beat_of(sound: Pieces) -> Beat | None:
    """The beat of a sound; see ``find_beat``."""
    return find_beat(bands_of(sound))


def find_beat(bands: Bands) -> Beat | None:
    """The grid of beats, 60 to 180 a minute, or None where there is no clear and steady one.

    The tempo is the lag at which the onsets are most like themselves (Scheirer 1998, Dixon 2001); the grid is then
    fitted to the onsets by least squares, so that it does not drift over half an hour.
    """
    if len(bands) < _LEAST_STEPS:
        return None
    onsets = _onsets(bands)
    lag = _clearest_lag(onsets)
    grid = None if lag is None else _fitted(onsets, *_roughly(onsets, lag))
    if grid is None:
        return None
    first, period = grid[0] + _EARLY, grid[1]
    first -= math.floor(first / period + 0.02) * period
    return Beat(first_s=_seconds(max(0.0, first)), period_s=_seconds(period))


def _seconds(steps: float) -> Fraction:
    """Exact to the microsecond, which over half an hour of beats is a few milliseconds."""
    return Fraction(round(steps * STEP_MS * 1000), 1_000_000)


def _onsets(bands: Bands) -> Onsets:
    """Spectral flux: rises of the logarithm in all bands, above their mean over a second, a little smoothed."""
    log = np.log1p(1e5 * bands.astype(np.float64))
    rise = np.maximum(0, np.diff(log, axis=0, prepend=log[:1])).sum(axis=1)
    above = np.maximum(0, rise - np.convolve(rise, np.full(101, 1 / 101), "same"))
    return np.convolve(above, [0.25, 0.5, 0.25], "same")


def _clearest_lag(onsets: Onsets) -> int | None:
    spectrum = np.fft.rfft(onsets - onsets.mean(), 2 * len(onsets))
    likeness = np.fft.irfft(np.abs(spectrum) ** 2)[: _LONGEST_LAG + 2]
    if likeness[0] <= 0:
        return None
    likeness /= likeness[0]
    inner = range(_SHORTEST_LAG, _LONGEST_LAG + 1)
    peaks = [lag for lag in inner if likeness[lag] >= max(likeness[lag - 1], likeness[lag + 1], _CLEAR)]
    clearest = max((likeness[lag] for lag in peaks), default=0)
    return next((lag for lag in peaks if likeness[lag] >= _AS_CLEAR * clearest), None)


def _roughly(onsets: Onsets, lag: int) -> tuple[float, float]:
    """First beat and period in steps, from the strongest oscillation near the lag."""
    size = 8 * len(onsets)
    spectrum = np.fft.rfft(onsets - onsets.mean(), size)
    low, high = int(size / (lag + 1.5)), int(size / (lag - 1.5)) + 1
    strength = np.abs(spectrum[low:high]) + np.abs(spectrum[2 * low : 2 * high : 2])
    at = low + int(strength.argmax())
    period = size / at
    return float(-np.angle(spectrum[at]) / (2 * np.pi) * period), period


def _fitted(onsets: Onsets, first: float, period: float) -> tuple[float, float] | None:
    """The grid moved onto the onsets near its beats by weighted least squares; None where they are not at the beats."""
    for reach in (8, 5, 3):
        beats, around = _near_beats(onsets, first, period, reach)
        places = np.round(beats)[:, None] + np.arange(-reach, reach + 1)
        weights = around.sum(axis=1) + 1e-9
        late = (around * places).sum(axis=1) / weights - beats
        slope, shift = np.polyfit(beats, late, 1, w=np.sqrt(weights))
        first, period = first + shift + slope * first, period * (1 + slope)
    return (first, period) if _stands_out(onsets, first, period) else None


def _stands_out(onsets: Onsets, first: float, period: float) -> bool:
    """Whether onsets gather at the beats in every quarter of the music that has any."""
    beats, around = _near_beats(onsets, first, period, 2)
    quarters = np.minimum(3, 4 * beats // len(onsets))
    for quarter, part in enumerate(np.array_split(onsets, 4)):
        at_beats = around[quarters == quarter]
        if part.mean() > onsets.mean() / 4 and at_beats.sum() < _STANDS_OUT * part.mean() * at_beats.size:
            return False
    return True


def _near_beats(
    onsets: Onsets, first: float, period: float, reach: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The moments of the beats in steps, and the onsets up to ``reach`` steps around each."""
    count = math.floor((len(onsets) - reach - 1 - first) / period)
    numbers = np.arange(math.ceil((reach + 1 - first) / period), count, dtype=np.float64)
    beats = np.asarray(first + numbers * period, np.float64)
    return beats, onsets[np.round(beats).astype(int)[:, None] + np.arange(-reach, reach + 1)]
