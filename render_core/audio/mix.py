"""The sound of a video: voice, and music under it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from render_core.audio.ducking import duck_gain
from render_core.audio.loop import looped
from render_core.audio.samples import BLOCK, SAMPLE_RATE, Pieces, Samples, Take, in_blocks, lasting
from render_core.spec import AssetRef
from render_core.timing import exact

SoundReader = Callable[[AssetRef, Fraction, Fraction | None], Pieces]
"""(asset, start in s, at most so many s or None for all) → its samples, decoded piece by piece."""
Gains = Iterator[NDArray[np.float32]]
"""One array of shape (BLOCK,) for each block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """What is heard in a video. Every field enters the key of the mix.

    Attributes:
        duration_s: Length of the picture, exact.
        voice: The clip or sound file that speaks, from its first frame on.
        voice_volume: Factor, 0–2.
        music: Looped to the length.
        music_volume: Factor, 0–1.
        duck: Whether the music gets softer under speech.
        fade_out_s: How long the music takes to fade at the end.
    """

    duration_s: Fraction
    voice: AssetRef | None = None
    voice_volume: float = 1.0
    music: AssetRef | None = None
    music_volume: float = 0.5
    duck: bool = True
    fade_out_s: float = 1.0


def mix(sound: Sound, read: SoundReader) -> Take:
    """Voice and music together, as loud as they are, as long as the picture in samples, rounded down.

    What is longer than a minute is mixed anew each time it is listened to, so that memory stays flat.

    Args:
        sound: What is heard.
        read: How to get an asset's samples: ``MediaPool.sound``.
    """
    voice = Take(partial(_voice, sound, read))
    music = None if sound.music is None else Take(partial(read, sound.music, Fraction(0), sound.duration_s))
    return Take(partial(_mixed, sound, voice, music))


def _mixed(sound: Sound, voice: Pieces, music: Pieces | None) -> Iterator[Samples]:
    if music is None or sound.music_volume <= 0:
        yield from voice
        return
    length = _length(sound)
    # The gains come first: they listen to the whole voice, and keep it if it is short.
    gains = duck_gain(voice) if sound.duck and _speaks(sound) else repeat(np.ones(BLOCK, np.float32))
    fades = _fades(length, sound.fade_out_s)
    under = in_blocks(lasting(looped(music, length), length))
    for gain, fade, played, spoken in zip(gains, fades, under, voice, strict=False):
        level = np.float32(sound.music_volume) * gain * fade
        yield spoken + played * level[: len(played), None]


def _voice(sound: Sound, read: SoundReader) -> Iterator[Samples]:
    pieces = read(sound.voice, Fraction(0), sound.duration_s) if sound.voice and _speaks(sound) else ()
    for block in in_blocks(lasting(pieces, _length(sound))):
        yield block * np.float32(sound.voice_volume)


def _speaks(sound: Sound) -> bool:
    return sound.voice is not None and sound.voice_volume > 0 and sound.voice.info.has_audio


def _fades(length: int, fade_s: float) -> Gains:
    """1, then along a quarter of a cosine to 0 at the end."""
    count = min(length, int(exact(fade_s) * SAMPLE_RATE))
    for start in range(count - length, count, BLOCK):
        part = np.clip(np.arange(start, start + BLOCK) / max(1, count - 1), 0, 1)
        yield np.cos(part * (np.pi / 2)).astype(np.float32) if part[-1] else np.ones(BLOCK, np.float32)


def _length(sound: Sound) -> int:
    return int(sound.duration_s * SAMPLE_RATE)
