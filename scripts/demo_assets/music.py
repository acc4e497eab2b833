"""The demo's music: eight bars at 80 beats a minute, 24 s that loop without a seam; all of it synthesised."""

from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from numpy.typing import NDArray

from demo_assets.sound import RATE, Mono, convolve, equalise, normalise, room

BEAT_S = 0.75
BARS = 8
SECONDS = BARS * 4 * BEAT_S
_STEP_S = BEAT_S / 4
_SWING_S = 0.022
_CHORDS = (  # bass, voicing, as MIDI notes
    (36, (52, 55, 59, 62)), (33, (52, 55, 60, 62)), (41, (52, 55, 57, 60)), (31, (53, 57, 60, 62)),
    (36, (52, 55, 59, 64)), (33, (55, 59, 60, 64)), (38, (53, 57, 60, 64)), (31, (53, 57, 59, 62)),
)  # fmt: skip
_MELODY = (  # bar, sixteenth, MIDI note
    (0, 2, 76), (0, 5, 79), (0, 8, 83), (0, 14, 79), (1, 3, 76), (1, 6, 74), (1, 10, 72), (2, 2, 72), (2, 5, 76),
    (2, 8, 79), (2, 13, 76), (3, 2, 74), (3, 6, 77), (3, 10, 81), (4, 2, 79), (4, 5, 83), (4, 8, 86), (4, 14, 83),
    (5, 3, 79), (5, 6, 76), (5, 10, 79), (6, 2, 77), (6, 5, 76), (6, 8, 74), (6, 13, 72),
    (7, 2, 74), (7, 6, 71), (7, 10, 74),
)  # fmt: skip


class _Track(NamedTuple):
    """A stereo track (2, n) longer than the loop: what rings on after its end is wrapped to its start."""

    samples: NDArray[np.float64]

    def add(self, at_s: float, sound: Mono, left: float = 1.0, right: float = 1.0) -> None:
        first = round(at_s * RATE)
        self.samples[0, first : first + len(sound)] += left * sound
        self.samples[1, first : first + len(sound)] += right * sound


def compose() -> NDArray[np.float64]:
    """The finished loop, stereo at 48 kHz, shape (2, n)."""
    keys, bass, pad, bells, drums = (_Track(np.zeros((2, round((SECONDS + 4) * RATE)))) for _ in range(5))
    for bar in range(BARS):
        _play_chord(keys, pad, bar)
        _play_bass(bass, bar)
        _play_drums(drums, bar)
    for bar, step, note in _MELODY:
        at = _time(bar, step)
        bells.add(at, 0.17 * _bell(note), 0.75, 1.0)
        bells.add(at + 3 * _STEP_S, 0.06 * _bell(note), 1.0, 0.5)
    soft = equalise(keys.samples, [(60, -18), (140, 0), (2500, 0), (6000, -5), (14000, -18)])
    mix = 0.95 * soft + bass.samples + 0.8 * pad.samples * _pumping() + bells.samples + 0.9 * drums.samples
    wet = np.stack(
        [convolve(m, room(1.8, 1.5, seed))[: mix.shape[1]] for seed, m in enumerate(soft + bells.samples * 1.4)]
    )
    loop = _wrap(mix + 0.13 * wet)
    tone = equalise(loop, [(28, -24), (45, -2), (250, -1.5), (800, 0), (2000, 3), (9000, 5), (16000, 0), (19000, -30)])
    return normalise(tone, -17, -1.5)


