"""Loudness as people perceive it: integrated, K-weighted and gated (ITU-R BS.1770-4)."""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from render_core.audio.filters import Signal, convolved, impulse_response
from render_core.audio.samples import SAMPLE_RATE, Samples

SILENCE_LUFS = -70.0
"""The absolute gate: what is softer counts as silence."""

_HOP = SAMPLE_RATE // 10  # blocks of 400 ms overlap by 75 %
_BLOCK_HOPS = 4
# BS.1770-4, tables 1 and 2: the head's shelf and the RLB high-pass, at 48 kHz.
_K_WEIGHTING = np.array(
    [
        [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585],
        [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621],
    ]
)
_TAPS = 8192  # the high-pass at 38 Hz has died away to 1e-12 by then


def integrated_loudness(sound: Samples) -> float:
    """Integrated loudness in LUFS; minus infinity where there is only silence.

    Args:
        sound: Shape (n, 2), float32, 48 kHz. Less than 400 ms is measured as one block.
    """
    energies = sum(_hop_energies(np.ascontiguousarray(sound[:, channel])) for channel in range(sound.shape[1]))
    blocks = _blocks(np.asarray(energies))
    audible = blocks[_lufs(blocks) > SILENCE_LUFS]
    if not len(audible):
        return -math.inf
    loud = audible[_lufs(audible) > _lufs(audible.mean()) - 10]
    return float(_lufs(loud.mean()))


def _hop_energies(channel: Signal) -> NDArray[np.float64]:
    """Mean squares of the weighted signal in steps of 100 ms; a rest counts with its own length."""
    weighted = convolved(channel, _k_taps())
    whole = len(weighted) // _HOP
    hops = weighted[: whole * _HOP].reshape(whole, _HOP)
    energies: NDArray[np.float64] = np.einsum("ij,ij->i", hops, hops, dtype=np.float64) / _HOP
    if whole >= _BLOCK_HOPS or not len(weighted):
        return energies
    return np.array([np.square(weighted, dtype=np.float64).mean()])


def _blocks(hops: NDArray[np.float64]) -> NDArray[np.float64]:
    if len(hops) < _BLOCK_HOPS:
        return hops
    return np.convolve(hops, np.full(_BLOCK_HOPS, 1 / _BLOCK_HOPS), mode="valid")


def _lufs(energy: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(-0.691 + 10 * np.log10(np.maximum(energy, 1e-20)))


@lru_cache(maxsize=1)
def _k_taps() -> NDArray[np.float64]:
    return impulse_response(_K_WEIGHTING, _TAPS)
