from math import pi

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from render_core.effects.mask import box_mask, half_mask
from render_core.geometry import Box, Region

CANVAS = Region(0, 0, 100, 80)


def area(mask) -> float:
    return float(mask.sum()) / 255


@given(st.floats(2, 40), st.floats(2, 30), st.floats(5, 50), st.floats(5, 40))
def test_a_sharp_box_covers_its_exact_area(left, top, width, height):
    box = Box(left=left, top=top, width=width, height=height)
    assert area(box_mask(box, (0, 0), CANVAS)) == pytest.approx(width * height, rel=0.01, abs=0.5)


@given(st.floats(30, 60), st.floats(30, 50), st.floats(4, 25))
def test_a_circle_covers_its_exact_area_wherever_it_lies_between_pixels(x, y, radius):
    box = Box(left=x - radius, top=y - radius, width=2 * radius, height=2 * radius)
    inside = box.intersection(CANVAS.box)
    if inside == box:
        assert area(box_mask(box, (radius, radius), CANVAS)) == pytest.approx(pi * radius**2, rel=0.01, abs=1)


def test_an_ellipse_covers_its_area_to_a_percent():
    box = Box(left=10.3, top=20.7, width=70, height=40)
    assert area(box_mask(box, (35, 20), CANVAS)) == pytest.approx(pi * 35 * 20, rel=0.01)


def test_round_corners_leave_the_rest_of_the_box_whole():
    box = Box(left=10, top=10, width=60, height=40)
    mask = box_mask(box, (8, 8), CANVAS)
    assert (mask[10:50, 18:62] == 255).all()
    assert (mask[18:42, 10:70] == 255).all()
    assert mask[10, 10] == 0
    assert area(mask) == pytest.approx(60 * 40 - (4 - pi) * 64, rel=0.005)


def test_a_part_of_a_mask_is_the_mask_of_that_part():
    box = Box(left=10.4, top=12.1, width=61, height=47)
    part = Region(40, 30, 40, 40)
    whole = box_mask(box, (20, 11), CANVAS)
    assert np.array_equal(box_mask(box, (20, 11), part), whole[30:70, 40:80])


def test_chroma_gets_the_mean_of_four_pixels():
    mask = np.array([[255, 255, 0, 0], [255, 255, 0, 200]], np.uint8)
    assert half_mask(mask).tolist() == [[255, 50]]
