import numpy as np
import pytest

from render_core.effects.grain import Grain
from tests.scenes import FakeMedia, flat_picture


def grained(strength: float, frame: int, seed: int = 1):
    canvas = flat_picture(200, 200, (128, 128, 128))
    Grain(strength=strength, seed=seed, frame=frame).paint(canvas, FakeMedia())
    return canvas.y.astype(float)


def test_the_same_frame_always_has_the_same_grain():
    assert np.array_equal(grained(0.5, 7), grained(0.5, 7))


@pytest.mark.parametrize(("frame", "seed"), [(8, 1), (7, 2)])
def test_another_frame_or_seed_has_unrelated_grain(frame, seed):
    a, b = grained(1, 7), grained(1, frame, seed)
    assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 0.05


def test_grain_is_fine_faint_and_does_not_change_brightness():
    noise = grained(1, 0)
    assert noise.std() == pytest.approx(5, rel=0.05)
    assert noise.mean() == pytest.approx(flat_picture(2, 2, (128, 128, 128)).y.mean(), abs=0.1)
    assert abs(np.corrcoef(noise[:, 1:].ravel(), noise[:, :-1].ravel())[0, 1]) < 0.05
