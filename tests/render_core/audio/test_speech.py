import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from render_core.audio.samples import in_blocks
from render_core.audio.speech import speech_of
from tests.factories import noise, sound_of, tone
from tests.sounds import spoken

PHRASES = ((500, 1700), (2200, 4100), (5000, 5600), (6500, 9000))


def voice(level: float = 0.3) -> np.ndarray:
    return spoken(PHRASES, 10, level)


def differences(found, expected=PHRASES) -> list[int]:
    return [
        abs(at - wanted) for one, two in zip(found, expected, strict=True) for at, wanted in zip(one, two, strict=True)
    ]


def background(kind: str, below_db: float) -> np.ndarray:
    if kind == "hiss":
        sound = noise(10, 0.1, seed=3)
    else:
        pulse = 0.6 + 0.4 * np.cos(2 * np.pi * np.arange(480_000) / 24_000)[:, None]
        sound = (tone(196, 10, 0.2) + tone(294, 10, 0.2) + tone(392, 10, 0.2)) * pulse.astype(np.float32)
    spoken = voice()[PHRASES[1][0] * 48 : PHRASES[1][1] * 48]
    return sound * float(10 ** (-below_db / 20) * np.sqrt((spoken**2).mean() / (sound**2).mean()))


def test_phrases_are_found_where_they_are():
    assert max(differences(speech_of([voice()]))) <= 100


@pytest.mark.parametrize(
    ("kind", "below_db"), [("hiss", 40), ("hiss", 24), ("hiss", 12), ("chords", 24), ("chords", 18)]
)
def test_phrases_are_found_before_noise_and_music_that_are_softer(kind, below_db):
    assert max(differences(speech_of([voice() + background(kind, below_db)]))) <= 150


def test_noise_that_changes_is_followed():
    louder = background("hiss", 40)
    louder[240_000:] *= 6
    assert max(differences(speech_of([voice() + louder]))) <= 150


def test_how_loud_the_recording_is_does_not_matter():
    loud, soft = speech_of([voice(level=0.5)]), speech_of([voice(level=0.05)])
    assert np.abs(np.array(loud) - soft).max() <= 20


def test_a_breath_is_no_pause_and_a_click_no_speech():
    sound = spoken(((500, 1500), (1650, 3000), (6000, 7000)), 8)
    sound[48 * 5000 : 48 * 5020] = 0.8
    assert max(differences(speech_of([sound]), ((500, 3000), (6000, 7000)))) <= 100


def test_a_steady_voice_speaks_all_the_time():
    assert speech_of([tone(200, 2)]) == ((0, 2000),)


@pytest.mark.parametrize("sound", [np.zeros((48_000, 2), np.float32), noise(1, 0.001), np.zeros((0, 2), np.float32)])
def test_silence_and_hiss_are_no_speech(sound):
    assert speech_of([sound]) == ()


@pytest.mark.parametrize("size", [1000, 48_000, 100_001])
def test_it_does_not_matter_in_which_pieces_a_sound_comes(size):
    assert speech_of(in_blocks([voice()], size)) == speech_of([voice()])


def test_a_sound_of_a_moment_is_listened_to():
    assert speech_of([spoken(((0, 10),), 0.01)]) == ((0, 10),)


def test_the_demo_speaker_speaks_when_she_moves_her_lips(request):
    demo: Path = request.config.rootpath / "demo"
    words = json.loads((demo / "words.json").read_text())
    found = speech_of([sound_of(demo / "avatar.mp4")])
    inside = [any(start - 60 <= word["start"] <= end for start, end in found) for word in words]
    assert all(inside)
    for before, after in pairwise(words):
        if after["start"] - before["end"] > 500:
            assert not any(start < after["start"] - 200 and end > before["end"] + 100 for start, end in found)


def test_pauses_of_a_real_speaker_are_found(shared_media):
    sound = sound_of(shared_media / "avatar.mp4")
    found = speech_of([sound])
    assert 5 <= len(found) <= 12
    level = [float(np.square(sound[end * 48 : start * 48]).mean()) for (_, end), (start, _) in pairwise(found)]
    assert max(level) < 0.05 * float(np.square(sound).mean())
