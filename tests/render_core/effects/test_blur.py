import cv2
import numpy as np
import pytest

from render_core.effects.blur import blurred, blurred_plane
from tests.scenes import smooth_picture


def spot(side: int = 256):
    plane = np.zeros((side, side), np.uint8)
    plane[side // 2 - 20 : side // 2 + 20, side // 2 - 20 : side // 2 + 20] = 255
    return plane


@pytest.mark.parametrize("sigma", [1, 2.5, 5, 10, 16, 30])
def test_a_blur_at_a_smaller_size_looks_like_the_real_one(sigma):
    real = cv2.GaussianBlur(spot(), (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
    assert np.abs(blurred_plane(spot(), sigma).astype(int) - real).max() <= 9


def test_no_blur_changes_nothing():
    assert np.array_equal(blurred_plane(spot(), 0), spot())


def test_a_blurred_picture_keeps_its_size_and_mean():
    picture = smooth_picture()
    soft = blurred(picture, 8)
    assert (soft.y.shape, soft.u.shape) == (picture.y.shape, picture.u.shape)
    assert soft.y.mean() == pytest.approx(picture.y.mean(), abs=1)
