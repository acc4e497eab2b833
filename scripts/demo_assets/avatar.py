"""The avatar clip: the presenter in the studio says the text."""

import functools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from demo_assets.canvas import Canvas, Floats
from demo_assets.frames import render_all
from demo_assets.person import draw_person
from demo_assets.rig import Pose
from demo_assets.sound import Mono, envelope
from demo_assets.studio import paint_studio
from demo_assets.video import FPS, still_noise, to_i420, write_video
from demo_assets.visemes import Mouth, mouths
from demo_assets.voice import Speech

DURATION_S = 20
_BLINK = (0.35, 0.9, 1.0, 0.75, 0.4, 0.12)
"""How far the lids are shut in the frames of a blink."""


def make_avatar(path: Path, speech: Speech) -> None:
    """Draw, animate and encode the clip."""
    poses = animate(speech)
    write_video(path, render_all(draw_frame, poses), crf=25, sound=speech.samples)


@functools.cache
def _stage() -> tuple[Floats, Floats]:
    pixels = paint_studio().pixels
    return pixels, still_noise(*pixels.shape[:2])


def draw_frame(pose: Pose) -> NDArray[np.uint8]:
    """One picture of the clip as I420 planes."""
    room, noise = _stage()
    canvas = Canvas(room.copy())
    draw_person(canvas, pose)
    return to_i420(canvas.pixels, noise)


def animate(speech: Speech) -> list[Pose]:
    """A pose for each frame: the mouth follows the phonemes, the head the stress and a slow drift of its own."""
    count = DURATION_S * FPS
    voice = speech.samples.mean(axis=0)
    shapes = mouths(speech.phonemes, voice, FPS, count)
    accent = _accents(speech, count)
    talking = _ease(envelope(voice, FPS, 0.5)[:count] > 0.01, 0.25)
    time = np.arange(count) / FPS
    drift = _drift(time)
    blink = _blinks(count, speech)
    gaze = _gaze(count)
    return [
        _pose(drift[:, f], float(accent[f]), float(talking[f]), float(blink[f]), gaze[f], shapes[f])
        for f in range(count)
    ]


def _pose(drift: Mono, accent: float, talking: float, blink: float, gaze: Mono, mouth: Mouth) -> Pose:
    x, y, roll, yaw, pitch, breath, sway = (float(v) for v in drift)
    lively = 0.55 + 0.45 * talking
    return Pose(
        x=9 * x * lively,
        y=4 * y + 7 * accent,
        roll=0.020 * roll * lively,
        yaw=0.42 * yaw * lively,
        pitch=0.22 * pitch + 0.42 * accent,
        breath=breath,
        blink=blink,
        brows=min(1.0, 0.10 + 0.75 * accent),
        smile=0.72 - 0.24 * talking,
        gaze=(float(gaze[0]), float(gaze[1])),
        sway=5 * sway - 4 * x,
        mouth=mouth,
    )


def _drift(time: Mono) -> Mono:
    """Seven slow, smooth wanderings within about ±1, shape (7, n): sums of sines without a common period."""
    random = np.random.default_rng(11)
    curves = []
    for pace in (0.23, 0.31, 0.19, 0.27, 0.33, 0.24, 0.41):
        parts = [
            np.sin(2 * np.pi * pace * ratio * time + random.uniform(0, 6.28)) * weight
            for ratio, weight in ((1, 0.65), (1.62, 0.3), (2.9, 0.12))
        ]
        curves.append(np.sum(parts, axis=0))
    return np.stack(curves)


def _accents(speech: Speech, count: int) -> Mono:
    """Bumps on the vowels after a primary stress mark, as a speaker nods: shape (count,), within 0–1."""
    random = np.random.default_rng(5)
    bumps = np.zeros(count)
    frames = np.arange(count)
    last = -1.0
    for vowel in speech.phonemes:
        if vowel.text.startswith("ˈ") and vowel.start - last > 0.7:
            last = vowel.start
            bumps += random.uniform(0.35, 1.0) * np.exp(-0.5 * ((frames - vowel.start * FPS - 4) / 4.2) ** 2)
    return np.clip(bumps, 0, 1)


def _blinks(count: int, speech: Speech) -> Mono:
    """Blinks each few seconds, most of them where a sentence ends."""
    random = np.random.default_rng(21)
    shut = np.zeros(count + len(_BLINK))
    ends = [span.start for span in speech.phonemes if span.text in ".!?"]
    at = 0.55
    while at < count / FPS:
        near = [end for end in ends if abs(end - at) < 0.8]
        first = int((near[0] if near else at) * FPS)
        shut[first : first + len(_BLINK)] = _BLINK
        at = max(at, first / FPS) + random.uniform(2.0, 3.6)
    return shut[:count]


def _gaze(count: int) -> Mono:
    """Where the eyes look, pixels (count, 2): quick small moves, then rest; mostly into the camera."""
    random = np.random.default_rng(8)
    targets = np.zeros((count, 2))
    at = 0
    while at < count:
        hold = int(random.uniform(0.5, 1.6) * FPS)
        targets[at : at + hold] = (0, 0) if random.random() < 0.55 else random.uniform((-4, -2), (4, 2))
        at += hold
    return np.stack([_ease(column, 0.05) for column in targets.T], axis=1)


def _ease(values: Sequence[float] | NDArray[np.generic], sigma_s: float) -> Mono:
    reach = int(4 * sigma_s * FPS) + 1
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / (sigma_s * FPS)) ** 2)
    padded = np.pad(np.asarray(values, float), reach, mode="edge")
    return np.convolve(padded, kernel / kernel.sum(), mode="valid")
