import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from render_core.effects.blend import blend
from render_core.effects.color import PLAIN, Look, apply_look
from render_core.picture import Picture, to_rgb
from tests.scenes import flat_picture, smooth_picture

SPEAKER = Look(brightness=1.14, contrast=1.15, saturation=1.3)


def css(color, look: Look):
    """The filters as CSS defines them, in floats."""
    bright = np.clip(np.array(color) / 255 * look.brightness, 0, 1)
    contrast = np.clip((bright - 0.5) * look.contrast + 0.5, 0, 1)
    weights = np.array([0.213, 0.715, 0.072])
    gray = contrast @ weights
    return np.clip(gray + (contrast - gray) * look.saturation, 0, 1) * 255


def seen_through(color, look: Look):
    source = flat_picture(4, 4, color)
    out = Picture.black(4, 4)
    apply_look(source, look, out)
    return to_rgb(out)[1, 1].astype(float)


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_a_colour_is_filtered_as_css_filters_it(color):
    assert seen_through(color, SPEAKER) == pytest.approx(css(color, SPEAKER), abs=6)


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_a_colour_mixed_with_another_is_clamped_before_that(color):
    below, seen = flat_picture(4, 4, (110, 120, 130)), Picture.black(4, 4)
    apply_look(flat_picture(4, 4, color), SPEAKER, seen)
    blend(below, seen, 0.5)
    expected = (css(color, SPEAKER) + np.array([110, 120, 130])) / 2
    assert to_rgb(below)[1, 1].astype(float) == pytest.approx(expected, abs=6)


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_a_dimmed_colour_is_clamped_before_that(color):
    out = Picture.black(4, 4)
    apply_look(flat_picture(4, 4, color), SPEAKER, out, 0.5)
    assert to_rgb(out)[1, 1].astype(float) == pytest.approx(css(color, SPEAKER) / 2, abs=6)


@given(st.integers(0, 255), st.floats(0.5, 2), st.floats(0.5, 2))
def test_grey_is_filtered_to_within_rounding(level, brightness, contrast):
    look = Look(brightness=brightness, contrast=contrast, saturation=1.3)
    rounding = 2 + brightness * contrast  # the source's own rounding is amplified
    assert seen_through((level,) * 3, look) == pytest.approx(css((level,) * 3, look), abs=rounding)


def test_bright_skin_turns_white_where_all_channels_are_clamped():
    assert seen_through((255, 235, 225), SPEAKER) == pytest.approx([255, 255, 255], abs=3)


def test_a_plain_look_copies():
    source, out = smooth_picture(), Picture.black(108, 192)
    apply_look(source, PLAIN, out)
    assert np.array_equal(out.y, source.y)
    assert np.array_equal(out.u, source.u)


def test_the_source_is_left_alone():
    source = smooth_picture()
    before = source.copy()
    apply_look(source, SPEAKER, Picture.black(108, 192))
    assert np.array_equal(source.y, before.y)
    assert np.array_equal(source.u, before.u)
