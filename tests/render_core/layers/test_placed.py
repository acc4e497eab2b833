import cv2
import numpy as np
import pytest

from render_core.effects.blend import blend
from render_core.effects.color import Look
from render_core.effects.mask import box_mask
from render_core.geometry import Box, Region
from render_core.layers.placed import Move, Placement, paint_placed
from render_core.picture import Picture
from render_core.sampling import sample
from tests.scenes import FakeMedia, flat_picture, mean_difference, smooth_picture

WIDTH, HEIGHT = 108, 192
SCREEN = Box(left=0, top=0, width=WIDTH, height=HEIGHT)
WHITE = (255, 255, 255)


def painted(source: Picture, placement: Placement, width: int = WIDTH, height: int = HEIGHT) -> Picture:
    canvas = Picture.black(width, height)
    paint_placed(canvas, source, placement, FakeMedia())
    return canvas


def test_a_picture_of_the_canvas_size_is_copied_as_it_is():
    source = smooth_picture()
    canvas = painted(source, Placement(box=SCREEN))
    assert np.array_equal(canvas.y, source.y)
    assert np.array_equal(canvas.u, source.u)
    assert np.array_equal(canvas.v, source.v)


def test_painting_leaves_the_source_alone():
    source = smooth_picture()
    before = source.copy()
    painted(source, Placement(box=SCREEN, look=Look(brightness=1.5), opacity=0.5, roundness=0.3))
    assert np.array_equal(source.y, before.y)


def test_contain_leaves_bars_and_cover_none():
    square = flat_picture(64, 64, WHITE)
    contained = painted(square, Placement(box=SCREEN, fit="contain"))
    assert contained.y[:40].max() == 16
    assert contained.y[96, 54] == 235
    assert painted(square, Placement(box=SCREEN, fit="cover")).y.min() == 235


def test_only_the_window_is_painted():
    box = Box(left=20, top=30, width=40, height=50)
    canvas = painted(flat_picture(64, 64, WHITE), Placement(box=box))
    assert (canvas.y[30:80, 20:60] == 235).all()
    canvas.y[30:80, 20:60] = 16
    assert (canvas.y == 16).all()


def test_edges_between_pixels_are_covered_in_part():
    box = Box(left=20.5, top=30, width=40, height=50)
    row = painted(flat_picture(64, 64, WHITE), Placement(box=box)).y[50]
    assert row[20] == pytest.approx(16 + 219 / 2, abs=2)
    assert row[60] == pytest.approx(16 + 219 / 2, abs=2)


def test_a_roundness_of_a_half_makes_a_circle():
    box = Box(left=20, top=30, width=40, height=40)
    canvas = painted(flat_picture(64, 64, WHITE), Placement(box=box, roundness=0.5))
    assert canvas.y[31, 21] == 16
    assert canvas.y[50, 40] == 235


def test_an_opacity_lets_what_is_below_through():
    canvas = painted(flat_picture(64, 64, WHITE), Placement(box=SCREEN, opacity=0.25))
    assert canvas.y[50, 50] == pytest.approx(16 + 219 / 4, abs=1)


def test_clear_parts_of_an_image_stay_clear():
    source = flat_picture(WIDTH, HEIGHT, WHITE)
    alpha = np.zeros((HEIGHT, WIDTH), np.uint8)
    alpha[:96] = 255
    canvas = painted(Picture(source.y, source.u, source.v, alpha), Placement(box=SCREEN))
    assert canvas.y[90, 50] == 235
    assert canvas.y[100, 50] == 16


def test_a_zoom_is_about_the_centre_and_a_shift_is_zoomed_too():
    source = flat_picture(WIDTH, HEIGHT, (0, 0, 0))
    source.y[95:97, 53:55] = 235
    moved = painted(source, Placement(box=SCREEN, move=Move(zoom=2, shift_x=10)))
    rows, columns = np.nonzero(moved.y > 100)
    assert (rows.mean() + 0.5, columns.mean() + 0.5) == pytest.approx((96, 74), abs=0.6)


def test_a_turn_is_clockwise():
    source = flat_picture(WIDTH, HEIGHT, (0, 0, 0))
    source.y[94:98, 84:88] = 235
    turned = painted(source, Placement(box=SCREEN, move=Move(turn_deg=90)))
    rows, columns = np.nonzero(turned.y > 100)
    assert (rows.mean() + 0.5, columns.mean() + 0.5) == pytest.approx((96 + 32, 54), abs=0.6)


def test_a_turned_picture_that_does_not_fill_the_window_leaves_its_corners_clear():
    turned = painted(flat_picture(WIDTH, HEIGHT, WHITE), Placement(box=SCREEN, move=Move(turn_deg=45)))
    assert turned.y[0, 0] == 16
    assert turned.y[96, 54] == 235