def make_music(path: Path) -> None:
    """Compose and write an MP3."""
    samples = np.ascontiguousarray(compose(), np.float32)
    with av.open(str(path), "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=RATE, layout="stereo", bit_rate=144_000)
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
        container.mux(stream.encode(frame))
        container.mux(stream.encode())


def _time(bar: int, step: float) -> float:
    """Seconds of a sixteenth; the off ones come a little late."""
    return bar * 4 * BEAT_S + step * _STEP_S + (_SWING_S if step % 2 else 0)


def _hertz(note: float) -> float:
    return 440 * 2 ** ((note - 69) / 12)


def _clock(seconds: float) -> Mono:
    return np.arange(round(seconds * RATE)) / RATE


def _fade(time: Mono, attack_s: float, release_s: float) -> Mono:
    return np.clip(time / attack_s, 0, 1) * np.clip((time[-1] - time) / release_s, 0, 1)


def _key(note: float, seconds: float) -> Mono:
    """An electric piano: two operators, the modulation dying faster than the tone."""
    t = _clock(seconds + 0.25)
    phase = 2 * np.pi * _hertz(note) * t
    body = np.sin(phase + 1.9 * np.exp(-t * 4.5) * np.sin(phase))
    tine = 0.18 * np.exp(-t * 11) * np.sin(7 * phase)
    return (body + tine) * np.exp(-t * 1.15) * _fade(t, 0.006, 0.25)


def _play_chord(keys: _Track, pad: _Track, bar: int) -> None:
    _, notes = _CHORDS[bar]
    for step, length, level in ((0, 1.9, 1.0), (6, 0.45, 0.62), (11, 0.85, 0.7)):
        for i, note in enumerate(notes):
            at = _time(bar, step) + 0.012 * i
            pan = 0.35 * (i / (len(notes) - 1) - 0.5)
            keys.add(at, 0.105 * level * _key(note, length), 1 - pan, 1 + pan)
    t = _clock(4 * BEAT_S + 0.6)
    for note in notes:
        for detune, left, right in ((-0.06, 1.0, 0.35), (0.06, 0.35, 1.0)):
            phase = 2 * np.pi * _hertz(note + 12 + detune) * t
            tone = np.sin(phase) + 0.22 * np.sin(2 * phase) + 0.07 * np.sin(3 * phase)
            pad.add(_time(bar, 0), 0.020 * tone * _fade(t, 0.5, 0.6), left, right)


def _play_bass(bass: _Track, bar: int) -> None:
    root = _CHORDS[bar][0]
    for step, length, up, level in ((0, 1.0, 0, 1.0), (6, 0.35, 0, 0.75), (8, 0.7, 0, 0.85), (14, 0.3, 7, 0.7)):
        t = _clock(length)
        phase = 2 * np.pi * _hertz(root + up) * t
        tone = np.tanh(1.5 * (np.sin(phase) + 0.35 * np.sin(2 * phase) + 0.12 * np.sin(3 * phase)))
        bass.add(_time(bar, step), 0.165 * level * tone * np.exp(-t * 1.2) * _fade(t, 0.008, 0.06))


def _bell(note: float) -> Mono:
    """A thumb piano."""
    t = _clock(1.6)
    phase = 2 * np.pi * _hertz(note) * t
    tone = (
        np.sin(phase) * np.exp(-t * 3.6)
        + 0.25 * np.sin(2.76 * phase) * np.exp(-t * 12)
        + 0.1 * np.sin(5.4 * phase) * np.exp(-t * 26)
    )
    return tone * _fade(t, 0.003, 0.2)


def _play_drums(drums: _Track, bar: int) -> None:
    for step, level in ((0, 1.0), (7, 0.55), (8, 0.9), *(((15, 0.4),) if bar % 4 == 3 else ())):
        drums.add(_time(bar, step), 0.42 * level * _kick())
    for step in (4, 12):
        drums.add(_time(bar, step) + 0.006, 0.20 * _snap(bar * 16 + step), 0.9, 1.0)
    for step in range(16):
        level = (0.9, 0.25, 0.6, 0.3)[step % 4]
        drums.add(_time(bar, step), 0.085 * level * _hat(bar * 16 + step, 0.16 if step == 14 else 0.05), 1.0, 0.75)


def _kick() -> Mono:
    t = _clock(0.32)
    phase = 2 * np.pi * (47 * t + 95 * 0.028 * (1 - np.exp(-t / 0.028)))
    return np.tanh(1.4 * np.sin(phase)) * np.exp(-t * 9) * _fade(t, 0.002, 0.05)


def _snap(seed: int) -> Mono:
    """A soft rim and a brush of noise."""
    t = _clock(0.22)
    noise = np.random.default_rng(seed).standard_normal(len(t))
    brush = equalise(noise, [(200, -30), (900, -4), (2200, 0), (7000, -6), (16000, -18)]) * np.exp(-t * 26)
    rim = np.sin(2 * np.pi * 410 * t) * np.exp(-t * 60) + 0.5 * np.sin(2 * np.pi * 186 * t) * np.exp(-t * 30)
    return (0.55 * brush + 0.7 * rim) * _fade(t, 0.001, 0.05)


def _hat(seed: int, length: float) -> Mono:
    t = _clock(length + 0.03)
    noise = np.random.default_rng(1000 + seed).standard_normal(len(t))
    bright = equalise(noise, [(2000, -40), (6000, -6), (9500, 0), (15000, -8)])
    return bright * np.exp(-t * 2.6 / length) * _fade(t, 0.001, 0.02)


def _pumping() -> Mono:
    """The pad makes room for each kick."""
    t = _clock(SECONDS + 4)
    since = t % (2 * BEAT_S)
    return 1 - 0.45 * np.exp(-since * 6)


def _wrap(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    count = round(SECONDS * RATE)
    loop = samples[:, :count].copy()
    tail = samples[:, count:]
    loop[:, : tail.shape[1]] += tail
    return loop
