import math
from fractions import Fraction

import numpy as np
import pytest

from render_core.audio.delivery import delivered, delivery_for
from render_core.audio.ducking import duck_gain
from render_core.audio.meter import integrated_loudness, measured, true_peak_db
from render_core.audio.mix import Sound, mix
from render_core.audio.samples import Take, joined
from render_core.media.pool import MediaPool
from render_core.media.probe import probe
from render_core.media.sound import encode_sound
from render_core.spec import AssetRef, MediaInfo
from tests.factories import asset, by_path, noise, sound_of, tone

VOICE = AssetRef(sha256="a" * 64, key="voice", info=MediaInfo(kind="audio", has_audio=True))
MUSIC = AssetRef(sha256="b" * 64, key="music", info=MediaInfo(kind="audio", has_audio=True))
SILENT_CLIP = AssetRef(sha256="c" * 64, key="clip", info=MediaInfo(kind="video"))


def reader(**sounds: np.ndarray):
    """Assets by key from arrays, windows cut as a real reader does."""

    def read(asset_ref, start_s, duration_s):
        start = round(start_s * 48000)
        stop = None if duration_s is None else start + round(duration_s * 48000)
        return [sounds[asset_ref.key][start:stop]]

    return read


def mixed(sound: Sound, read) -> np.ndarray:
    """The whole mix at once, as it is delivered to the encoder."""
    mixture = mix(sound, read)
    levels = measured(mixture)
    return joined(delivered(mixture, levels, delivery_for(levels)))


