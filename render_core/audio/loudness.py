"""Loudness as people perceive it: integrated, K-weighted and gated (ITU-R BS.1770-4)."""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from render_core.audio.filters import convolved, impulse_response
from render_core.audio.samples import STEP, Samples

SILENCE_LUFS = -70.0
"""The absolute gate: what is softer counts as silence."""

Energies = NDArray[np.float64]
"""Mean squares of the weighted sound per millisecond, both channels together: shape (steps,), full scale is 1."""

_HOP, _BLOCK = 100, 400  # steps: blocks of 400 ms overlap by 75 %
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
    return loudness_of(step_energies(sound))


def step_energies(sound: Samples) -> Energies:
    """The K-weighted energy of each millisecond; the last one is filled with silence."""
    steps = -(-len(sound) // STEP)
    energies = np.zeros(steps)
    for channel in range(sound.shape[1]):
        padded = np.zeros(steps * STEP, np.float32)
        padded[: len(sound)] = sound[:, channel]
        weighted = convolved(padded, _k_taps()).reshape(steps, STEP)
        energies += np.einsum("ij,ij->i", weighted, weighted, dtype=np.float64) / STEP
    return energies


def loudness_of(energies: Energies) -> float:
    """The loudness of a sound with these ``step_energies``, in LUFS. A slow gain multiplies them squared."""
    blocks = _blocks(energies)
    audible = blocks[_lufs(blocks) > SILENCE_LUFS]
    if not len(audible):
        return -math.inf
    loud = audible[_lufs(audible) > _lufs(audible.mean()) - 10]
    return float(_lufs(loud.mean()))


def _blocks(energies: Energies) -> Energies:
    if len(energies) < _BLOCK:
        return np.full(min(1, len(energies)), energies.sum() / max(1, len(energies)))
    hops = energies[: len(energies) // _HOP * _HOP].reshape(-1, _HOP).mean(axis=1)
    return np.convolve(hops, np.full(_BLOCK // _HOP, _HOP / _BLOCK), mode="valid")


def _lufs(energy: Energies) -> NDArray[np.float64]:
    return np.asarray(-0.691 + 10 * np.log10(np.maximum(energy, 1e-20)))


@lru_cache(maxsize=1)
def _k_taps() -> NDArray[np.float64]:
    return impulse_response(_K_WEIGHTING, _TAPS)
