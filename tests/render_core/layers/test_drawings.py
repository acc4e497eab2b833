from fractions import Fraction

import numpy as np
import pytest

from render_core.geometry import Box
from render_core.layers.captions import Backdrop, CaptionPage, PlacedWord
from render_core.layers.image import Still
from render_core.layers.placed import Placement
from render_core.layers.shape import Panel
from render_core.layers.text import TextBlock, fonts_of
from render_core.layers.video import ClipFrame, clip_seconds, looped
from render_core.picture import Picture, to_rgb
from render_core.spec import MediaInfo
from render_core.text.raster import TextStyle
from tests.scenes import FakeMedia, invented_asset

SCREEN = Box(left=0, top=0, width=108, height=192)
STYLE = TextStyle(family="Inter", weight=700, size=20)


def painted(drawing, media=None) -> Picture:
    canvas = Picture.black(108, 192)
    drawing.paint(canvas, media or FakeMedia())
    return canvas


def test_a_clip_frame_asks_for_its_own_moment():
    media, clip = FakeMedia(), invented_asset("clip")
    painted(ClipFrame(asset=clip, at_s=Fraction(7, 30), placement=Placement(box=SCREEN)), media)
    assert media.asked == [(clip.sha256, Fraction(7, 30))]


def test_an_image_never_claims_to_hide_what_is_below():
    still = Still(asset=invented_asset("cover", "image"), placement=Placement(box=SCREEN))
    assert not still.hides_all_below(108, 192)
    assert painted(still).y.max() > 16


@pytest.mark.parametrize(("at", "expected"), [(0, 0), (9, 9), (10, 0), (25, 5)])
def test_a_clip_that_is_over_plays_again(at, expected):
    info = MediaInfo(kind="video", frame_count=300, fps=Fraction(30), duration_s=Fraction(11))
    assert looped(Fraction(at), info) == expected


def test_the_length_of_a_clip_is_that_of_its_frames_else_what_its_container_says():
    assert clip_seconds(MediaInfo(kind="video", frame_count=60, fps=Fraction(30), duration_s=Fraction(9))) == 2
    assert clip_seconds(MediaInfo(kind="video", duration_s=Fraction(9))) == 9
    assert looped(Fraction(5), MediaInfo(kind="video")) == 0


def test_a_panel_is_one_colour_in_its_box():
    canvas = painted(Panel(box=Box(left=20, top=20, width=40, height=40), color=(200, 50, 10), radius=6))
    assert to_rgb(canvas)[40, 40].astype(float) == pytest.approx([200, 50, 10], abs=4)
    assert canvas.y[20, 20] < 40
    assert canvas.y[19, 40] == 16


def test_a_panel_over_the_whole_canvas_hides_what_is_below():
    assert Panel(box=SCREEN, color=(0, 0, 0)).hides_all_below(108, 192)
    assert not Panel(box=SCREEN, color=(0, 0, 0), opacity=0.5).hides_all_below(108, 192)


def test_text_stands_about_its_centre():
    text = TextBlock(lines=("HOH",), style=STYLE, fonts=fonts_of(("HOH",), "Inter"), anchor=(54, 96))
    rows, columns = np.nonzero(painted(text).y > 120)
    assert ((rows.min() + rows.max()) / 2, (columns.min() + columns.max()) / 2) == pytest.approx((96, 54), abs=2)


def test_text_grows_about_its_centre_and_fades():
    block = {"lines": ("HOH",), "style": STYLE, "fonts": (), "anchor": (54.0, 96.0)}
    small, large = painted(TextBlock(**block, zoom=0.5)), painted(TextBlock(**block))
    assert (small.y > 60).sum() == pytest.approx((large.y > 60).sum() / 4, rel=0.25)
    assert painted(TextBlock(**block, opacity=0.5)).y.max() == pytest.approx(126, abs=4)
    assert painted(TextBlock(**block, opacity=0.0)).y.max() == 16


def test_text_is_rasterised_once():
    media = FakeMedia()
    for zoom in (0.5, 0.75, 1.0):
        painted(TextBlock(lines=("Hi",), style=STYLE, fonts=(), anchor=(54, 96), zoom=zoom), media)
    assert len([key for key in media.memory if key[0] == "text"]) == 1


def page(**changes: object) -> CaptionPage:
    words = (
        PlacedWord(text="so", x=-40, width=30, line=0),
        PlacedWord(text="it", x=0, width=20, line=0),
        PlacedWord(text="is", x=-10, width=20, line=1),
    )
    values = {
        "words": words,
        "lit": 1,
        "lit_color": (255, 0, 0),
        "lit_zoom": 1.0,
        "style": STYLE,
        "fonts": (),
        "backdrop": None,
        "centre": (54.0, 96.0),
        "zoom": 1.0,
        "opacity": 1.0,
    }
    return CaptionPage(**values | changes)


def test_the_spoken_word_is_lit_and_the_others_are_not():
    pixels = to_rgb(painted(page())).astype(int)
    is_red = (pixels[..., 0] > 150) & (pixels[..., 1] < 100)
    is_white = pixels.min(axis=2) > 180
    _, red_columns = np.nonzero(is_red)
    assert red_columns.min() >= 50
    assert red_columns.max() <= 76
    assert is_white.sum() > is_red.sum()


def test_the_box_lies_around_all_words():
    boxed = page(backdrop=Backdrop(color=(0, 0, 255), opacity=1.0, padding=6), lit=None)
    blue = to_rgb(painted(boxed)).astype(int)
    rows, columns = np.nonzero((blue[..., 2] > 200) & (blue[..., 0] < 60))
    assert (columns.min(), columns.max()) == pytest.approx((8, 79), abs=2)
    assert ((rows.min() + rows.max()) / 2) == pytest.approx(96, abs=1.5)


def test_a_page_without_opacity_or_size_draws_nothing():
    assert painted(page(opacity=0.0)).y.max() == 16
    assert painted(page(zoom=0.0)).y.max() == 16
