from itertools import pairwise

import numpy as np
import pytest

from render_core.composition import Group
from render_core.geometry import Box, Region
from render_core.layers.shape import Panel
from render_core.layers.transition import Transition
from render_core.layers.window import Window
from render_core.picture import Picture, to_rgb
from tests.scenes import FakeMedia

WIDTH, HEIGHT = 64, 48
SCREEN = Box(left=0, top=0, width=WIDTH, height=HEIGHT)
MARK = Panel(box=Box(left=8, top=8, width=8, height=8), color=(255, 255, 0))
RED, BLUE = Group((Panel(box=SCREEN, color=(200, 0, 0)), MARK)), Group((Panel(box=SCREEN, color=(0, 0, 200)), MARK))
NOTHING = Group(())
KINDS = ("crossfade", "slide", "wipe")
WAYS = ("left", "right", "up", "down")


def painted(part: float, kind="crossfade", towards="left", before=RED, after=BLUE, ground: int = 16) -> Picture:
    canvas = Picture.black(WIDTH, HEIGHT)
    canvas.y[:] = ground
    Transition(kind=kind, before=before, after=after, part=part, towards=towards).paint(canvas, FakeMedia())
    return canvas


def redness(picture: Picture) -> np.ndarray:
    """Of each pixel, from 0 for blue to 1 for red."""
    rgb = to_rgb(picture).astype(float)
    return rgb[..., 0] / np.maximum(rgb[..., 0] + rgb[..., 2], 1)


@pytest.mark.parametrize("towards", WAYS)
@pytest.mark.parametrize("kind", KINDS)
def test_it_begins_with_the_first_and_ends_with_the_second(kind, towards):
    for part, alone in ((0, RED), (1, BLUE)):
        canvas = Picture.black(WIDTH, HEIGHT)
        alone.paint(canvas, FakeMedia())
        assert np.array_equal(painted(part, kind, towards).y, canvas.y)


@pytest.mark.parametrize("towards", WAYS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_first_goes_steadily(kind, towards):
    shares = [redness(painted(part, kind, towards)).mean() for part in np.linspace(0, 1, 11)]
    assert all(a > b for a, b in pairwise(shares))
    assert shares[5] == pytest.approx(shares[0] / 2 + shares[10] / 2, abs=0.06)


def test_a_crossfade_is_the_same_everywhere():
    red = redness(painted(0.3))
    assert red[40, 4] == pytest.approx(red[40, 60], abs=0.02)
    assert red[40, 4] == pytest.approx(0.7, abs=0.03)


@pytest.mark.parametrize("kind", ["slide", "wipe"])
@pytest.mark.parametrize(
    ("towards", "new", "old"),
    [("left", (24, 62), (24, 1)), ("right", (24, 1), (24, 62)), ("up", (46, 32), (1, 32)), ("down", (1, 32), (46, 32))],
)
def test_the_second_comes_from_the_other_side(kind, towards, new, old):
    red = redness(painted(0.3, kind, towards))
    assert red[new] < 0.2
    assert red[old] > 0.8


def yellow_columns(picture: Picture) -> list[int]:
    rgb = to_rgb(picture).astype(int)
    return sorted(set(np.nonzero((rgb[..., 0] > 180) & (rgb[..., 1] > 180) & (rgb[..., 2] < 90))[1].tolist()))


def test_a_slide_pushes_the_first_out_and_a_wipe_leaves_it_where_it_is():
    assert yellow_columns(painted(0.125, "slide"))[0] == 0  # 8 pixels further to the left
    assert yellow_columns(painted(0.125, "wipe"))[0] == 8


def test_the_edge_of_a_wipe_is_soft():
    row = redness(painted(0.5, "wipe"))[40]
    assert sum((row > 0.1) & (row < 0.9)) >= 5
    assert all(a >= b - 0.02 for a, b in pairwise(row))


@pytest.mark.parametrize("kind", KINDS)
def test_where_a_side_is_empty_what_lies_below_is_seen(kind):
    coming = painted(0.5, kind, before=NOTHING, ground=100)
    going = painted(0.5, kind, after=NOTHING, ground=100)
    column = {"crossfade": 32, "slide": 2, "wipe": 2}[kind]
    below = coming.y[40, column] if kind != "crossfade" else 100
    assert below == 100
    assert going.y[40, 62 if kind != "crossfade" else 2] in range(60, 101)


def test_it_hides_what_is_below_as_its_sides_do():
    def hides(before, after, part):
        return Transition(kind="wipe", before=before, after=after, part=part).hides_all_below(WIDTH, HEIGHT)

    assert hides(RED, BLUE, 0.5)
    assert not hides(NOTHING, BLUE, 0.5)
    assert hides(NOTHING, BLUE, 1)
    assert hides(RED, NOTHING, 0)


def test_a_window_cuts_off_what_reaches_beyond_it_and_moves_its_contents():
    canvas = Picture.black(WIDTH, HEIGHT)
    Window(region=Region(10, 6, 20, 12), drawings=(Panel(box=SCREEN, color=(255, 255, 255)),)).paint(
        canvas, FakeMedia()
    )
    rows, columns = np.nonzero(canvas.y > 100)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (6, 17, 10, 29)


def test_the_round_corners_of_a_window_show_what_is_below():
    canvas = Picture.black(WIDTH, HEIGHT)
    canvas.y[:] = 77
    white = Panel(box=SCREEN, color=(255, 255, 255))
    Window(region=Region(10, 6, 40, 30), drawings=(white,), radius=8).paint(canvas, FakeMedia())
    assert canvas.y[6, 10] == canvas.y[6, 49] == canvas.y[35, 10] == canvas.y[35, 49] == 77
    assert canvas.y[6, 30] == canvas.y[20, 10] == canvas.y[9, 13] == 235


def test_a_window_hides_what_is_below_only_where_it_is_everything():
    white = Panel(box=SCREEN, color=(255, 255, 255))
    whole = Region(0, 0, WIDTH, HEIGHT)
    assert Window(region=whole, drawings=(white,)).hides_all_below(WIDTH, HEIGHT)
    assert not Window(region=whole, drawings=(white,), radius=4).hides_all_below(WIDTH, HEIGHT)
    assert not Window(region=whole, drawings=(MARK,)).hides_all_below(WIDTH, HEIGHT)
    assert not Window(region=Region(0, 0, 32, 48), drawings=(white,)).hides_all_below(WIDTH, HEIGHT)


@pytest.mark.parametrize("radius", [0, 3.5, 40])
def test_a_window_of_any_size_is_painted(radius):
    for region in (Region(0, 0, 2, 2), Region(62, 46, 2, 2), Region(0, 0, 0, 0), Region(4, 4, 30, 6)):
        Window(region=region, drawings=(MARK,), radius=radius).paint(Picture.black(WIDTH, HEIGHT), FakeMedia())
