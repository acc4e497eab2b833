import numpy as np
import pytest

from render_core.effects.blend import lay
from render_core.effects.sprite import columns_of, sprite_of, sprite_resized
from render_core.picture import Picture, from_rgb


def ring() -> Picture:
    """Red, clear in its middle and half clear at its right; clear pixels are green underneath."""
    pixels = np.zeros((16, 32, 4), np.uint8)
    pixels[...] = (220, 20, 20, 255)
    pixels[:, 24:, 3] = 128
    pixels[4:12, 8:16] = (0, 255, 0, 0)
    return from_rgb(pixels)


def laid(sprite, width: int = 32, height: int = 16) -> Picture:
    canvas = Picture.black(width, height)
    canvas.y[:] = 100
    lay(canvas, sprite)
    return canvas


def test_a_sprite_covers_as_its_alpha_says():
    canvas, red = laid(sprite_of(ring())), int(ring().y[0, 0])
    assert canvas.y[1, 1] == red
    assert canvas.y[8, 12] == 100
    assert canvas.y[8, 28] == pytest.approx((red + 100) / 2, abs=2)
    assert (canvas.u[4, 6], canvas.v[4, 6]) == (128, 128)


def test_an_opaque_picture_covers_everything_and_opacity_lets_through():
    plain = Picture(*ring().planes)
    assert np.array_equal(laid(sprite_of(plain)).y, plain.y)
    assert laid(sprite_of(plain, 0.5)).y[0, 0] == pytest.approx((int(plain.y[0, 0]) + 100) / 2, abs=2)


@pytest.mark.parametrize(("width", "height"), [(16, 8), (64, 32), (10, 6)])
def test_a_resized_sprite_has_no_fringe_of_hidden_colour(width, height):
    canvas = laid(sprite_resized(sprite_of(ring()), width, height), width, height)
    assert canvas.y.shape == (height, width)
    assert canvas.u.max() <= 130  # green and blue would be on either side of red
    assert canvas.v.min() >= 126


def test_columns_are_a_part_of_a_sprite():
    whole, part = laid(sprite_of(ring())), laid(columns_of(sprite_of(ring()), 8, 20), width=12)
    assert np.array_equal(part.y, whole.y[:, 8:20])
    assert np.array_equal(part.v, whole.v[:, 4:10])