def speaking(seconds: float) -> np.ndarray:
    """One second of voice, one of silence, and so on."""
    voice = noise(seconds, 0.15)
    voice[(np.arange(len(voice)) // 48000) % 2 == 1] = 0
    return voice


def level(sound: np.ndarray, start: float, stop: float) -> float:
    part = sound[int(start * 48000) : int(stop * 48000)]
    return 10 * math.log10(float(np.mean(np.square(part))) + 1e-12)


@pytest.mark.parametrize("duration", [Fraction(3), Fraction(91 * 1001, 30000), Fraction(1, 30)])
def test_the_mix_is_as_long_as_the_picture(duration):
    sound = Sound(duration_s=duration, voice=VOICE, music=MUSIC)
    assert len(mixed(sound, reader(voice=noise(2), music=noise(1)))) == int(duration * 48000)


def test_the_mix_is_delivered_at_minus_14_lufs_below_minus_1_dbtp():
    out = mixed(
        Sound(duration_s=Fraction(8), voice=VOICE, music=MUSIC), reader(voice=speaking(8), music=tone(220, 9, 0.4))
    )
    assert integrated_loudness(out) == pytest.approx(-14, abs=0.3)
    assert true_peak_db(out) <= -1


def test_peaky_sound_reaches_the_loudness_too():
    clicks = noise(6.0, 0.02)
    clicks[::4800] = 0.9
    out = mixed(Sound(duration_s=Fraction(6), voice=VOICE), reader(voice=clicks))
    assert integrated_loudness(out) == pytest.approx(-14, abs=0.5)
    assert true_peak_db(out) <= -1


def test_the_mix_is_deterministic():
    sound = Sound(duration_s=Fraction(4), voice=VOICE, music=MUSIC)
    read = reader(voice=speaking(4), music=noise(1.3))
    assert mixed(sound, read).tobytes() == mixed(sound, read).tobytes()


def test_silence_stays_silent():
    out = mixed(Sound(duration_s=Fraction(2), voice=VOICE), reader(voice=np.zeros((96000, 2), np.float32)))
    assert not out.any()


def test_faint_noise_is_not_made_loud():
    out = mixed(Sound(duration_s=Fraction(2), voice=VOICE), reader(voice=noise(2, 0.0003)))
    assert integrated_loudness(out) < -25


@pytest.mark.parametrize(
    "sound",
    [
        Sound(duration_s=Fraction(1)),
        Sound(duration_s=Fraction(1), voice=SILENT_CLIP),
        Sound(duration_s=Fraction(1), voice=VOICE, voice_volume=0),
        Sound(duration_s=Fraction(1), music=MUSIC, music_volume=0),
    ],
    ids=["nothing", "a clip without sound", "voice turned off", "music turned off"],
)
def test_without_sound_there_is_silence_of_the_right_length(sound):
    out = mixed(sound, reader(voice=noise(1), music=noise(1)))
    assert out.shape == (48000, 2)
    assert not out.any()


def test_the_voice_ends_where_its_file_ends():
    out = mixed(Sound(duration_s=Fraction(3), voice=VOICE), reader(voice=noise(1)))
    assert out[:48000].any()
    assert not out[48000:].any()


@pytest.mark.parametrize("seconds", [0.1, 1.3, 2.9, 7.0])
def test_music_fills_the_whole_length(seconds):
    out = mixed(Sound(duration_s=Fraction(6), music=MUSIC, fade_out_s=0), reader(music=noise(seconds)))
    levels = [level(out, at / 4, at / 4 + 0.25) for at in range(24)]
    assert max(levels) - min(levels) < 1.5


def test_empty_music_is_silence():
    out = mixed(Sound(duration_s=Fraction(1), music=MUSIC), reader(music=np.zeros((0, 2), np.float32)))
    assert not out.any()


def test_the_loop_has_no_click():
    out = mixed(Sound(duration_s=Fraction(6), music=MUSIC, fade_out_s=0), reader(music=tone(110.3, 1.37, 0.3)))
    steps = np.abs(np.diff(out[:, 0]))
    assert steps.max() < 1.6 * np.percentile(steps, 99)


def test_music_fades_out():
    out = mixed(Sound(duration_s=Fraction(6), music=MUSIC, fade_out_s=2.0), reader(music=noise(6)))
    assert level(out, 3, 4) - level(out, 4.9, 5.1) == pytest.approx(3, abs=0.7)
    assert level(out, 5.95, 6) < level(out, 3, 4) - 20


def test_the_voice_does_not_fade():
    out = mixed(Sound(duration_s=Fraction(4), voice=VOICE, fade_out_s=2.0), reader(voice=noise(4)))
    assert level(out, 3.5, 4) == pytest.approx(level(out, 0, 1), abs=0.5)


def test_the_voice_is_not_moved():
    voice = speaking(3)
    out = mixed(Sound(duration_s=Fraction(3), voice=VOICE), reader(voice=voice))
    spectra = np.fft.rfft(out[:, 0], 2 * len(out)) * np.conj(np.fft.rfft(voice[:, 0], 2 * len(out)))
    assert np.fft.irfft(spectra).argmax() == 0


def test_volumes_set_the_balance():
    both = reader(voice=tone(300, 4, 0.2), music=tone(3000, 4, 0.2))
    plain = {"duration_s": Fraction(4), "duck": False, "fade_out_s": 0}
    out = mixed(Sound(voice=VOICE, voice_volume=2.0, music=MUSIC, music_volume=0.5, **plain), both)
    spectrum = np.abs(np.fft.rfft(out[:, 0]))
    assert spectrum[300 * 4] / spectrum[3000 * 4] == pytest.approx(4, rel=0.02)


def test_music_goes_down_fast_and_comes_up_slowly():
    voice = np.concatenate([np.zeros((48000, 2), np.float32), noise(1.0, 0.15), np.zeros((96000, 2), np.float32)])
    gain_db = 20 * np.log10(np.concatenate(list(duck_gain([voice]))))
    assert gain_db[40000] == 0
    assert gain_db[48000 + 12000] == pytest.approx(-10, abs=0.2)
    assert gain_db[48000 + 2400] == pytest.approx(-10 * (1 - math.exp(-1)), abs=1)
    assert gain_db[96000 + 19200] == pytest.approx(-10 * math.exp(-1), abs=1)
    assert gain_db[-1] > -0.5
    assert np.abs(np.diff(gain_db)).max() < 0.01


def test_ducking_can_be_turned_off():
    both = reader(voice=speaking(4), music=tone(3000, 4, 0.2))
    plain = {"duration_s": Fraction(4), "voice": VOICE, "music": MUSIC, "fade_out_s": 0}
    ducked, steady = (mixed(Sound(duck=duck, **plain), both) for duck in (True, False))
    assert level(steady, 1.2, 1.3) == pytest.approx(level(steady, 1.8, 1.9), abs=0.1)
    assert level(ducked, 1.02, 1.1) < level(ducked, 1.8, 1.9) - 4


@pytest.mark.shared_media
def test_a_real_voice_and_music_are_delivered_after_aac(tmp_path, shared_media):
    voice, music = asset(shared_media / "avatar.mp4"), asset(shared_media / "music.mp3")
    with MediaPool(by_path()) as pool:
        out = mixed(Sound(duration_s=Fraction(10), voice=voice, music=music), pool.sound)
    path = tmp_path / "mix.m4a"
    encode_sound([out], path)
    heard = sound_of(path)
    assert integrated_loudness(heard) == pytest.approx(-14, abs=0.5)
    assert true_peak_db(heard) <= -1
    assert abs(probe(path).duration_s - 10) <= Fraction(1024, 48000)


@pytest.mark.parametrize("size", [997, 48000, 10**9])
def test_the_size_of_pieces_changes_no_sample(size):
    sounds = {"voice": speaking(4), "music": noise(1.3)}

    def in_pieces(asset_ref, start_s, duration_s):
        return (sounds[asset_ref.key][at : at + size] for at in range(0, len(sounds[asset_ref.key]), size))

    sound = Sound(duration_s=Fraction(7), voice=VOICE, music=MUSIC)
    assert mixed(sound, in_pieces).tobytes() == mixed(sound, reader(**sounds)).tobytes()


@pytest.mark.parametrize(("seconds", "times"), [(59, 1), (61, 3)])
def test_a_minute_of_a_sound_is_kept_and_a_longer_one_decoded_anew(seconds, times):
    decoded = []

    def decode():
        decoded.append(seconds)
        return (np.full((48000, 2), n, np.float32) for n in range(seconds))

    take = Take(decode)
    assert [[piece[0, 0] for piece in take] for _ in range(3)] == [list(range(seconds))] * 3
    assert len(decoded) == times
