"""What sound is throughout the renderer."""

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 48_000
STEP = SAMPLE_RATE // 1000
"""Samples in a millisecond: how finely levels are measured and gains decided."""

Samples = NDArray[np.float32]
"""Shape (n, 2), dtype float32, left and right in C order, full scale ±1, 48 kHz."""
