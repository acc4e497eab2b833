"""Measuring a sound block by block: its peaks, and its energy as people hear it."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from render_core.audio.limiter import EDGE, Peaks, step_peaks
from render_core.audio.loudness import HISTORY, TICK, Energies, energies, loudness_of
from render_core.audio.samples import Pieces, Samples, in_blocks, neighbours, silence


@dataclass(frozen=True, slots=True)
class Level:
    """What one block of a sound measures."""

    peaks: Peaks
    energies: Energies


def measured(sound: Pieces) -> list[Level]:
    """The levels of all blocks: 4.4 kB a second. The last block is filled up with silence to whole 10 ms."""
    return [_level(*around) for around in neighbours(in_blocks(sound))]


def integrated_loudness(sound: Samples) -> float:
    """Integrated loudness in LUFS; minus infinity where there is only silence.

    Args:
        sound: Shape (n, 2), float32, 48 kHz. Less than 400 ms is measured as one block.
    """
    return loudness_of(level.energies for level in measured([sound]))


def true_peak_db(sound: Samples) -> float:
    """The highest peak of the 4× oversampled signal, dBTP; minus infinity for silence."""
    return highest_db(measured([sound]))


def highest_db(levels: Iterable[Level]) -> float:
    """The highest of all peaks, dBTP; minus infinity for silence."""
    highest = max((float(level.peaks.max()) for level in levels), default=0.0)
    return float(20 * np.log10(highest)) if highest > 0 else -np.inf


def _level(before: Samples | None, now: Samples, after: Samples | None) -> Level:
    past = silence(HISTORY) if before is None else before[-HISTORY:]
    ahead = silence(EDGE) if after is None else np.concatenate([after[:EDGE], silence(EDGE)])[:EDGE]
    rest = silence(-len(now) % TICK)
    heard = np.concatenate([past, now, rest, ahead])
    return Level(step_peaks(heard[HISTORY - EDGE :]), energies(heard[: len(heard) - EDGE]))
