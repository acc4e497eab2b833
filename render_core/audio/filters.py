"""Linear filters by FFT: numpy has no recursive filter, and a loop would take minutes."""

import numpy as np
from numpy.typing import NDArray


def spectrum_of(taps: NDArray[np.float64], size: int) -> NDArray[np.complex64]:
    """What a filter does to the spectrum of ``size`` samples: shape (size // 2 + 1,)."""
    return np.fft.rfft(taps, size).astype(np.complex64)


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
