import cv2
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


def test_bands_are_views_of_all_rows():
    picture = Picture.black(1080, 1920)
    for rows, band in picture.bands():
        assert band.height == rows.stop - rows.start
        cv2.add(band.y, np.ones_like(band.y), dst=band.y)
        cv2.add(band.v, np.ones_like(band.v), dst=band.v)
    assert (picture.y == 17).all()
    assert (picture.v == 129).all()


def test_a_new_picture_is_packed_as_encoders_take_it():
    picture = Picture.black(32, 16)
    picture.u[:], picture.v[:] = 1, 2
    assert picture.packed is not None
    assert picture.packed.ravel().tolist() == [16] * 512 + [1] * 128 + [2] * 128


def test_a_single_lit_pixel_is_not_black():
    picture = Picture.black(32, 48)
    assert picture.is_black
    picture.y[31, 5] = 17
    assert not picture.is_black
