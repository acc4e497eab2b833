import numpy as np
import pytest

from render_core.picture import to_rgb
from render_core.text.raster import TextStyle, lay_block, rasterise

FAMILY = "👨\u200d👩\u200d👧\u200d👦"


def drawn(line: str, **changes: object):
    style = TextStyle(**{"family": "Montserrat", "weight": 800, "size": 40.0} | changes)
    block = lay_block((line,), style)
    return rasterise(block.stretches, block.size, style)


def colours(picture) -> np.ndarray:
    """Saturation of opaque pixels: the distance between the strongest and the weakest channel."""
    pixels = to_rgb(picture)[picture.alpha > 250].astype(int)
    return pixels.max(axis=1) - pixels.min(axis=1)


def test_an_emoji_has_its_own_colours_whatever_the_text_has():
    assert (colours(drawn("🎉")) > 100).sum() > 200
    assert np.array_equal(to_rgb(drawn("🎉", color=(0, 0, 255))), to_rgb(drawn("🎉", color=(255, 255, 255))))
    assert colours(drawn("H")).max() < 8


@pytest.mark.parametrize("emoji", [FAMILY, "👍🏽", "🇩🇪", "1\ufe0f\u20e3", "❤\ufe0f\u200d🔥"])
def test_a_sequence_is_as_wide_as_one_emoji(emoji):
    assert drawn(emoji).alpha.shape == drawn("🎉").alpha.shape
    assert not np.array_equal(drawn(emoji).y, drawn(emoji[0]).y)


def test_an_emoji_fills_the_width_that_is_measured():
    columns = np.nonzero(drawn("🇩🇪🇩🇪🇩🇪", size=60.0).alpha.max(axis=0) > 128)[0]
    block = lay_block(("🇩🇪🇩🇪🇩🇪",), TextStyle(family="Inter", weight=400, size=60))
    (first, _, last) = block.stretches
    assert columns.min() == pytest.approx(first.x, abs=5)
    assert columns.max() == pytest.approx(last.x + last.width, abs=5)


def test_an_emoji_has_no_outline_but_a_shadow():
    plain = drawn("🎉", outline=4.0, outline_color=(255, 0, 0), shadow_down=1.0)
    shaded = drawn("🎉", outline=4.0, shadow=3.0, shadow_down=4.0, shadow_opacity=0.8)
    assert (plain.alpha > 128).sum() == pytest.approx((drawn("🎉").alpha > 128).sum(), rel=0.02)
    assert (shaded.alpha > 60).sum() > (plain.alpha > 60).sum() * 1.2


def test_digits_keep_the_font_of_the_text_unless_they_ask_for_colour():
    assert colours(drawn("1")).max() < 8
    assert (colours(drawn("1\ufe0f\u20e3")) > 60).sum() > 100


def test_edges_of_an_emoji_do_not_turn_grey():
    picture = drawn("🟥", size=30.5)
    edge = (picture.alpha > 40) & (picture.alpha < 200)
    assert edge.sum() > 20
    assert to_rgb(picture)[edge].astype(int).mean(axis=0) == pytest.approx(
        to_rgb(picture)[picture.alpha == 255].astype(int).mean(axis=0), abs=30
    )
