"""Linear filters for long signals, by FFT in blocks: numpy has no recursive filter, and a loop would take minutes."""

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.float32]
"""One channel: shape (samples,), dtype float32."""

_BLOCK = 1 << 16


def convolved(signal: Signal, taps: NDArray[np.float64]) -> Signal:
    """The signal through a causal FIR filter, as long as it was: overlap-save with blocks of 65536.

    Args:
        signal: Shape (n,), float32.
        taps: Impulse response, shape (k,), k well below 65536.
    """
    overlap, step = len(taps) - 1, _BLOCK - len(taps) + 1
    response = np.fft.rfft(taps.astype(np.float32), _BLOCK)
    padded = np.concatenate([np.zeros(overlap, np.float32), signal])
    out = np.empty_like(signal)
    for start in range(0, len(signal), step):
        block = np.fft.irfft(np.fft.rfft(padded[start : start + _BLOCK], _BLOCK) * response, _BLOCK)
        out[start : start + step] = block[overlap : overlap + len(signal) - start]
    return out


def impulse_response(sections: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """The first ``length`` samples of what a cascade of biquads answers to an impulse.

    Args:
        sections: Shape (sections, 6): b0, b1, b2, a0, a1, a2 with a0 = 1.
        length: Samples wanted.
    """
    signal = [1.0] + [0.0] * (length - 1)
    for b0, b1, b2, _, a1, a2 in sections.tolist():
        s1 = s2 = 0.0
        for i, x in enumerate(signal):
            y = b0 * x + s1
            s1, s2 = b1 * x - a1 * y + s2, b2 * x - a2 * y
            signal[i] = y
    return np.array(signal)
