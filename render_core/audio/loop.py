"""Repeating a sound without a click."""

from collections.abc import Generator, Iterator
from itertools import repeat

import numpy as np

from render_core.audio.samples import SAMPLE_RATE, Pieces, Samples, in_blocks, joined, silence

_CROSSFADE = SAMPLE_RATE // 4
_SHORT = 4 * _CROSSFADE


def looped(sound: Pieces, length: int) -> Iterator[Samples]:
    """The sound again and again, for ever; each end is blended into the next beginning at equal power.

    What is long enough is heard once, as it is, and what has no samples ends at once.

    Args:
        sound: Listened to once a round.
        length: Samples that will be taken.
    """
    heard, ending = yield from _round(sound, silence(0))
    if heard >= length:
        yield ending
    elif heard < _SHORT:
        yield from _cycled(joined(sound), ending)
    else:
        while True:
            _, ending = yield from _round(sound, ending)


def _round(sound: Pieces, ending: Samples) -> Generator[Samples, None, tuple[int, Samples]]:
    """The sound after ``ending`` without its own ending; returns its length and that ending."""
    heard, held = 0, silence(0)
    for block in in_blocks(sound, _CROSSFADE):
        is_beginning = heard == 0 and len(ending) > 0
        whole = np.concatenate([held, _blended(ending, block) if is_beginning else block])
        ready = max(0, len(whole) - _CROSSFADE)
        yield whole[:ready]
        heard, held = heard + len(block), whole[ready:]
    return heard, held


def _cycled(short: Samples, ending: Samples) -> Iterator[Samples]:
    """What follows a sound of less than a second: its cycle, repeated to a second, so that few pieces are made."""
    blend = len(short) // 4
    if not blend:
        return
    period = len(short) - blend
    cycle = np.concatenate([_blended(short[period:], short[:blend]), short[blend:period]])
    yield ending[: len(ending) - blend]
    yield from repeat(np.tile(cycle, (-(-SAMPLE_RATE // period), 1)))


def _blended(ending: Samples, beginning: Samples) -> Samples:
    ramp = np.linspace(0, np.pi / 2, len(ending), dtype=np.float32)[:, None]
    return beginning * np.sin(ramp) + ending * np.cos(ramp)
