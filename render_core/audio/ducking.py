"""Making music softer while someone speaks."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from render_core.audio.bands import STEP_MS, bands_of
from render_core.audio.samples import BLOCK, SAMPLE_RATE, Pieces
from render_core.audio.speech import is_speech

_HOP = SAMPLE_RATE * STEP_MS // 1000
_DEPTH_DB = -10.0
_ATTACK_S, _RELEASE_S = 0.05, 0.4


def duck_gain(voice: Pieces) -> Iterator[NDArray[np.float32]]:
    """Gain for the music under each block of the voice: shape (BLOCK,), 1 in silence, −10 dB under speech.

    The gain moves with time constants of 50 ms down and 400 ms up.
    """
    curve = np.power(10, _curve_db(is_speech(bands_of(voice))) / 20)
    at = (np.arange(len(curve)) + 0.5) * _HOP
    for start in range(0, len(curve) * _HOP, BLOCK):
        yield np.interp(np.arange(start, start + BLOCK), at, curve).astype(np.float32)


def _curve_db(heard: NDArray[np.bool_]) -> NDArray[np.float64]:
    down, up = (1 - np.exp(-_HOP / SAMPLE_RATE / seconds) for seconds in (_ATTACK_S, _RELEASE_S))
    gain_db, curve = 0.0, np.empty(len(heard))
    for i, is_heard in enumerate(heard.tolist()):
        gain_db += (_DEPTH_DB - gain_db) * down if is_heard else -gain_db * up
        curve[i] = gain_db
    return curve
