import numpy as np
import pytest

from render_core.effects.blend import blend, screened, tint, union
from render_core.picture import Picture, to_rgb, yuv_of
from tests.scenes import flat_picture, smooth_picture

LEFT_HALF = np.repeat(np.array([[255, 255, 0, 0]], np.uint8), 4, axis=0)


def pixel(picture: Picture, row: int = 1, column: int = 1):
    return to_rgb(picture)[row, column].astype(float)


def test_an_opacity_mixes_evenly():
    canvas = flat_picture(4, 4, (200, 0, 100))
    blend(canvas, flat_picture(4, 4, (0, 200, 100)), 0.25)
    assert pixel(canvas) == pytest.approx([150, 50, 100], abs=3)


def test_a_mask_decides_where():
    canvas = flat_picture(4, 4, (200, 0, 0))
    blend(canvas, flat_picture(4, 4, (0, 0, 200)), 1, LEFT_HALF)
    assert pixel(canvas, 0, 0) == pytest.approx([0, 0, 200], abs=3)
    assert pixel(canvas, 0, 3) == pytest.approx([200, 0, 0], abs=3)


def test_equal_pictures_stay_what_they_are_through_any_mask():
    canvas, mask = smooth_picture(), np.random.default_rng(1).integers(0, 256, (192, 108), np.uint8)
    before = canvas.copy()
    blend(canvas, before, 0.8, mask)
    assert np.abs(canvas.y.astype(int) - before.y).max() <= 1


def test_screen_adds_light_as_css_does():
    seen = screened(flat_picture(4, 4, (100, 50, 200)), flat_picture(4, 4, (60, 200, 120)))
    expected = [255 - (255 - a) * (255 - b) / 255 for a, b in ((100, 60), (50, 200), (200, 120))]
    assert pixel(seen) == pytest.approx(expected, abs=5)


def test_a_tint_lays_a_colour_over_what_the_mask_covers():
    canvas = flat_picture(4, 4, (40, 80, 120))
    tint(canvas, yuv_of((255, 255, 255)), LEFT_HALF // 2)
    assert pixel(canvas, 0, 0) == pytest.approx([147.5, 167.5, 187.5], abs=4)
    assert pixel(canvas, 0, 3) == pytest.approx([40, 80, 120], abs=3)


def test_two_masks_together_cover_what_either_covers():
    a, b = np.array([[0, 255, 128]], np.uint8), np.array([[0, 10, 128]], np.uint8)
    assert union(a, b).tolist() == [[0, 255, 192]]
