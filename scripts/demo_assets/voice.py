"""The avatar's voice: text to speech with the times of its phonemes and words.

This is the only step that needs more than the project's own dependencies: the engine `hibari-tts` (Apache-2.0, its
voice inside the wheel), used here at authoring time alone.
"""

import itertools
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from demo_assets.sound import RATE, Mono, compress, convolve, equalise, normalise, resample, room

ENGINE = "hibari-tts==0.2.1"
SENTENCES = (
    ("Hi! I'm Ivy.", 0.15),
    ("This video was put together by Reelgrove, in just a few seconds.", 0.2),
    ("Change the headline, swap in your own clips, and press Render.", 0.2),
    ("Pictures, captions and music all follow along.", 0.25),
    ("So, what story will you grow today?", 0.0),
)
"""What is said, and the seconds of silence after each."""
LEAD_S = 0.3
SPEED = 0.92
_ENGINE_RATE = 24_000
_STEP_S = 0.025
_EARLY_S = 0.05
"""Measured against the loudness of the result: each phoneme sounds two steps before the durations say."""
_DURATIONS = b"/Clip_output_0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A phoneme or a word with its time in seconds."""

    text: str
    start: float
    stop: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """The spoken track: stereo samples at 48 kHz, shape (2, n), and when each phoneme and word is heard."""

    samples: Mono
    phonemes: tuple[Span, ...]
    words: tuple[Span, ...]


def speak(duration_s: float) -> Speech:
    """Say the text into a track of exactly this length.

    Raises:
        SystemExit: The engine is not installed; says what to install.
    """
    engine = _load_engine()
    track = np.zeros(round(duration_s * RATE))
    phonemes: list[Span] = []
    words: list[Span] = []
    at = LEAD_S
    for index, (sentence, pause) in enumerate(SENTENCES):
        samples, spans = _say(engine, sentence, seed=index)
        first = round(at * RATE)
        track[first : first + len(samples)] += samples[: len(track) - first]
        moved = [Span(text=s.text, start=s.start + at, stop=s.stop + at) for s in spans]
        phonemes += moved
        words += _words(sentence, moved)
        at += len(samples) / RATE + pause
    if at > duration_s:
        raise SystemExit(f"The speech lasts {at:.1f} s, longer than the {duration_s:.0f} s of the clip: shorten it.")
    return Speech(samples=_produce(track), phonemes=tuple(phonemes), words=tuple(words))


def _load_engine() -> Any:  # noqa: ANN401 - the engine is optional and brings no types
    try:
        import hibari
        import onnxruntime
    except ImportError:
        raise SystemExit(f"The voice needs an engine: pip install {ENGINE}") from None
    engine = hibari.Hibari()
    model = Path(engine.model_path).read_bytes() + _extra_output(_DURATIONS)
    engine.sess = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return engine


def _extra_output(name: bytes) -> bytes:
    """Bytes that, appended to an ONNX file, add a graph output.

    Protocol buffers merge concatenated messages: ModelProto.graph is field 7, GraphProto.output 12, its name 1.
    """
    value = bytes([0x0A, len(name)]) + name
    output = bytes([0x62, len(value)]) + value
    return bytes([0x3A, len(output)]) + output


def _say(engine: Any, sentence: str, seed: int) -> tuple[Mono, list[Span]]:  # noqa: ANN401 - see _load_engine
    import hibari.dsp

    pieces, spans, at = [], [], 0.0
    rng = np.random.default_rng(seed)
    for phonemes in engine.phonemize(sentence):
        known = [symbol for symbol in phonemes if symbol in engine.vocab]
        feed = {"ids": np.array([engine.ids(phonemes)], np.int64), "speed": np.array([SPEED], np.float32)}
        *parts, steps = engine.sess.run(None, feed)
        edges = at + np.concatenate([[0.0], np.cumsum(steps)]) * _STEP_S
        timed = zip(["_", *known, "_"], itertools.pairwise(edges), strict=True)
        spans += _fold_stress(
            Span(text=symbol, start=max(0.0, start - _EARLY_S), stop=stop - _EARLY_S) for symbol, (start, stop) in timed
        )
        pieces.append(hibari.dsp.synth(*(part[0] for part in parts), rng))
        at = float(edges[-1])
    return resample(np.concatenate(pieces).astype(float), _ENGINE_RATE), spans


def _fold_stress(spans: Iterable[Span]) -> Iterator[Span]:
    """A stress mark has a share of its vowel's time: make them one span, such as “ˈI”."""
    mark = None
    for span in spans:
        if span.text in "ˈˌ":
            mark = span
        else:
            yield Span(text=mark.text + span.text, start=mark.start, stop=span.stop) if mark else span
            mark = None


def _words(sentence: str, spans: list[Span]) -> list[Span]:
    """The written words with the times of the spoken ones: both are parted by blanks."""
    groups = [list(group) for blank, group in itertools.groupby(spans, lambda s: s.text in " _") if not blank]
    heard = [[span for span in group if span.text.isalpha()] for group in groups]
    written = sentence.split()
    return [Span(text=w, start=h[0].start, stop=h[-1].stop) for w, h in zip(written, heard, strict=True)]


def _produce(track: Mono) -> Mono:
    """A close, warm voice in a small room."""
    tone = equalise(
        track,
        [(40, -40), (75, -12), (110, 0), (200, 1.5), (400, -1), (2500, 1), (5000, 1.5), (7500, -1), (12000, -3)],
    )
    dry = compress(tone / np.abs(tone).max(), -22, 2.2)
    sides = [dry + 0.09 * convolve(dry, _late(seed))[: len(dry)] for seed in (1, 2)]
    return normalise(np.stack(sides), -17.5, -1.5)


def _late(seed: int) -> Mono:
    return np.concatenate([np.zeros(int(0.012 * RATE)), room(0.5, 0.32, seed)])


def write_words(path: Path, speech: Speech) -> None:
    """Write the words with their times in milliseconds, as captions take them."""
    words = [{"text": w.text, "start": round(w.start * 1000), "end": round(w.stop * 1000)} for w in speech.words]
    lines = ",\n".join(f"  {json.dumps(word, ensure_ascii=False)}" for word in words)
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
