import numpy as np
import pytest

from render_core.effects.glass import Glass, Rim
from render_core.geometry import Box
from render_core.picture import Picture
from tests.scenes import FakeMedia, flat_picture, smooth_picture

CIRCLE = Box(left=100, top=100, width=200, height=200)


def glass(**changes: object) -> Glass:
    return Glass(**{"box": CIRCLE, "roundness": 0.5, "opacity": 1.0, "turn_deg": 0.0, "px": 0.5} | changes)


def gray_under(drawing):
    canvas = flat_picture(400, 400, (100, 100, 100))
    before = int(canvas.y[0, 0])
    drawing.paint(canvas, FakeMedia())
    return canvas.y.astype(int) - before


def test_the_pane_is_a_tenth_larger_than_the_picture_and_lightens_it():
    change = gray_under(glass())
    assert change[200, 200] > 8
    assert change[200, 200 - 108] > 8
    assert change[200, 200 - 118] <= 0


def test_the_streak_is_brightest_where_it_begins_and_turns_clockwise():
    upright, turned = gray_under(glass()), gray_under(glass(turn_deg=90))
    above, right, below = (95, 200), (200, 305), (305, 200)
    assert upright[above] > upright[right] + 20
    assert abs(upright[right] - upright[below]) <= 2
    assert turned[right] == pytest.approx(upright[above], abs=3)


def test_a_soft_shadow_falls_below_the_pane():
    change = gray_under(glass())
    assert change[200 + 114, 200] < -2
    assert change[200 + 114, 200] < change[200 - 114, 200]
    assert change[5, 5] == 0


def test_what_lies_under_the_pane_is_blurred_and_around_it_untouched():
    canvas = smooth_picture(400, 400)
    canvas.y[::2] = 40
    canvas.y[1::2] = 200
    before = canvas.y.copy()
    glass().paint(canvas, FakeMedia())
    assert np.diff(canvas.y[150:250, 200].astype(int)).std() < 3
    assert np.array_equal(canvas.y[:20], before[:20])


def test_without_opacity_nothing_is_drawn():
    assert not gray_under(glass(opacity=0.0)).any()


def test_a_pane_off_the_canvas_draws_nothing_and_one_on_its_edge_is_cut():
    assert not gray_under(glass(box=Box(left=900, top=0, width=100, height=100))).any()
    assert gray_under(glass(box=Box(left=-100, top=-100, width=200, height=200)))[50, 50] > 8


def test_the_rim_lightens_only_the_edge_of_the_picture():
    change = gray_under(Rim(box=CIRCLE, roundness=0.5, opacity=1.0, px=1.0))
    assert change[200, 101] > 20
    assert change[200, 200] == 0
    assert change[200, 95] == 0


LARGE = Box(left=40.5, top=60.2, width=640, height=1100)


@pytest.mark.parametrize("box", [CIRCLE, LARGE])
def test_a_pane_on_black_looks_as_on_what_is_nearly_black(box):
    black, nearly = Picture.black(720, 1280), Picture.black(720, 1280)
    nearly.y[:] = 17
    for canvas in (black, nearly):
        glass(box=box, roundness=0.2, opacity=0.7).paint(canvas, FakeMedia())
    assert np.abs(black.y.astype(int) - nearly.y).max() <= 3
    assert np.abs(black.u.astype(int) - nearly.u).max() <= 1


def test_the_rim_of_a_large_picture_is_that_of_a_small_one():
    """Painted in pieces and in one."""
    large, small = flat_picture(720, 1280, (90, 90, 90)), flat_picture(720, 300, (90, 90, 90))
    Rim(box=LARGE, roundness=0, opacity=1, px=0.5).paint(large, FakeMedia())
    Rim(box=LARGE, roundness=0, opacity=1, px=0.5).paint(small, FakeMedia())
    assert np.array_equal(large.y[:300], small.y)
    assert large.y[64, 300] == large.y[600, 300] < large.y[61, 300]
