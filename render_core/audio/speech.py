"""Voice activity: when somebody speaks, told by the level in the band of the voice."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from render_core.audio.bands import EDGES_HZ, STEP_MS, Bands, bands_of
from render_core.audio.samples import Pieces

Speech = tuple[tuple[int, int], ...]
"""Start and end in milliseconds, in order, apart from each other."""

_VOICE = slice(EDGES_HZ.index(150), None)
_FLOOR_DB = -50.0
_BELOW_USUAL_DB, _OVER_NOISE_DB, _NOISE_BELOW_USUAL_DB = 30.0, 12.0, 12.0
_NOISE_SPAN = 100
_SHORTEST_HOLE, _SHORTEST_SOUND, _HANGOVER, _SHORTEST_PAUSE = 6, 8, 8, 25
"""Steps of 10 ms: a closed mouth within a word, more than a click, a last sound that dies away, a breath."""


def speech_of(sound: Pieces) -> Speech:
    """When somebody speaks in a sound; see ``is_speech``."""
    return intervals(is_speech(bands_of(sound)))


def is_speech(bands: Bands) -> NDArray[np.bool_]:
    """Whether somebody speaks, for each step of 10 ms; pauses of less than 250 ms belong to the speech.

    A voice is found before steady noise or music of 12 dB below it, or music that swells of 18 dB below it, within
    the band of the voice. Louder music counts as speech, and so does music alone.
    """
    level = 10 * np.log10(np.maximum(bands[:, _VOICE].sum(axis=1), 1e-12))
    audible = level[level > _FLOOR_DB]
    if not len(audible):
        return np.zeros(len(level), np.bool_)
    usual = float(np.percentile(audible, 90))
    over_noise = np.minimum(_noise(level) + _OVER_NOISE_DB, usual - _NOISE_BELOW_USUAL_DB)
    heard = level > np.maximum(over_noise, max(_FLOOR_DB, usual - _BELOW_USUAL_DB))
    words = _without_short(~_without_short(~heard, _SHORTEST_HOLE), _SHORTEST_SOUND)
    return ~_without_short(~_prolonged(words, _HANGOVER), _SHORTEST_PAUSE)


def intervals(is_heard: NDArray[np.bool_]) -> Speech:
    """Steps of 10 ms as stretches of time."""
    return tuple((int(start) * STEP_MS, int(end) * STEP_MS) for start, end in _runs(is_heard))


def _noise(level: NDArray[np.float64]) -> NDArray[np.float64]:
    """What is there when nobody speaks: for each step, the quietest tenth of about ten seconds around it, in dB."""
    seconds = max(1, len(level) // _NOISE_SPAN)
    rows = level[: seconds * _NOISE_SPAN].reshape(seconds, -1)
    around = sliding_window_view(np.pad(rows, ((5, 5), (0, 0)), mode="edge"), 11, axis=0)
    quiet = np.percentile(around, 10, axis=(1, 2))
    middles = (np.arange(seconds) + 0.5) * _NOISE_SPAN
    return np.interp(np.arange(len(level)), middles, quiet)


def _without_short(is_on: NDArray[np.bool_], steps: int) -> NDArray[np.bool_]:
    """The same without runs of fewer steps, unless they reach the beginning or the end."""
    kept = is_on.copy()
    for start, end in _runs(is_on):
        if end - start < steps and start > 0 and end < len(is_on):
            kept[start:end] = False
    return kept


def _prolonged(is_on: NDArray[np.bool_], steps: int) -> NDArray[np.bool_]:
    """The same with every run that many steps longer."""
    return np.convolve(is_on, np.ones(steps + 1))[: len(is_on)] > 0.5


def _runs(is_on: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Start and end of each run of True: shape (n, 2)."""
    return np.flatnonzero(np.diff(np.concatenate([[False], is_on, [False]]))).reshape(-1, 2)
