"""A true-peak limiter: looks ahead, so that no peak between samples passes the ceiling, and recovers slowly."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from render_core.audio.samples import SAMPLE_RATE, STEP, Samples, neighbours

EDGE = 6
"""Samples on either side that take part in a value between two samples."""
Peaks = NDArray[np.float32]
"""Highest magnitude in each millisecond, over both channels: shape (steps,), full scale is 1."""
StepGain = NDArray[np.float64]
"""Shape (steps,)."""

_LOOK_AHEAD = 5  # steps: the gain comes down over 5 ms
_RELEASE_S = 0.15
_OVERSAMPLING = 4  # as in BS.1770-4, annex 2


def step_peaks(around: Samples) -> Peaks:
    """Highest magnitude in each step, between samples too.

    Args:
        around: Shape (EDGE + n + EDGE, 2): the samples to measure, n a multiple of ``STEP``, between their neighbours.
    """
    rows = np.ascontiguousarray(around.T)
    highest = np.abs(rows)
    for taps in _interpolators():
        between = cv2.filter2D(rows, cv2.CV_32F, taps, anchor=(EDGE - 1, 0), borderType=cv2.BORDER_CONSTANT)
        highest = np.maximum(highest, np.abs(between, out=between), out=highest)
    loudest = highest.max(axis=0)[EDGE:-EDGE]
    steps: Peaks = loudest.reshape(-1, STEP).max(axis=1)
    return steps


def held_gain(peaks: Iterable[Peaks], gain: float, ceiling_db: float) -> Iterator[StepGain]:
    """``gain``, and less around peaks that would pass the ceiling with it; block by block.

    Args:
        peaks: ``step_peaks`` of the sound; measured once, however many gains are tried.
        gain: Factor.
        ceiling_db: Highest true peak, dBTP.
    """
    highest = 10 ** (ceiling_db / 20) / gain
    wanted = (np.minimum(1.0, highest / np.maximum(block, 1e-9)) for block in peaks)
    hold = _Hold()
    for _, now, after in neighbours(wanted):
        yield gain * hold.over(now, np.ones(0) if after is None else after)


def amplified(blocks: Iterable[Samples], gains: Iterable[StepGain]) -> Iterator[Samples]:
    """The sound times a gain that moves along straight lines, at the borders of steps at the lower of the two."""
    for block, (before, now, after) in zip(blocks, neighbours(gains), strict=True):
        first, last = now[:1] if before is None else before[-1:], now[-1:] if after is None else after[:1]
        borders = np.minimum(np.concatenate([first, now]), np.concatenate([now, last])).astype(np.float32)
        ramp = borders[:-1, None] + np.diff(borders)[:, None] * _ALONG_A_STEP
        yield block * ramp.reshape(-1, 1)[: len(block)]


class _Hold:
    """Gain over time: down in time for each peak, up again with the release time; never above what is wanted."""

    def __init__(self) -> None:
        self._gain = 1.0
        self._past: StepGain | None = None

    def over(self, now: StepGain, after: StepGain) -> StepGain:
        """The gain of one block, with the wanted gains of the next one in sight."""
        in_sight = np.concatenate([now, after[:_LOOK_AHEAD], np.ones(_LOOK_AHEAD)])[: len(now) + _LOOK_AHEAD]
        held = self._released(np.lib.stride_tricks.sliding_window_view(in_sight, _LOOK_AHEAD + 1).min(axis=1))
        past = np.full(_LOOK_AHEAD, held[0]) if self._past is None else self._past
        both = np.concatenate([past, held])
        self._past = both[-_LOOK_AHEAD:]
        return np.convolve(both, np.full(_LOOK_AHEAD + 1, 1 / (_LOOK_AHEAD + 1)), mode="valid")

    def _released(self, lowest: StepGain) -> StepGain:
        if self._gain == 1.0 and lowest.min() == 1.0:
            return lowest
        rise, gain, held = 1 - np.exp(-STEP / SAMPLE_RATE / _RELEASE_S), self._gain, np.empty(len(lowest))
        for i, target in enumerate(lowest.tolist()):
            gain = min(target, gain + (1 - gain) * rise)
            held[i] = gain
        self._gain = 1.0 if gain > 1 - 1e-6 else gain
        return held


_ALONG_A_STEP = np.arange(STEP, dtype=np.float32) / STEP


@lru_cache(maxsize=1)
def _interpolators() -> tuple[NDArray[np.float32], ...]:
    """Windowed sincs that give the value a quarter, a half and three quarters of a sample later; each adds up to 1."""
    taps = []
    for phase in range(1, _OVERSAMPLING):
        offset = np.arange(1 - EDGE, EDGE + 1) - phase / _OVERSAMPLING
        sinc = np.sinc(offset) * np.cos(np.pi * offset / (2 * EDGE)) ** 2
        taps.append((sinc / sinc.sum()).astype(np.float32)[None])
    return tuple(taps)
