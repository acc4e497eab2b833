"""A true-peak limiter: looks ahead, so that no peak between samples passes the ceiling, and recovers slowly."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from render_core.audio.samples import SAMPLE_RATE, STEP, Samples

_LOOK_AHEAD = 5  # steps: the gain comes down over 5 ms
_RELEASE_S = 0.15
Peaks = NDArray[np.float32]
"""Shape (steps,), float32: full scale is 1."""
StepGain = NDArray[np.float64]
"""Shape (steps,), float64."""

_PHASES, _TAPS = 4, 12  # 4× oversampling as in BS.1770-4, annex 2


def held_gain(peaks: Peaks, gain: float, ceiling_db: float) -> StepGain:
    """``gain``, and less around peaks that would pass the ceiling with it.

    Args:
        peaks: ``step_peaks`` of the sound; measured once, however many gains are tried.
        gain: Factor.
        ceiling_db: Highest true peak, dBTP.
    """
    ceiling = 10 ** (ceiling_db / 20)
    if not len(peaks) or peaks.max() * gain <= ceiling:
        return np.full(len(peaks), gain)
    return np.asarray(gain * _eased(np.minimum(1.0, ceiling / np.maximum(peaks * gain, 1e-9)).astype(np.float64)))


def amplified(sound: Samples, gain: StepGain) -> Samples:
    """The sound times a gain that moves along straight lines, at the borders of steps at the lower of the two."""
    if not len(gain):
        return sound
    borders = np.minimum(np.concatenate([gain[:1], gain]), np.concatenate([gain, gain[-1:]]))
    per_sample = np.interp(np.arange(len(sound)), np.arange(len(borders)) * STEP, borders)
    return np.asarray(sound * per_sample.astype(np.float32)[:, None], np.float32)


def true_peak_db(sound: Samples) -> float:
    """The highest peak of the 4× oversampled signal, dBTP; minus infinity for silence."""
    peaks = step_peaks(sound)
    return float(20 * np.log10(peaks.max())) if len(peaks) and peaks.max() > 0 else -np.inf


def step_peaks(sound: Samples) -> Peaks:
    """Highest magnitude in each step of a millisecond, between samples too, over both channels."""
    steps = -(-len(sound) // STEP)
    peaks = np.zeros(steps, np.float32)
    for channel in range(sound.shape[1]):
        signal = np.zeros(steps * STEP, np.float32)
        signal[: len(sound)] = sound[:, channel]
        for taps in _oversampling():
            phase = signal if taps is None else np.convolve(signal, taps, mode="same")
            peaks = np.maximum(peaks, np.abs(phase).reshape(steps, STEP).max(axis=1))
    return peaks


@lru_cache(maxsize=1)
def _oversampling() -> tuple[NDArray[np.float32] | None, ...]:
    """Windowed-sinc interpolators at a quarter, a half and three quarters of a sample; None is the sample itself."""
    taps: list[NDArray[np.float32] | None] = [None]
    at = np.arange(_TAPS) - _TAPS // 2
    for phase in range(1, _PHASES):
        offset = at + phase / _PHASES
        window = np.cos(np.pi * offset / _TAPS) ** 2
        sinc = np.sinc(offset) * window
        taps.append((sinc / sinc.sum()).astype(np.float32))
    return tuple(taps)


def _eased(wanted: StepGain) -> StepGain:
    """Gain per step: down in time for each peak, up again with the release time; never above ``wanted``."""
    padded = np.concatenate([wanted, np.ones(_LOOK_AHEAD)])
    ahead = np.lib.stride_tricks.sliding_window_view(padded, _LOOK_AHEAD + 1).min(axis=1)
    rise, gain, held = 1 - np.exp(-STEP / SAMPLE_RATE / _RELEASE_S), 1.0, np.empty(len(ahead))
    for i, target in enumerate(ahead.tolist()):
        gain = min(target, gain + (1 - gain) * rise)
        held[i] = gain
    before = np.concatenate([np.full(_LOOK_AHEAD, held[0]), held])
    return np.convolve(before, np.full(_LOOK_AHEAD + 1, 1 / (_LOOK_AHEAD + 1)), mode="valid")
