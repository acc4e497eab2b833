"""Sounds made by code in which something can be found: speech, beats."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from render_core.audio.samples import SAMPLE_RATE
from tests.factories import noise

_STEP = SAMPLE_RATE // 1000


def spoken(phrases: Sequence[tuple[int, int]], seconds: float, level: float = 0.3) -> NDArray[np.float32]:
    """Something like speech: syllables four times a second on a buzzing tone, silence between the phrases.

    Args:
        phrases: Start and end of each, in milliseconds.
        seconds: Of the whole sound.
        level: Of the tone.
    """
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    buzz = np.sum([np.sin(2 * np.pi * 140 * harmonic * time) / harmonic for harmonic in range(1, 20)], axis=0)
    wave = level * buzz * (0.25 + 0.75 * np.sin(4 * np.pi * time) ** 2)
    is_on = np.zeros(len(time))
    for start, end in phrases:
        is_on[start * _STEP : end * _STEP] = 1
    return np.repeat((wave * is_on)[:, None], 2, axis=1).astype(np.float32)


def drummed(moments: Iterable[float], seconds: float, kind: str = "click") -> NDArray[np.float32]:
    """Clicks or drums at the given seconds, over a little hiss."""
    sound = noise(seconds, 0.001)[:, 0]
    time = np.arange(SAMPLE_RATE // 5) / SAMPLE_RATE
    click = np.where(time < 0.002, np.random.default_rng(2).uniform(-0.8, 0.8, len(time)), 0)
    drum = 0.7 * np.sin(2 * np.pi * 70 * time) * np.exp(-time / 0.05)
    for moment in moments:
        at = round(moment * SAMPLE_RATE)
        piece = (click if kind == "click" else drum)[: len(sound) - at]
        sound[at : at + len(piece)] += piece
    return np.repeat(sound[:, None], 2, axis=1).astype(np.float32)
