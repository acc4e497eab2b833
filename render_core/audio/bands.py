"""How loud each band of frequencies is, every 10 ms: what speech and the beat are found in."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from render_core.audio.samples import SAMPLE_RATE, Pieces, Samples, in_blocks, silence

STEP_MS = 10
EDGES_HZ = (40, 80, 150, 250, 400, 600, 900, 1300, 1800, 2500, 3200, 4000, 5500, 7500)

Bands = NDArray[np.float32]
"""Shape (steps of 10 ms, bands between ``EDGES_HZ``), dtype float32: mean power, 1 for a square wave at full scale."""

_THINNING = 3
"""Samples averaged into one: at 16 kHz a spectrum holds all that is asked for, at a third of the cost."""
_RATE = SAMPLE_RATE // _THINNING
_STEP, _WINDOW = _RATE * STEP_MS // 1000, 320
_LEAD = (_WINDOW - _STEP) // 2
_BLOCK = 10 * SAMPLE_RATE
"""Samples that are worked on at once: many for speed, and few enough for memory."""
_HANN = np.hanning(_WINDOW).astype(np.float32)


def bands_of(sound: Pieces) -> Bands:
    """The bands of a sound, each step measured in a window of 20 ms about its middle.

    No more than ten seconds of the sound are held at once.
    """
    return np.concatenate([np.zeros((0, len(EDGES_HZ) - 1), np.float32), *_measured(sound)])


def _measured(sound: Pieces) -> Iterator[Bands]:
    held, left = np.zeros(_LEAD, np.float32), 0
    for block in in_blocks(sound, _BLOCK):
        mono = _thin(block)
        held, left = np.concatenate([held, mono]), left + -(-len(mono) // _STEP)
        steps = max(0, (len(held) - _WINDOW) // _STEP + 1)
        if steps:
            yield _powers(held[: (steps - 1) * _STEP + _WINDOW])
            held, left = held[steps * _STEP :], left - steps
    if left:
        padded = np.zeros((left - 1) * _STEP + _WINDOW, np.float32)
        padded[: len(held)] = held
        yield _powers(padded)


def _thin(block: Samples) -> NDArray[np.float32]:
    """In mono at 16 kHz."""
    whole = np.concatenate([block, silence(-len(block) % _THINNING)])
    mono = whole[:, 0] + whole[:, 1]
    return np.asarray((mono[::3] + mono[1::3] + mono[2::3]) / (2 * _THINNING), np.float32)


def _powers(mono: NDArray[np.float32]) -> Bands:
    spectra = np.fft.rfft(sliding_window_view(mono, _WINDOW)[::_STEP] * _HANN)
    return np.asarray((spectra.real**2 + spectra.imag**2) @ _band_weights(), np.float32)


def _band_weights() -> NDArray[np.float32]:
    """Sums of bins, by Parseval's theorem such that a band holds its mean power: shape (bins, bands)."""
    frequencies = np.fft.rfftfreq(_WINDOW, 1 / _RATE)
    masks = [(frequencies >= low) & (frequencies < high) for low, high in pairwise(EDGES_HZ)]
    return np.array(masks, np.float32).T * np.float32(2 / (_WINDOW * np.square(_HANN).sum()))
