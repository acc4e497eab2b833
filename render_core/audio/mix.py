"""The sound of a video: voice, music under it, delivered at an even loudness."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from render_core.audio.ducking import duck_gain
from render_core.audio.limiter import amplified, held_gain, step_peaks
from render_core.audio.loudness import loudness_of, step_energies
from render_core.audio.samples import SAMPLE_RATE, Samples
from render_core.spec import AssetRef
from render_core.timing import exact

TARGET_LUFS = -14.0
CEILING_DBTP = -1.5
"""Half a decibel below what is promised, because AAC adds peaks of its own."""

_MAX_GAIN_DB = 24.0
"""A whisper is made audible, but noise is not made music."""
_CROSSFADE_S = Fraction(1, 4)
_PASSES = 6

SoundReader = Callable[[AssetRef, Fraction, Fraction | None], Samples]
"""(asset, start in s, at most so many s or None for all) → samples, which the caller may change."""


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


def mix(sound: Sound, read: SoundReader) -> Samples:
    """Mix to −14 LUFS with true peaks below −1 dBTP; silence stays silent.

    Args:
        sound: What is heard.
        read: How to get an asset's samples: ``MediaPool.sound``.

    Returns:
        Shape (n, 2), float32, 48 kHz; n is the picture's length in samples, rounded down.
    """
    length = int(sound.duration_s * SAMPLE_RATE)
    out = _voice(sound, read)
    if sound.music is not None and sound.music_volume > 0:
        music = _looped(read(sound.music, Fraction(0), sound.duration_s), length)
        music *= (sound.music_volume * _fade(length, sound.fade_out_s))[:, None]
        if sound.duck:
            music *= duck_gain(out)[:, None]
        out += music
    return delivered(out)


def delivered(sound: Samples) -> Samples:
    """The sound at the target loudness under the ceiling. Limiting takes loudness away, so a few gains are tried."""
    peaks, energies, gain_db = step_peaks(sound), step_energies(sound), 0.0
    for _ in range(_PASSES):
        loudness = loudness_of(energies * held_gain(peaks, 10 ** (gain_db / 20), CEILING_DBTP) ** 2)
        wanted_db = min(gain_db + TARGET_LUFS - loudness, _MAX_GAIN_DB)
        if math.isinf(loudness) or abs(wanted_db - gain_db) < 0.05:
            break
        gain_db = wanted_db
    return amplified(sound, held_gain(peaks, 10 ** (gain_db / 20), CEILING_DBTP))


def _voice(sound: Sound, read: SoundReader) -> Samples:
    length = int(sound.duration_s * SAMPLE_RATE)
    if sound.voice is None or sound.voice_volume <= 0 or not sound.voice.info.has_audio:
        return np.zeros((length, 2), np.float32)
    voice = _padded(read(sound.voice, Fraction(0), sound.duration_s), length)
    voice *= np.float32(sound.voice_volume)
    return voice


def _padded(sound: Samples, length: int) -> Samples:
    """Exactly so long: cut, or filled with silence."""
    if len(sound) >= length:
        return sound[:length]
    return np.concatenate([sound, np.zeros((length - len(sound), 2), np.float32)])


def _looped(music: Samples, length: int) -> Samples:
    """Repeated to the length; each end is blended into the next beginning at equal power."""
    blend = min(int(_CROSSFADE_S * SAMPLE_RATE), len(music) // 4)
    if len(music) >= length or not len(music):
        return _padded(music, length)
    period = len(music) - blend
    cycle, ramp = music[:period].copy(), np.linspace(0, np.pi / 2, blend, dtype=np.float32)[:, None]
    cycle[:blend] = music[:blend] * np.sin(ramp) + music[period:] * np.cos(ramp)
    repeats = -(-(length - period) // period)
    return np.concatenate([music[:period], np.tile(cycle, (max(0, repeats), 1))])[:length]


def _fade(length: int, fade_s: float) -> NDArray[np.float32]:
    """1, then along a quarter of a cosine to 0 at the end."""
    gain = np.ones(length, np.float32)
    count = min(length, int(exact(fade_s) * SAMPLE_RATE))
    if count:
        gain[length - count :] = np.cos(np.linspace(0, np.pi / 2, count, dtype=np.float32))
    return gain
