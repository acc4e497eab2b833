"""Sound tools shared by the voice and the music: filters, dynamics, a small room, loudness."""

import numpy as np
from numpy.typing import NDArray

RATE = 48_000
Mono = NDArray[np.float64]
"""Samples at 48 kHz, shape (n,), nominally within ±1."""


def resample(samples: Mono, rate: int) -> Mono:
    """Samples of another rate brought to 48 kHz, band-limited, by zero-padding the spectrum."""
    count = len(samples) * RATE // rate
    spectrum = np.fft.rfft(samples)
    padded = np.zeros(count // 2 + 1, complex)
    padded[: min(len(spectrum), len(padded))] = spectrum[: len(padded)]
    return np.fft.irfft(padded, count) * (count / len(samples))


def equalise(samples: NDArray[np.float64], points: list[tuple[float, float]]) -> NDArray[np.float64]:
    """Linear-phase equaliser over the last axis.

    Args:
        samples: Shape (…, n).
        points: (hertz, decibels) with rising hertz; linear on a logarithmic frequency axis between them.
    """
    count = samples.shape[-1]
    hertz = np.maximum(np.fft.rfftfreq(count, 1 / RATE), 1.0)
    gain_db = np.interp(np.log(hertz), np.log([p[0] for p in points]), [p[1] for p in points])
    return np.fft.irfft(np.fft.rfft(samples) * 10 ** (gain_db / 20), count)


def envelope(samples: Mono, rate: float, window_s: float = 0.03) -> Mono:
    """Root mean square around each of `rate` instants a second, shape (⌈seconds·rate⌉,)."""
    power = np.concatenate([[0.0], np.cumsum(samples**2)])
    centres = np.arange(int(np.ceil(len(samples) * rate / RATE))) * RATE / rate
    left = np.clip(centres - window_s * RATE / 2, 0, len(samples)).astype(int)
    right = np.clip(centres + window_s * RATE / 2, 0, len(samples)).astype(int)
    return np.sqrt((power[right] - power[left]) / np.maximum(right - left, 1))


def compress(samples: Mono, threshold_db: float, ratio: float) -> Mono:
    """A gentle compressor: 10 ms attack, 150 ms release, measured each 5 ms."""
    level = 20 * np.log10(envelope(samples, 200) + 1e-6)
    wanted = np.minimum(0.0, (threshold_db - level) * (1 - 1 / ratio))
    gain = np.zeros_like(wanted)
    for i in range(1, len(wanted)):
        speed = 1 - np.exp(-5 / (10 if wanted[i] < gain[i - 1] else 150))
        gain[i] = gain[i - 1] + speed * (wanted[i] - gain[i - 1])
    at_samples = np.interp(np.arange(len(samples)), np.arange(len(gain)) * RATE / 200, gain)
    return samples * 10 ** (at_samples / 20)


def convolve(samples: Mono, kernel: Mono) -> Mono:
    """Full linear convolution, as long as `samples` plus the kernel's tail."""
    count = len(samples) + len(kernel) - 1
    size = 1 << (count - 1).bit_length()
    return np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(kernel, size), size)[:count]


def room(seconds: float, decay_s: float, seed: int) -> Mono:
    """A diffuse impulse response of unit energy: noise that decays by 60 dB in `decay_s`, and grows duller."""
    time = np.arange(int(seconds * RATE)) / RATE
    noise = np.random.default_rng(seed).standard_normal(len(time)) * 10 ** (-3 * time / decay_s)
    dull = equalise(noise, [(20, -12), (150, -3), (1500, 0), (6000, -9), (16000, -24)])
    return dull / np.sqrt(np.sum(dull**2))


def normalise(samples: NDArray[np.float64], rms_db: float, peak_db: float) -> NDArray[np.float64]:
    """Brought to a mean level over its loud parts, then bent softly under the peak; shape kept."""
    mono = samples.mean(axis=0) if samples.ndim == 2 else samples
    level = envelope(mono, 10, 0.4)
    loud = np.sqrt(np.mean(level[level > level.max() / 10] ** 2))
    ceiling = 10 ** (peak_db / 20)
    scaled = samples * (10 ** (rms_db / 20) / loud)
    over = np.abs(scaled) > ceiling * 0.7
    knee = ceiling * (0.7 + 0.3 * np.tanh((np.abs(scaled) / ceiling - 0.7) / 0.3))
    return np.where(over, np.sign(scaled) * knee, scaled)
