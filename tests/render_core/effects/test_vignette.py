import numpy as np
import pytest

from render_core.effects.vignette import Vignette, corner_alpha
from render_core.picture import to_rgb
from tests.scenes import FakeMedia, flat_picture


def test_alpha_is_zero_in_the_middle_and_full_in_the_corners():
    alpha = corner_alpha(200, 400, 0.7)
    assert alpha[200, 100] == 0
    assert alpha[0, 0] == pytest.approx(0.7, abs=0.01)
    assert alpha[-1, -1] == pytest.approx(0.7, abs=0.01)


@pytest.mark.parametrize(("part", "alpha"), [(0.4, 0), (0.55, 0.14), (0.7, 0.28), (0.85, 0.49), (1, 0.7)])
def test_alpha_on_the_way_to_a_corner_follows_the_stops(part, alpha):
    plane = corner_alpha(2000, 1000, 0.7)
    x, y = 1000 + part * 999, 500 + part * 499
    assert plane[int(y), int(x)] == pytest.approx(alpha, abs=0.005)


def test_the_ellipse_has_the_proportions_of_the_canvas():
    alpha = corner_alpha(100, 300, 1.0)
    assert alpha[150, -1] == pytest.approx(alpha[-1, 50], abs=0.01)


def test_colours_are_darkened_towards_black():
    canvas = flat_picture(100, 200, (200, 100, 50))
    Vignette(strength=0.7).paint(canvas, FakeMedia())
    corner, middle = to_rgb(canvas)[1, 1], to_rgb(canvas)[100, 50]
    assert corner.astype(float) == pytest.approx(np.array([200, 100, 50]) * 0.3, abs=6)
    assert middle.astype(float) == pytest.approx([200, 100, 50], abs=3)


def test_the_mask_is_made_once():
    media = FakeMedia()
    for _ in range(2):
        Vignette(strength=0.7).paint(flat_picture(100, 200, (9, 9, 9)), media)
    assert len(media.memory) == 1
