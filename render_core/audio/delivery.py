"""Delivering sound at an even loudness: measured first, then amplified and limited."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from render_core.audio.limiter import Peaks, StepGain, amplified, held_gain
from render_core.audio.loudness import Energies, loudness_of
from render_core.audio.meter import Level
from render_core.audio.samples import Pieces, Samples, in_blocks

TARGET_LUFS = -14.0
CEILING_DBTP = -1.5
"""Half a decibel below what is promised, because codecs add peaks of their own."""

_MAX_GAIN_DB = 36.0
"""A whisper is made audible, but noise is not made music."""
_PASSES = 12
_NEAR_DB = 0.03
_STEPS_IN_TICK = 10


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is done to a sound.

    Attributes:
        gain_db: Before limiting.
        ceiling_db: Highest true peak, dBTP.
        lufs: The loudness this gives; minus infinity for silence.
    """

    gain_db: float
    ceiling_db: float
    lufs: float


def delivery_for(levels: Sequence[Level], lufs: float = TARGET_LUFS, ceiling_db: float = CEILING_DBTP) -> Delivery:
    """The gain that leads to a loudness. Limiting takes loudness away, so a few are tried."""
    gain_db, slope = 0.0, 1.0
    tried = Delivery(gain_db, ceiling_db, _loudness_with(levels, gain_db, ceiling_db))
    for _ in range(_PASSES):
        wanted_db = min(gain_db + (lufs - tried.lufs) / slope, _MAX_GAIN_DB)
        if math.isinf(tried.lufs) or abs(wanted_db - gain_db) < _NEAR_DB:
            break
        heard = _loudness_with(levels, wanted_db, ceiling_db)
        slope = min(1.0, max(0.2, (heard - tried.lufs) / (wanted_db - gain_db)))
        gain_db, tried = wanted_db, Delivery(wanted_db, ceiling_db, heard)
    return tried


def delivered(sound: Pieces, levels: Sequence[Level], delivery: Delivery) -> Iterator[Samples]:
    """The sound, whose levels have been measured, as it is delivered; silence stays silent."""
    return amplified(in_blocks(sound), held_gain(_peaks(levels), _factor(delivery.gain_db), delivery.ceiling_db))


def _loudness_with(levels: Sequence[Level], gain_db: float, ceiling_db: float) -> float:
    gains = held_gain(_peaks(levels), _factor(gain_db), ceiling_db)
    return loudness_of(_energies(level, held) for level, held in zip(levels, gains, strict=True))


def _energies(level: Level, held: StepGain) -> Energies:
    squared: Energies = np.square(held).reshape(-1, _STEPS_IN_TICK).mean(axis=1).astype(np.float32)
    return level.energies * squared


def _peaks(levels: Sequence[Level]) -> Iterator[Peaks]:
    return (level.peaks for level in levels)


def _factor(gain_db: float) -> float:
    return float(10 ** (gain_db / 20))
