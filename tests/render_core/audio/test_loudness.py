import math

import numpy as np
import pytest

from render_core.audio.filters import impulse_response
from render_core.audio.limiter import amplified, held_gain
from render_core.audio.loudness import _K_WEIGHTING
from render_core.audio.meter import integrated_loudness, measured, true_peak_db
from render_core.audio.samples import in_blocks, joined
from tests.factories import noise, tone


def db(level: float) -> float:
    return 10 ** (level / 20)


def limited(sound: np.ndarray, gain: float, ceiling_db: float) -> np.ndarray:
    peaks = [level.peaks for level in measured([sound])]
    return joined(amplified(in_blocks([sound]), held_gain(peaks, gain, ceiling_db)))


def test_a_997_hz_sine_at_full_scale_on_both_channels_is_0_lufs():
    """The reference of BS.1770: −3.01 LUFS on one channel; two channels add 3.01 dB."""
    assert integrated_loudness(tone(997, 5, 1.0)) == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize("level", [-33, -23, -14])
def test_loudness_follows_the_level(level):
    """EBU Tech 3341, cases 1 and 2: a stereo sine of 1 kHz at −23 dBFS measures −23 LUFS."""
    assert integrated_loudness(tone(1000, 20, db(level))) == pytest.approx(level, abs=0.1)


def test_quiet_parts_are_gated():
    """EBU Tech 3341, case 3: 10 s at −36, 60 s at −23 and 10 s at −36 dBFS measure −23 LUFS."""
    parts = [tone(1000, seconds, db(level)) for seconds, level in ((10, -36), (60, -23), (10, -36))]
    assert integrated_loudness(np.concatenate(parts)) == pytest.approx(-23, abs=0.1)


def test_absolute_silence_does_not_count():
    """EBU Tech 3341, case 4: very soft parts at −72 dBFS around change nothing."""
    levels = ((10, -72), (10, -36), (60, -23), (10, -36), (10, -72))
    sound = np.concatenate([tone(1000, seconds, db(level)) for seconds, level in levels])
    assert integrated_loudness(sound) == pytest.approx(-23, abs=0.1)


@pytest.mark.parametrize("length", [0, 1, 4800, 200_000])
def test_silence_has_no_loudness(length):
    assert integrated_loudness(np.zeros((length, 2), np.float32)) == -math.inf


def test_a_sound_shorter_than_a_block_is_measured_whole():
    assert integrated_loudness(tone(1000, 0.2, db(-20))) == pytest.approx(-20, abs=1)


def test_measuring_in_blocks_is_measuring_the_whole():
    """The weighting as a recursive filter, sample by sample, as the tables of BS.1770 say it."""
    sound = noise(2.3)
    weighted = impulse_response(_K_WEIGHTING, 8192)
    direct = np.convolve(sound[:, 0].astype(np.float64), weighted)[: len(sound)]
    energy = 2 * np.square(direct).reshape(-1, 480).mean(axis=1)
    assert np.concatenate([level.energies for level in measured([sound])]) == pytest.approx(energy, rel=1e-3)


def test_peaks_between_samples_are_seen():
    """EBU Tech 3341, case 15 and on: a quarter-rate sine at 45° has samples at −3 dB of its peak."""
    at = np.arange(48000)
    wave = np.sin(2 * np.pi * at / 4 + np.pi / 4).astype(np.float32)
    sound = np.repeat(wave[:, None], 2, axis=1) * 0.5
    assert np.abs(sound).max() == pytest.approx(0.3536, abs=1e-3)
    middle = sound[4800:-4800] if len(sound) > 9600 else sound
    assert true_peak_db(middle) == pytest.approx(-6.02, abs=0.4)


def test_nothing_passes_the_ceiling():
    sound = noise(2.0, level=0.5)
    held = limited(sound, 4.0, -1.0)
    assert true_peak_db(held) <= -0.95
    assert true_peak_db(held) > -1.5


def test_below_the_ceiling_only_the_gain_is_applied():
    sound = tone(300, 1, 0.1)
    assert np.array_equal(limited(sound, 2.0, -1.0), sound * np.float32(2))


def test_the_gain_comes_down_before_a_peak_and_recovers_after():
    sound = tone(1000, 2, 0.2)
    sound[48000:48480] *= 10
    held = limited(sound, 1.0, -1.0)
    gain = np.abs(held).reshape(-1, 480, 2).max(axis=(1, 2)) / np.abs(sound).reshape(-1, 480, 2).max(axis=(1, 2))
    assert gain[:98] == pytest.approx(1)
    assert gain[100] < 0.5
    assert 0.5 < gain[103] < 0.9
    assert gain[-1] > 0.99
    assert (np.diff(gain[101:]) > -1e-3).all()
