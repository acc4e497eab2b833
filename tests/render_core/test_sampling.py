import cv2
import numpy as np
import pytest

from render_core.geometry import Region
from render_core.sampling import sample, sample_plane
from tests.scenes import smooth_picture

WHOLE = Region(0, 0, 108, 192)


def affine(scale: float = 1.0, x: float = 0.0, y: float = 0.0):
    return np.array([[scale, 0, x], [0, scale, y]], np.float64)


def test_looking_straight_at_a_picture_copies_nothing():
    picture = smooth_picture()
    seen = sample(picture, affine(), WHOLE)
    assert np.shares_memory(seen.y, picture.y)
    assert np.shares_memory(seen.u, picture.u)


def test_a_shift_by_whole_pixels_is_exact():
    picture = smooth_picture()
    seen = sample(picture, affine(x=10, y=20), Region(4, 6, 40, 50))
    assert np.array_equal(seen.y, picture.y[26:76, 14:54])
    assert np.array_equal(seen.v, picture.v[13:38, 7:27])


def test_a_shift_by_a_part_of_a_pixel_interpolates():
    ramp = smooth_picture()
    ramp.y[:] = np.arange(108, dtype=np.uint8)
    seen = sample(ramp, affine(x=0.5), Region(0, 0, 100, 100))
    assert seen.y[0, 3:90].astype(int) == pytest.approx(np.arange(3, 90) + 0.5, abs=0.51)


@pytest.mark.parametrize("scale", [2, 4, 2.7, 1.4, 0.6])
def test_pixel_centres_stay_in_place_at_every_scale(scale):
    picture = smooth_picture(256, 256)
    side = int(256 / scale) // 2 * 2
    seen = sample(picture, affine(scale), Region(0, 0, side, side))
    at = ((np.arange(side) + 0.5) * scale - 0.5).clip(0, 255)
    expected = picture.y[np.round(at).astype(int)][:, np.round(at).astype(int)]
    assert np.abs(seen.y.astype(int) - expected.astype(int)).mean() < 1.5


def test_fine_detail_is_averaged_not_skipped():
    picture = smooth_picture(256, 256)
    picture.y[:] = np.indices((256, 256)).sum(axis=0) % 2 * 255
    seen = sample(picture, affine(4), Region(0, 0, 64, 64))
    assert seen.y.min() > 120
    assert seen.y.max() < 135


def test_beyond_the_edge_the_outermost_pixels_go_on():
    picture = smooth_picture()
    seen = sample(picture, affine(x=-8), Region(0, 0, 20, 20))
    assert np.array_equal(seen.y[:, 0], picture.y[:20, 0])


@pytest.mark.parametrize("zoom", [1.03, 1.045, 1.05, 1.0833, 1.1, 1.15, 1.4, 1.9])
@pytest.mark.parametrize("shift", [0, 3.37, -11.9])
def test_enlarging_a_cut_gives_what_warping_gives(zoom, shift):
    picture = smooth_picture(540, 960)
    picture.y[:] = cv2.GaussianBlur(np.random.default_rng(2).integers(0, 256, (960, 540), np.uint8), (0, 0), 1.5)
    to_source = np.array([[1 / zoom, 0, 270 - 270 / zoom - shift], [0, 1 / zoom, 480 - 480 / zoom]])
    centres = to_source + np.array([[0, 0, 0.5 / zoom - 0.5], [0, 0, 0.5 / zoom - 0.5]])
    warped = cv2.warpAffine(
        picture.y, centres, (540, 960), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )
    seen = sample(picture, to_source, Region(0, 0, 540, 960))
    assert np.abs(seen.y.astype(int) - warped).max() <= 3


def test_a_picture_enlarged_nearly_tenfold_fills_its_region():
    plane = np.zeros((30, 96), np.uint8)
    for step in np.linspace(0.101, 0.13, 60):
        for offset in np.linspace(74, 75.5, 40):
            found = sample_plane(plane, np.array([[step, 0, offset], [0, step, 9.7]]), Region(0, 0, 192, 96))
            assert found.shape == (96, 192)
