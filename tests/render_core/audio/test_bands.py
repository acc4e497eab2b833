import weakref

import numpy as np
import pytest

from render_core.audio.bands import EDGES_HZ, bands_of
from render_core.audio.samples import SAMPLE_RATE
from tests.factories import noise, tone


@pytest.mark.parametrize("hz", [300, 1000, 3000])
def test_a_tone_is_in_its_band_with_its_power(hz):
    power = bands_of([tone(hz, 1, 0.5)])[50]
    band = next(index for index, edge in enumerate(EDGES_HZ[1:]) if hz < edge)
    assert power.argmax() == band
    assert power[band] == pytest.approx(0.125, rel=0.2)


def test_there_is_a_step_for_every_10_ms_begun():
    assert [len(bands_of([noise(1)[:length]])) for length in (0, 1, 480, 481, 48_000)] == [0, 1, 1, 2, 100]


@pytest.mark.parametrize("size", [479, 48_000, 700_001])
def test_pieces_of_any_size_have_the_same_bands(size):
    sound = noise(25)
    pieces = (sound[at : at + size] for at in range(0, len(sound), size))
    np.testing.assert_array_equal(bands_of(pieces), bands_of([sound]))


def test_a_long_sound_is_never_held_whole():
    living: list[weakref.ref[np.ndarray]] = []
    most = 0

    def pieces():
        nonlocal most
        for number in range(60):
            piece = noise(1, seed=number)
            living.append(weakref.ref(piece))
            most = max(most, sum(ref() is not None for ref in living))
            yield piece

    assert bands_of(pieces()).shape == (6000, len(EDGES_HZ) - 1)
    assert most <= 12


def test_a_click_is_where_it_is():
    sound = np.zeros((SAMPLE_RATE, 2), np.float32)
    sound[24_240] = 1
    assert int(bands_of([sound]).sum(axis=1).argmax()) == 50
