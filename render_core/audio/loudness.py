"""Loudness as people perceive it: integrated, K-weighted and gated (ITU-R BS.1770-4)."""

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from render_core.audio.filters import impulse_response, spectrum_of
from render_core.audio.samples import SAMPLE_RATE, Samples

SILENCE_LUFS = -70.0
"""The absolute gate: what is softer counts as silence."""
HISTORY = 8192
"""Samples that the weighting remembers: its high-pass at 38 Hz has died away to 1e-12 by then."""
TICK = SAMPLE_RATE // 100
"""Samples over which energy is taken together: 10 ms."""

Energies = NDArray[np.float32]
"""Mean squares of the weighted sound in each 10 ms, both channels together: shape (ticks,), full scale is 1."""
Loudness = NDArray[np.float64]
"""Mean squares in steps of 100 ms: shape (hops,)."""

_HOP, _HOPS_IN_BLOCK = 10, 4  # ticks; blocks of 400 ms overlap by 75 %
# BS.1770-4, tables 1 and 2: the head's shelf and the RLB high-pass, at 48 kHz.
_K_WEIGHTING = np.array(
    [
        [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585],
        [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621],
    ]
)


def energies(heard: Samples) -> Energies:
    """The K-weighted energy of each 10 ms.

    Args:
        heard: Shape (HISTORY + n, 2): what came before, and the samples to measure, n a multiple of ``TICK``.
    """
    size = len(heard)
    weighted = np.fft.irfft(np.fft.rfft(heard.T, _fft_size(size)) * _k_spectrum(_fft_size(size)))[:, HISTORY:size]
    ticks = np.ascontiguousarray(weighted).reshape(2, -1, TICK)
    return np.asarray(np.einsum("cij,cij->i", ticks, ticks) / TICK, np.float32)


def loudness_of(measured: Iterable[Energies]) -> float:
    """The integrated loudness of a sound with these energies, in LUFS; minus infinity where there is only silence.

    A slow gain multiplies energies squared. Less than 400 ms is measured as one block.
    """
    blocks = _blocks(list(measured))
    audible = blocks[_lufs(blocks) > SILENCE_LUFS]
    if not len(audible):
        return -math.inf
    loud = audible[_lufs(audible) > _lufs(audible.mean()) - 10]
    return float(_lufs(loud.mean()))


def _blocks(measured: Sequence[Energies]) -> Loudness:
    """Blocks of 400 ms. All but the last piece hold whole hops; the rest of the last one is not measured."""
    ticks = sum(map(len, measured))
    if ticks < _HOP * _HOPS_IN_BLOCK:
        return np.array([sum(float(piece.sum()) for piece in measured) / ticks]) if ticks else np.zeros(0)
    whole = [piece[: len(piece) // _HOP * _HOP].reshape(-1, _HOP).mean(axis=1, dtype=np.float64) for piece in measured]
    return np.convolve(np.concatenate(whole), np.full(_HOPS_IN_BLOCK, 1 / _HOPS_IN_BLOCK), mode="valid")


def _lufs(energy: Loudness) -> NDArray[np.float64]:
    return np.asarray(-0.691 + 10 * np.log10(np.maximum(energy, 1e-20)))


def _fft_size(size: int) -> int:
    """For a whole block and its history 56250 = 2·3²·5⁵, which is quick; shorter ones are rare."""
    return max(size, 56_250)


@lru_cache(maxsize=2)
def _k_spectrum(size: int) -> NDArray[np.complex64]:
    return spectrum_of(impulse_response(_K_WEIGHTING, HISTORY), size)
