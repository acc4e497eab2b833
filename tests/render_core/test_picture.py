import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from render_core.picture import Picture, from_rgb, to_rgb, yuv_of
from tests.scenes import flat_picture, smooth_rgb


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_a_colour_survives_the_way_through_yuv(color):
    assert to_rgb(flat_picture(4, 4, color))[0, 0].astype(int) == pytest.approx(color, abs=2)


@pytest.mark.parametrize(
    ("color", "codes"),
    [((0, 0, 0), (16, 128, 128)), ((255, 255, 255), (235, 128, 128)), ((255, 0, 0), (63, 102, 240))],
)
def test_codes_are_those_of_bt709_in_limited_range(color, codes):
    assert yuv_of(color) == codes


def test_a_smooth_picture_survives_too():
    pixels = smooth_rgb(64, 48)
    assert np.abs(to_rgb(from_rgb(pixels)).astype(int) - pixels).mean() < 2


def test_a_region_is_a_view():
    picture = Picture.black(64, 48)
    picture.region(10, 20, 8, 6).y[:] = 200
    assert (picture.y[20:26, 10:18] == 200).all()
    assert picture.y.astype(int).sum() == 16 * 64 * 48 + 48 * 184


def test_odd_sides_lose_their_last_line_and_alpha_is_kept():
    pixels = np.zeros((5, 7, 4), np.uint8)
    pixels[..., 3] = 77
    picture = from_rgb(pixels)
    assert (picture.width, picture.height) == (6, 4)
    assert (picture.alpha == 77).all()


def test_clear_pixels_lend_no_colour_to_an_edge():
    pixels = np.zeros((4, 4, 4), np.uint8)
    pixels[:, 1] = (255, 0, 0, 255)
    picture = from_rgb(pixels)
    assert to_rgb(picture)[:, 1].astype(int).mean(axis=0) == pytest.approx([255, 0, 0], abs=60)
    assert (picture.u[:, 1], picture.v[:, 1]) == (pytest.approx([128, 128]), pytest.approx([128, 128]))
