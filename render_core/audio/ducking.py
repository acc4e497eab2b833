"""Making music softer while someone speaks."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from render_core.audio.samples import BLOCK, SAMPLE_RATE, Pieces, Samples, in_blocks

_HOP = SAMPLE_RATE // 100
_DEPTH_DB = -10.0
_ATTACK_S, _RELEASE_S = 0.05, 0.4
_FLOOR_DB = -50.0


def speech(voice: Pieces) -> NDArray[np.bool_]:
    """Where the voice is heard, in steps of 10 ms: above −50 dBFS, near its usual level, above its room noise."""
    level = np.concatenate([np.zeros(0, np.float32), *map(_levels_db, in_blocks(voice))])
    audible = level[level > _FLOOR_DB]
    if not len(audible):
        return np.zeros(len(level), np.bool_)
    usual, noise = float(np.percentile(audible, 90)), float(np.percentile(level, 10))
    return np.asarray(level > max(_FLOOR_DB, usual - 25, min(noise + 6, usual - 12)))


def duck_gain(voice: Pieces) -> Iterator[NDArray[np.float32]]:
    """Gain for the music under each block of the voice: shape (BLOCK,), 1 in silence, −10 dB under speech.

    The gain moves with time constants of 50 ms down and 400 ms up.
    """
    curve = np.power(10, _curve_db(speech(voice)) / 20)
    at = (np.arange(len(curve)) + 0.5) * _HOP
    for start in range(0, len(curve) * _HOP, BLOCK):
        yield np.interp(np.arange(start, start + BLOCK), at, curve).astype(np.float32)


def _levels_db(block: Samples) -> NDArray[np.float32]:
    steps = -(-len(block) // _HOP)
    mono = np.zeros(steps * _HOP, np.float32)
    mono[: len(block)] = (block[:, 0] + block[:, 1]) / 2
    hops = mono.reshape(steps, _HOP)
    power = np.einsum("ij,ij->i", hops, hops) / _HOP
    return np.asarray(10 * np.log10(np.maximum(power, 1e-12)), np.float32)


def _curve_db(is_speech: NDArray[np.bool_]) -> NDArray[np.float64]:
    down, up = (1 - np.exp(-_HOP / SAMPLE_RATE / seconds) for seconds in (_ATTACK_S, _RELEASE_S))
    gain_db, curve = 0.0, np.empty(len(is_speech))
    for i, is_heard in enumerate(is_speech.tolist()):
        gain_db += (_DEPTH_DB - gain_db) * down if is_heard else -gain_db * up
        curve[i] = gain_db
    return curve
