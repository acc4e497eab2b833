import tracemalloc
import wave
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from render_core.audio.delivery import delivered, delivery_for
from render_core.audio.meter import measured
from render_core.audio.mix import Sound, mix
from render_core.media.delivery import deliver
from render_core.media.pool import MediaPool
from render_core.media.profiles import PROFILES, SoundProfile
from render_core.media.sound import encode_mp3, encode_sound
from tests.factories import asset, by_path, make_sound, noise, sound_of, tone
from tests.meter import Reading, ebu_r128

DEMO = Path(__file__).parents[3] / "demo"
SECONDS = 6
AAC = SoundProfile()


@pytest.fixture(scope="module")
def voice() -> np.ndarray:
    return sound_of(DEMO / "avatar.mp4", duration_s=Fraction(SECONDS))


@pytest.fixture(scope="module")
def music() -> np.ndarray:
    return sound_of(DEMO / "music.mp3", duration_s=Fraction(SECONDS))


def write_wav(path: Path, samples: np.ndarray, rate: int = 48000) -> Path:
    """16 bits; one or two channels; samples at this rate already."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((samples.clip(-1, 1) * 32767).astype("<i2").tobytes())
    return path


def at_rate(samples: np.ndarray, rate: int) -> np.ndarray:
    """Heard at another rate, by straight lines between samples."""
    at = np.arange(int(len(samples) * rate / 48000)) * 48000 / rate
    return np.stack([np.interp(at, np.arange(len(samples)), channel) for channel in samples.T], axis=1)


def heard(folder: Path, voice: Path | None, music: Path | None = None, profile: SoundProfile = AAC) -> Reading:
    """What the meter says about a mix as it is delivered."""
    sound = Sound(
        duration_s=Fraction(SECONDS),
        voice=None if voice is None else asset(voice),
        music=None if music is None else asset(music),
    )
    with MediaPool(by_path()) as pool:
        deliver(mix(sound, pool.sound), partial(encode_sound, profile=profile), folder / "out")
    return ebu_r128(folder / "out")


def is_delivered(reading: Reading) -> bool:
    return abs(reading.lufs + 14) <= 0.5 and reading.dbtp <= -1


def test_speech_alone_music_alone_and_both_are_delivered(tmp_path, voice, music):
    spoken, played = write_wav(tmp_path / "v.wav", voice), write_wav(tmp_path / "m.wav", music)
    assert is_delivered(heard(tmp_path, spoken))
    assert is_delivered(heard(tmp_path, None, played))
    assert is_delivered(heard(tmp_path, spoken, played))


@pytest.mark.parametrize(
    ("channels", "rate"), [(1, 48000), (2, 8000), (1, 44100), (2, 96000)], ids=["mono", "8 kHz", "44.1 kHz", "96 kHz"]
)
def test_sources_of_any_rate_and_one_channel_are_delivered(tmp_path, voice, channels, rate):
    path = write_wav(tmp_path / "v.wav", at_rate(voice, rate)[:, :channels], rate)
    assert is_delivered(heard(tmp_path, path))


@pytest.mark.parametrize(
    "change",
    [
        lambda voice: voice * 0.02,
        lambda voice: np.clip(voice * 30, -1, 1),
        lambda voice: 0.3 * voice + 0.9 * (np.arange(len(voice)) % 48000 < 20)[:, None],
        lambda voice: noise(SECONDS, 0.3),
        lambda voice: tone(45, SECONDS, 0.9),
    ],
    ids=["very quiet", "clipped", "with clicks", "white noise", "a bass alone"],
)
def test_difficult_sounds_are_delivered(tmp_path, voice, change):
    path = make_sound(tmp_path / "v.wav", change(voice).astype(np.float32), "pcm_f32le")
    assert is_delivered(heard(tmp_path, path))


@pytest.mark.parametrize("key", [key for key, profile in PROFILES.items() if profile.sound], ids="-".join)
def test_every_profile_keeps_the_promise(tmp_path, voice, music, key):
    spoken, played = write_wav(tmp_path / "v.wav", voice), write_wav(tmp_path / "m.wav", music)
    profile = PROFILES[key].sound
    assert profile is not None
    assert is_delivered(heard(tmp_path, spoken, played, profile))


def test_an_mp3_keeps_the_promise_too(tmp_path, music):
    deliver([music * 0.1], encode_mp3, tmp_path / "out.mp3")
    assert is_delivered(ebu_r128(tmp_path / "out.mp3"))


def test_memory_does_not_grow_with_the_length(tmp_path, voice):
    """Four minutes of samples are 92 MB; a minute of the voice and of the mix may be kept."""

    def long(asset_ref, start_s, duration_s):
        return (voice for _ in range(int(duration_s) // SECONDS))

    source = asset(write_wav(tmp_path / "v.wav", voice))
    tracemalloc.start()
    try:
        mixture = mix(Sound(duration_s=Fraction(240), voice=source), long)
        levels = measured(mixture)
        length = sum(map(len, delivered(mixture, levels, delivery_for(levels))))
        assert (length, tracemalloc.get_traced_memory()[1] < 70e6) == (240 * 48000, True)
    finally:
        tracemalloc.stop()
