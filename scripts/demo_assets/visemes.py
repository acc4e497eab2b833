"""Mouth shapes from timed phonemes, smoothed the way speech is."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np

from demo_assets.sound import Mono, envelope
from demo_assets.voice import Span

_RATE = 240
_LEAD_S = 0.03
"""Lips move a little before they are heard."""


@dataclass(frozen=True, slots=True)
class Mouth:
    """A mouth's shape: each from 0 to 1, `wide` from −1."""

    open: float = 0.0
    wide: float = 0.0
    round: float = 0.0
    teeth: float = 0.0
    tongue: float = 0.0
    tuck: float = 0.0
    shut: float = 0.0


_REST = Mouth(wide=0.15)
_SHAPES = {
    "pbm": Mouth(shut=1.0),
    "fv": Mouth(open=0.1, wide=0.1, teeth=1.0, tuck=1.0),
    "θð": Mouth(open=0.24, wide=0.15, teeth=1.0, tongue=1.0),
    "tdnszɾT": Mouth(open=0.2, wide=0.35, teeth=1.0),
    "l": Mouth(open=0.3, wide=0.2, teeth=0.8, tongue=0.8),
    "ʃʒʧʤ": Mouth(open=0.26, round=0.55, teeth=0.9),
    "kɡŋh": Mouth(open=0.3, wide=0.15, teeth=0.4, tongue=0.3),
    "ɹ": Mouth(open=0.26, round=0.5, teeth=0.4),
    "w": Mouth(open=0.16, round=1.0),
    "j": Mouth(open=0.24, wide=0.5, teeth=0.8),
    "i": Mouth(open=0.32, wide=0.9, teeth=1.0, tongue=0.2),
    "ɪᵻ": Mouth(open=0.42, wide=0.6, teeth=0.9, tongue=0.3),
    "ɛe": Mouth(open=0.62, wide=0.5, teeth=0.8, tongue=0.4),
    "æ": Mouth(open=0.85, wide=0.55, teeth=0.8, tongue=0.5),
    "ɑaɐ": Mouth(open=1.0, wide=0.1, teeth=0.5, tongue=0.5),
    "ʌ": Mouth(open=0.7, wide=0.1, teeth=0.6, tongue=0.4),
    "əᵊ": Mouth(open=0.42, wide=0.15, teeth=0.6, tongue=0.3),
    "ɜɚ": Mouth(open=0.42, round=0.4, teeth=0.5),
    "ɔo": Mouth(open=0.72, round=0.65, teeth=0.2, tongue=0.3),
    "ʊ": Mouth(open=0.34, round=0.8, teeth=0.1),
    "u": Mouth(open=0.28, round=1.0),
}
_OF = {symbol: shape for symbols, shape in _SHAPES.items() for symbol in symbols}
_DIPHTHONGS = {"I": "ɑɪ", "A": "ɛi", "O": "ɔu", "W": "ɑu", "Y": "ɔɪ", "Q": "əu"}


def mouths(phonemes: Sequence[Span], samples: Mono, fps: int, count: int) -> list[Mouth]:
    """The mouth for each of `count` frames.

    Args:
        phonemes: What is heard, with times in seconds.
        samples: The voice, mono at 48 kHz: louder speech opens the mouth wider.
        fps: Frames a second.
        count: How many frames.
    """
    targets = np.tile(np.array(astuple(_REST)), (count * _RATE // fps + 1, 1))
    for span in phonemes:
        _write(targets, span)
    curves = _blur(targets, 0.032)
    shut = np.clip(_blur(targets[:, 6:], 0.016) * 1.5, 0, 1)
    curves[:, 0] *= _loudness(samples, len(targets)) * (1 - shut[:, 0])
    curves[:, 0] = np.minimum(curves[:, 0], 1)
    curves[:, 6:] = shut
    at = np.clip(np.round((np.arange(count) / fps + _LEAD_S) * _RATE).astype(int), 0, len(curves) - 1)
    return [Mouth(*(float(v) for v in row)) for row in curves[at]]


def _write(targets: Mono, span: Span) -> None:
    """Set a phoneme's target shapes over its time; a diphthong has two."""
    symbol = span.text.lstrip("ˈˌ")
    symbols = _DIPHTHONGS.get(symbol, symbol)
    edges = np.round(np.linspace(span.start, span.stop, len(symbols) + 1) * _RATE).astype(int)
    for symbol, start, stop in zip(symbols, edges, edges[1:], strict=False):
        if symbol in _OF:
            targets[start:stop] = astuple(_OF[symbol])


def _blur(curves: Mono, sigma_s: float) -> Mono:
    reach = int(4 * sigma_s * _RATE)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / (sigma_s * _RATE)) ** 2)
    padded = np.pad(curves, ((reach, reach), (0, 0)), mode="edge")
    return np.stack([np.convolve(c, kernel / kernel.sum(), mode="valid") for c in padded.T], axis=1)


def _loudness(samples: Mono, count: int) -> Mono:
    """A factor about 1 for the opening: less where the voice is soft."""
    level = envelope(samples, _RATE, 0.09)[:count]
    level = np.pad(level, (0, count - len(level)))
    return np.clip(0.4 + 0.95 * np.sqrt(level / np.percentile(level, 95)), 0.4, 1.35)
