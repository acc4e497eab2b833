"""Making music softer while someone speaks."""

import numpy as np
from numpy.typing import NDArray

from render_core.audio.samples import SAMPLE_RATE, Samples

_HOP = SAMPLE_RATE // 100
_DEPTH_DB = -10.0
_ATTACK_S, _RELEASE_S = 0.05, 0.4
_FLOOR_DB = -50.0


def speech(voice: Samples) -> NDArray[np.bool_]:
    """Where the voice is heard, in steps of 10 ms: above −50 dBFS, near its own usual level, and above its room noise.

    Args:
        voice: Shape (n, 2), float32, 48 kHz.
    """
    steps = -(-len(voice) // _HOP)
    mono = np.zeros(steps * _HOP, np.float32)
    mono[: len(voice)] = voice.mean(axis=1)
    hops = mono.reshape(steps, _HOP)
    level = 10 * np.log10(np.maximum(np.einsum("ij,ij->i", hops, hops) / _HOP, 1e-12))
    audible = level[level > _FLOOR_DB]
    if not len(audible):
        return np.zeros(steps, np.bool_)
    usual, noise = float(np.percentile(audible, 90)), float(np.percentile(level, 10))
    return np.asarray(level > max(_FLOOR_DB, usual - 25, min(noise + 6, usual - 12)))


def duck_gain(voice: Samples) -> NDArray[np.float32]:
    """Gain for the music at each sample of the voice: shape (n,), 1 in silence, −10 dB under speech.

    The gain moves with time constants of 50 ms down and 400 ms up.
    """
    down, up = (1 - np.exp(-_HOP / SAMPLE_RATE / seconds) for seconds in (_ATTACK_S, _RELEASE_S))
    gain_db, curve = 0.0, list[float]()
    for is_speech in speech(voice).tolist():
        gain_db += (_DEPTH_DB - gain_db) * down if is_speech else -gain_db * up
        curve.append(gain_db)
    if not curve:
        return np.ones(len(voice), np.float32)
    at = (np.arange(len(curve)) + 0.5) * _HOP
    return np.power(10, np.interp(np.arange(len(voice)), at, curve) / 20).astype(np.float32)
