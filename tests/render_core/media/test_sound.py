from fractions import Fraction

import av
import numpy as np
import pytest

from render_core.errors import MediaError
from render_core.media.index import index_file
from render_core.media.sound import encode_sound
from tests.factories import make_clip, make_sound, noise, sound_of, tone


def lag(heard: np.ndarray, original: np.ndarray) -> int:
    """By how many samples ``heard`` comes later than ``original``: the peak of their correlation."""
    n = min(len(heard), len(original))
    spectra = np.fft.rfft(heard[:n, 0], 2 * n) * np.conj(np.fft.rfft(original[:n, 0], 2 * n))
    peak = int(np.fft.irfft(spectra).argmax())
    return peak if peak < n else peak - 2 * n


def sweep(seconds: float) -> np.ndarray:
    """A tone that rises from 100 Hz: every moment is different, and no decoder fills it with noise of its own."""
    at = np.arange(round(seconds * 48000)) / 48000
    wave = 0.5 * np.sin(2 * np.pi * (100 * at + 200 * at**2))
    return np.repeat(wave.astype(np.float32)[:, None], 2, axis=1)


def onset(sound: np.ndarray) -> int:
    return int(np.argmax(np.abs(sound[:, 0]) > 0.1))


def test_samples_come_back_as_they_were(tmp_path):
    original = noise(1.0)
    heard = sound_of(make_sound(tmp_path / "a.wav", original))
    assert heard.shape == (48000, 2)
    assert heard.dtype == np.float32
    assert np.abs(heard - original).max() < 1e-4


@pytest.mark.parametrize(("name", "codec"), [("a.mp3", "libmp3lame"), ("a.m4a", "aac"), ("a.ogg", "libopus")])
def test_the_delay_of_a_codec_is_taken_away(tmp_path, name, codec):
    original = noise(1.5)
    heard = sound_of(make_sound(tmp_path / name, original, codec))
    assert abs(lag(heard, original)) <= 2


def test_encoding_moves_nothing(tmp_path):
    path, original = tmp_path / "a.m4a", noise(2.0)
    encode_sound([original], path)
    heard = sound_of(path)
    assert lag(heard, original) == 0
    assert 0 <= len(heard) - len(original) < 1024


def test_equal_samples_give_equal_bytes(tmp_path):
    for name in ("a.m4a", "b.m4a"):
        encode_sound([noise(1.0)], tmp_path / name)
    assert (tmp_path / "a.m4a").read_bytes() == (tmp_path / "b.m4a").read_bytes()


def test_another_rate_and_one_channel_become_stereo_at_48_khz(tmp_path):
    mono = make_sound(tmp_path / "a.wav", tone(440, 1)[::2] * 0.5, rate=24000)
    heard = sound_of(mono)
    assert abs(len(heard) - 48000) <= 48
    assert (heard[:, 0] == heard[:, 1]).all()


@pytest.mark.parametrize("late", [0.0, 0.25, 0.5])
def test_sound_is_aligned_with_the_first_frame(tmp_path, late):
    heard = sound_of(make_clip(tmp_path / "a.mp4", tone_hz=440.0, sound_at=late))
    assert abs(onset(heard) / 48000 - late) < 0.002


def test_sound_is_aligned_with_the_first_frame_that_can_be_decoded(tmp_path):
    path = make_clip(tmp_path / "a.mp4", tone_hz=440.0, sound_at=0.5)
    with av.open(str(path)) as container:
        first = next(container.demux(video=0))
        start, size = first.pos, first.size
    data = bytearray(path.read_bytes())
    data[start : start + size] = bytes(size)
    path.write_bytes(data)
    assert index_file(path).frame_count == 28
    assert abs(onset(sound_of(path)) / 48000 - (0.5 - 12 / 30)) < 0.002


def test_sound_before_the_first_frame_is_not_heard(tmp_path):
    ticks = tuple(range(300, 300 + 40 * 20, 20))
    path = make_clip(tmp_path / "a.mp4", ticks=ticks, time_base=Fraction(1, 600), tone_hz=440.0, sound_at=0.75)
    assert abs(onset(sound_of(path)) / 48000 - 0.25) < 0.002


@pytest.mark.parametrize(("name", "codec"), [("a.wav", "pcm_s16le"), ("a.mp3", "libmp3lame"), ("a.m4a", "aac")])
def test_a_window_is_the_same_part_of_the_whole(tmp_path, name, codec):
    path = make_sound(tmp_path / name, sweep(6.0), codec)
    whole = sound_of(path)
    window = sound_of(path, Fraction(3), Fraction(3, 2))
    assert len(window) == 72000
    assert np.abs(window - whole[144000:216000]).max() < 0.02


def test_a_window_past_the_end_is_shorter(tmp_path):
    path = make_sound(tmp_path / "a.wav", noise(2.0))
    assert len(sound_of(path, Fraction(3, 2), Fraction(10))) == 24000
    assert len(sound_of(path, Fraction(5), Fraction(1))) == 0


def test_what_follows_the_sound_in_an_mp3_does_no_harm(tmp_path):
    path = make_sound(tmp_path / "a.mp3", noise(1.0), "libmp3lame")
    path.write_bytes(path.read_bytes() + b"\xff\xfb\x90" + b"APETAGEX" * 50)
    assert abs(len(sound_of(path)) - 48000) < 1200


def test_a_clip_without_sound_is_an_error(tmp_path):
    with pytest.raises(MediaError, match="no sound"):
        sound_of(make_clip(tmp_path / "a.mp4"))
