import numpy as np
import pytest

from render_core.geometry import Box, Region
from render_core.layers.image import Logo
from render_core.layers.shape import Panel, Shade, Shadow
from render_core.picture import Picture, from_rgb, to_rgb
from tests.scenes import FakeMedia, invented_asset

LOGO = invented_asset("logo", "image", width=40, height=20)


def grey(level: int = 180) -> Picture:
    canvas = Picture.black(64, 48)
    canvas.y[:] = level
    return canvas


def test_a_shadow_is_darkest_under_its_box_and_soft_around_it():
    canvas = grey()
    Shadow(box=Box(left=20, top=16, width=24, height=16), radius=0, down=0, sigma=4, opacity=0.5).paint(
        canvas, FakeMedia()
    )
    middle, near, far = (int(canvas.y[place]) for place in ((24, 32), (24, 16), (2, 2)))
    assert middle == pytest.approx(100, abs=4)
    assert middle < near < far == 180


def test_a_large_box_has_the_same_shadow_where_it_is_seen_and_none_in_its_middle():
    large, box = Picture.black(640, 480), Box(left=40, top=30, width=560, height=420)
    large.y[:] = 180
    Shadow(box=box, radius=8, down=6, sigma=5, opacity=0.5).paint(large, FakeMedia())
    assert large.y[240, 320] == 180
    assert large.y[452, 320] < 120
    assert large.y[240, 38] < 160
    assert large.y[26, 320] > large.y[454, 320]


def test_a_shade_grows_smoothly_from_one_edge_to_the_other():
    canvas = grey()
    Shade(box=Box(left=0, top=0, width=64, height=48), color=(0, 0, 0), top=0, bottom=0.8).paint(canvas, FakeMedia())
    column = canvas.y[:, 10].astype(int)
    assert column[0] == 180
    assert column[-1] == pytest.approx(16 + 164 * 0.2, abs=3)
    assert (np.diff(column) <= 0).all()


def test_a_shade_is_the_same_from_side_to_side_and_kept_as_a_strip():
    canvas, media = Picture.black(600, 48), FakeMedia()
    canvas.y[:] = 180
    Shade(box=Box(left=0, top=0, width=600, height=48), color=(9, 9, 99), top=0.1, bottom=0.8).paint(canvas, media)
    for plane in canvas.planes:
        assert (plane == plane[:, :1]).all()
    (strip,) = media.memory.values()
    assert strip.kept[0].shape[1] < 300


def test_a_shade_may_be_of_any_colour_and_reach_beyond_the_picture():
    canvas = grey()
    box = Box(left=-10, top=24, width=100, height=48)
    Shade(box=box, color=(255, 0, 0), top=1, bottom=1).paint(canvas, FakeMedia())
    assert to_rgb(canvas)[40, 30].astype(int) == pytest.approx([255, 0, 0], abs=4)
    assert canvas.y[22, 30] == 180


def test_an_opaque_panel_writes_exactly_what_a_laid_one_would():
    box = Box(left=4, top=6, width=20, height=10)
    filled, laid = grey(), grey()
    Panel(box=box, color=(12, 200, 77)).paint(filled, FakeMedia())
    Panel(box=box, color=(12, 200, 77), radius=0.6).paint(laid, FakeMedia())
    inside = (slice(8, 14), slice(6, 22))
    assert np.array_equal(filled.y[inside], laid.y[inside])
    assert np.array_equal(filled.u[4:7, 3:11], laid.u[4:7, 3:11])


def clear_edged() -> Picture:
    """A white square whose clear surroundings are green, as badly saved logos have it."""
    pixels = np.zeros((20, 40, 4), np.uint8)
    pixels[...] = (0, 255, 0, 0)
    pixels[4:16, 10:30] = (255, 255, 255, 255)
    return from_rgb(pixels)


def test_a_logo_is_laid_with_its_alpha_and_nothing_of_what_is_clear():
    canvas, media = grey(60), FakeMedia(pictures={LOGO.sha256: clear_edged()})
    Logo(asset=LOGO, region=Region(10, 10, 20, 10)).paint(canvas, media)
    rgb = to_rgb(canvas).astype(int)
    assert canvas.y[11, 11] == 60
    assert canvas.y[15, 20] > 225
    assert (rgb[..., 1] - rgb[..., 0]).max() < 25


def test_a_logo_fades_and_is_resized_once():
    canvas, media = grey(60), FakeMedia(pictures={LOGO.sha256: clear_edged()})
    half = Logo(asset=LOGO, region=Region(10, 10, 20, 10), opacity=0.5)
    half.paint(canvas, media)
    half.paint(grey(), media)
    assert canvas.y[15, 20] == pytest.approx((60 + 235) / 2, abs=4)
    assert len(media.memory) == 1