@pytest.mark.parametrize(
    "placement",
    [
        Placement(box=SCREEN, move=Move(zoom=1.07, shift_x=3.3)),
        Placement(box=Box(left=11.3, top=21.9, width=61.7, height=61.7), roundness=0.5),
        Placement(box=Box(left=-20.2, top=-11, width=171, height=99.5), fit="contain", opacity=0.7),
        Placement(box=SCREEN, move=Move(zoom=1.1, turn_deg=3)),
    ],
)
def test_a_preview_is_the_same_picture_smaller(placement):
    source = smooth_picture(432, 768)

    def at_scale(factor: int) -> Picture:
        box, move = placement.box, placement.move
        scaled = Placement(
            box=Box(left=box.left * factor, top=box.top * factor, width=box.width * factor, height=box.height * factor),
            fit=placement.fit,
            move=Move(zoom=move.zoom, shift_x=move.shift_x * factor, turn_deg=move.turn_deg),
            opacity=placement.opacity,
            roundness=placement.roundness,
        )
        return painted(source, scaled, WIDTH * factor, HEIGHT * factor)

    small, large = at_scale(1), at_scale(4)
    shrunk = cv2.resize(large.y, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    assert np.abs(small.y.astype(int) - shrunk).mean() < 0.8
    # Edges are antialiased by distance, which is up to an eighth of a pixel off the true area.
    assert np.abs(small.y.astype(int) - shrunk).max() < 219 / 7


@pytest.mark.parametrize(
    ("changes", "hides"),
    [
        ({}, True),
        ({"opacity": 0.99}, False),
        ({"mix": "screen"}, False),
        ({"roundness": 0.1}, False),
        ({"fit": "contain"}, False),
        ({"box": Box(left=1, top=0, width=WIDTH, height=HEIGHT)}, False),
        ({"move": Move(zoom=1.1, turn_deg=1)}, True),
        ({"move": Move(zoom=1.0, turn_deg=5)}, False),
        ({"move": Move(zoom=1.1, shift_y=30)}, False),
    ],
)
def test_only_what_fills_the_canvas_hides_what_is_below(changes, hides):
    placement = Placement(**{"box": SCREEN} | changes)
    assert placement.hides((200, 200), WIDTH, HEIGHT) is hides


def test_what_claims_to_hide_all_below_overwrites_every_pixel():
    placement = Placement(box=SCREEN, move=Move(zoom=1.1, turn_deg=1), look=Look(contrast=1.2))
    assert placement.hides((200, 200), WIDTH, HEIGHT)
    source = smooth_picture(200, 200)
    dark, light = Picture.black(WIDTH, HEIGHT), flat_picture(WIDTH, HEIGHT, WHITE)
    for canvas in (dark, light):
        paint_placed(canvas, source, placement, FakeMedia())
    assert mean_difference(dark, light) == 0


def test_a_one_pixel_source_and_a_window_off_the_canvas_are_no_trouble():
    one = Picture(np.full((1, 1), 200, np.uint8), np.full((1, 1), 128, np.uint8), np.full((1, 1), 128, np.uint8))
    assert painted(one, Placement(box=SCREEN)).y.min() == 200
    away = Placement(box=Box(left=500, top=0, width=10, height=10))
    assert painted(smooth_picture(), away).y.max() == 16


def test_a_picture_over_black_is_the_same_picture_dimmed():
    source, look = smooth_picture(), Look(brightness=1.14, contrast=1.15, saturation=1.3)
    over_black, lit = Picture.black(WIDTH, HEIGHT), Picture.black(WIDTH, HEIGHT)
    lit.y[::16] = 17
    for canvas in (over_black, lit):
        paint_placed(canvas, source, Placement(box=SCREEN, look=look, opacity=0.85), FakeMedia())
    for dimmed, mixed in zip(over_black.planes, lit.planes, strict=True):
        assert np.abs(dimmed.astype(int) - mixed).max() <= 2


def test_light_on_black_is_the_picture_itself():
    source = smooth_picture()
    assert np.array_equal(painted(source, Placement(box=SCREEN, mix="screen")).y, source.y)


def test_one_light_spot_below_changes_how_no_band_is_mixed():
    """Bands are painted one by one; what is black is judged of all together, so that no seam is seen between them."""
    source, look = smooth_picture(1080, 720), Look(brightness=1.5, saturation=1.6)
    canvas = Picture.black(1080, 720)
    canvas.y[700, 500] = 60
    screen = Box(left=0, top=0, width=1080, height=720)
    paint_placed(canvas, source, Placement(box=screen, look=look, mix="screen", opacity=0.9), FakeMedia())
    steps = np.abs(np.diff(canvas.y[:, 100].astype(int)))
    assert steps.max() <= 3


def test_a_large_window_painted_in_pieces_has_no_seams():
    source, box = smooth_picture(720, 1280), Box(left=20.3, top=30.6, width=671.4, height=1200.2)
    placement = Placement(box=box, roundness=0.2, opacity=0.6)
    canvas = flat_picture(720, 1280, (90, 120, 60))
    paint_placed(canvas, source, placement, FakeMedia())
    whole = flat_picture(720, 1280, (90, 120, 60))
    region = Region(20, 30, 672, 1202)
    pixels = sample(source, placement.to_source((720, 1280)), region)
    blend(whole.region(20, 30, 672, 1202), pixels, 0.6, box_mask(box, placement.radii, region))
    for pieces, expected in zip(canvas.planes, whole.planes, strict=True):
        assert np.abs(pieces.astype(int) - expected).max() <= 2
