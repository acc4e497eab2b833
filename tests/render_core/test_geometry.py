from math import ceil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from render_core.effects.mask import box_mask
from render_core.geometry import Box, Focus, Region, fit_box, inner_box, is_covered, parts_of, region_of

WINDOW = Box(left=10, top=20, width=100, height=50)
LENGTHS = st.floats(1, 500)


@given(LENGTHS, LENGTHS, st.floats(-0.5, 0.5), st.floats(-0.5, 0.5), st.floats(1, 3))
def test_covering_never_leaves_a_part_of_the_window_empty(width, height, x, y, scale):
    laid = fit_box((round(width) + 1, round(height) + 1), WINDOW, "cover", Focus(x=x, y=y, scale=scale))
    assert laid.contains(WINDOW, slack=1e-6)


@given(LENGTHS, LENGTHS)
def test_containing_keeps_the_whole_picture_inside_centred_and_in_proportion(width, height):
    size = (round(width) + 1, round(height) + 1)
    laid = fit_box(size, WINDOW, "contain")
    assert WINDOW.contains(laid, slack=1e-6)
    assert laid.centre == pytest.approx(WINDOW.centre)
    assert laid.width / laid.height == pytest.approx(size[0] / size[1])


def test_focus_moves_the_picture_by_parts_of_its_own_size():
    middle = fit_box((100, 100), WINDOW, "cover", Focus(scale=2))
    shifted = fit_box((100, 100), WINDOW, "cover", Focus(x=0.1, y=-0.2, scale=2))
    assert (shifted.left - middle.left, shifted.top - middle.top) == pytest.approx((20, -40))


@given(st.floats(-50, 150), st.floats(-50, 150), st.floats(0.1, 200), st.floats(0.1, 200))
def test_a_region_is_even_inside_the_canvas_and_holds_all_that_is_seen(left, top, width, height):
    box = Box(left=left, top=top, width=width, height=height)
    region = region_of(box, 100, 80)
    assert all(value % 2 == 0 for value in (region.x, region.y, region.width, region.height))
    seen = box.intersection(Box(left=0, top=0, width=100, height=80))
    assert seen.width * seen.height < 1e-3 or region.box.contains(seen)
    assert Region(0, 0, 100, 80).box.contains(region.box) or region.is_empty


def test_a_box_on_its_way_is_between_both_ends():
    other = Box(left=0, top=0, width=200, height=100)
    assert WINDOW.towards(other, 0) == WINDOW
    assert WINDOW.towards(other, 1) == other
    assert WINDOW.towards(other, 0.5) == Box(left=5, top=10, width=150, height=75)


def test_scaling_keeps_the_centre():
    assert WINDOW.scaled(1.1).centre == pytest.approx(WINDOW.centre)
    assert WINDOW.scaled(1.1).width == pytest.approx(110)


CORES = st.builds(Box, left=st.floats(-50, 900), top=st.floats(-50, 900), width=LENGTHS, height=LENGTHS)


@given(CORES)
def test_the_pieces_of_a_region_cover_each_of_its_pixels_once(core):
    whole = Region(10, 20, 800, 900)
    count = np.zeros((900, 800), np.uint8)
    for part in parts_of(whole, core):
        assert not any(side % 2 for side in (part.x, part.y, part.width, part.height))
        count[part.slices(whole)] += 1
    assert (count == 1).all()


def test_the_first_piece_lies_within_a_large_core_and_small_cores_are_not_worth_it():
    whole, large = Region(0, 0, 800, 900), Box(left=101.5, top=50, width=600, height=700)
    assert parts_of(whole, large)[0] == Region(102, 50, 598, 700)
    assert parts_of(whole, large.scaled(0.5)) == (whole,)


@given(st.integers(1, 600), st.integers(1, 2000))
def test_bands_cover_a_region_from_the_top_down(width, height):
    whole = Region(4, 6, 2 * width, 2 * height)
    bands = list(whole.bands())
    assert [band.y for band in bands] == [6 + sum(b.height for b in bands[:i]) for i in range(len(bands))]
    assert sum(band.height for band in bands) == whole.height
    assert all(band.height % 2 == 0 and (band.x, band.width) == (4, 2 * width) for band in bands)


@given(st.floats(0, 0.5))
def test_the_pixels_of_the_inner_box_are_covered(roundness):
    box = Box(left=3, top=5, width=301, height=207)
    inner = inner_box(box, roundness)
    region = Region(0, 0, 310, 220)
    mask = box_mask(box, (box.width * roundness, box.height * roundness), region)
    left, top = ceil(inner.left), ceil(inner.top)
    assert mask[top : int(inner.bottom), left : int(inner.right)].min() > 250


@given(st.integers(0, 300), st.integers(0, 200), st.integers(1, 300), st.integers(1, 200), st.floats(0, 0.5))
def test_what_counts_as_covered_has_a_full_mask(x, y, width, height, roundness):
    box, region = Box(left=3, top=5, width=301, height=207), Region(x, y, width, height)
    if is_covered(region, box, roundness):
        assert box_mask(box, (box.width * roundness, box.height * roundness), region).min() > 250
