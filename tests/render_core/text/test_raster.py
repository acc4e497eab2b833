from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from render_core.errors import InvalidInputError
from render_core.picture import to_rgb
from render_core.text.fonts import check_text
from render_core.text.raster import TextStyle, lay_block, rasterise

STYLE = TextStyle(family="Montserrat", weight=800, size=40)


def drawn(line: str, **changes: object):
    style = TextStyle(**{"family": "Montserrat", "weight": 800, "size": 40.0} | changes)
    block = lay_block((line,), style)
    return rasterise(block.stretches, block.size, style)


def test_letters_are_opaque_in_their_colour_and_the_rest_is_clear():
    picture = drawn("HHH", color=(250, 200, 20))
    solid = picture.alpha == 255
    assert solid.sum() > 500
    assert to_rgb(picture)[solid].mean(axis=0) == pytest.approx([250, 200, 20], abs=12)
    assert picture.alpha[0].max() == 0


def test_an_outline_surrounds_the_letters_in_its_own_colour():
    plain, outlined = drawn("H"), drawn("H", outline=3.0, outline_color=(255, 0, 0))
    assert (outlined.alpha > 128).sum() > (plain.alpha > 128).sum() * 1.3
    pixels = to_rgb(outlined).astype(int)
    assert ((pixels[..., 0] > 150) & (pixels[..., 1] < 100) & (outlined.alpha > 200)).sum() > 50


def test_a_shadow_is_soft_dark_and_lower():
    plain, shaded = drawn("H"), drawn("H", shadow=5.0, shadow_down=6.0, shadow_opacity=0.5)
    assert shaded.height > plain.height
    rows = np.nonzero((shaded.alpha > 5) & (shaded.alpha < 120))[0]
    assert rows.mean() > shaded.height / 2


def test_arabic_letters_are_joined_and_devanagari_is_shaped():
    joined, apart = drawn("سلام"), drawn("س\u200cل\u200cا\u200cم")
    assert joined.width < apart.width
    assert drawn("क्ष").width < drawn("क ष").width


def test_right_to_left_lines_with_two_fonts_begin_at_the_right():
    picture = drawn("مرحبا HHH")
    columns = picture.alpha.sum(axis=0).astype(int)
    left, right = columns[: picture.width // 3].max(), columns[2 * picture.width // 3 :].max()
    assert left > right


def test_lines_stand_as_far_apart_as_their_height_says():
    def bases(line_height: float) -> list[float]:
        style = TextStyle(family="Montserrat", weight=800, size=40, line_height=line_height)
        return [row[0].y for row in lay_block(("a", "b"), style).rows]

    assert [lower - upper for upper, lower in map(bases, (1.0, 1.5))] == pytest.approx([40, 60])


def test_all_lines_go_in_the_direction_in_which_the_text_begins():
    style = TextStyle(family="Montserrat", weight=800, size=40)
    (_, second) = lay_block(("مرحبا", "Reel ب!"), style).rows
    assert [stretch.text for stretch in second] == ["ب!", "Reel"]


def test_what_lies_under_letters_and_the_letters_make_up_the_whole():
    style = TextStyle(family="Montserrat", weight=800, size=40, outline=4.0, shadow=2.0, shadow_opacity=0.5)
    block = lay_block(("HO",), style)
    whole, under, fill = (rasterise(block.stretches, block.size, style, inks) for inks in ("all", "under", "fill"))
    assert np.abs(under.alpha.astype(int) - whole.alpha).max() <= 1
    assert to_rgb(under)[under.alpha == 255].max() < 8
    assert to_rgb(fill)[fill.alpha == 255].min() > 245
    assert (fill.alpha <= whole.alpha).all()


def test_sides_are_even_and_no_line_makes_no_trouble():
    for line in ("", "a", "abc"):
        picture = drawn(line)
        assert picture.width % 2 == 0
        assert picture.height % 2 == 0
    assert rasterise((), (2, 2), STYLE).alpha.max() == 0


@settings(max_examples=60)
@given(st.text(st.one_of(st.characters(), st.sampled_from("aب\u05d0क\u0301\u200d\ufe0f👩🏽🔥🇩1\u20e3 ")), max_size=8))
def test_whatever_is_not_refused_can_be_drawn(text):
    with suppress(InvalidInputError):
        check_text(text, "Inter", "config.title")
        assert drawn(text, size=12.0, outline=1.0, letter_spacing=0.1).width > 0
