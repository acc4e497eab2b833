from fractions import Fraction

import numpy as np
import pytest

from render_core.layers.text import fonts_of
from render_core.layers.ticker import Ticker
from render_core.picture import Picture
from render_core.text.raster import TextStyle
from tests.scenes import FakeMedia

STYLE = TextStyle(family="Inter", weight=600, size=18)
LINES = ("First line of news", "A second one", "Ünd ein dritter 🚀")


def ticker(offset: float | Fraction, lines=LINES, gap: float = 40) -> Ticker:
    fonts = fonts_of(lines, "Inter")
    return Ticker(lines=lines, style=STYLE, fonts=fonts, gap=gap, mark_color=(255, 0, 0), offset=Fraction(offset))


def luma(offset, lines=LINES, width: int = 200, media=None) -> np.ndarray:
    canvas = Picture.black(width, 32)
    ticker(offset, lines).paint(canvas, media or FakeMedia())
    return canvas.y.astype(float) - 16


def place_of_letter(offset: Fraction) -> float:
    """Where a lonely letter is, to a fraction of a pixel: the centre of its light."""
    canvas = Picture.black(150, 32)
    ticker(offset, ("|",), gap=400).paint(canvas, FakeMedia())
    columns = canvas.y.astype(float).sum(axis=0) - 16 * 32
    return float((columns * np.arange(150)).sum() / columns.sum())


def test_whole_pixels_move_the_picture_and_change_nothing_else():
    still = luma(0, width=240)
    for shift in (2, 6, 24):
        assert np.array_equal(luma(shift, width=200)[:, :190], still[:, shift : shift + 190])


def test_between_pixels_it_is_as_sharp_as_on_one():
    contrasts = [np.abs(np.diff(luma(Fraction(n, 4), width=100), axis=1)).mean() for n in range(8)]
    assert min(contrasts) > 0.9 * max(contrasts)


@pytest.mark.parametrize("step", [Fraction(5), Fraction(16, 3), Fraction(150, 24), Fraction(1, 4), Fraction(7, 9)])
def test_it_moves_by_the_same_step_from_each_frame_to_the_next(step):
    places = [place_of_letter(step * n - 120) for n in range(12)]
    assert np.diff(places) == pytest.approx(-float(step), abs=0.26)
    assert places[-1] - places[0] == pytest.approx(-float(11 * step), abs=0.26)


def test_after_one_round_it_is_where_it_was():
    width = sum(ticker_widths())
    assert np.array_equal(luma(Fraction(width) + 10), luma(10))
    assert np.array_equal(luma(Fraction(width) * 1000 + 10), luma(10))


def ticker_widths() -> tuple[float, ...]:
    from render_core.text.line import lay_line

    face = TextStyle(family="Inter", weight=600, size=72).face
    return tuple(lay_line(line, face).width / 4 + 40 for line in LINES)


def test_short_lines_come_again_until_the_window_is_full():
    row = luma(0, lines=("Hi",), width=400).max(axis=0)
    assert (row[320:] > 100).any()


def test_a_line_of_many_tiles_has_no_seams():
    """A bar of one letter's stroke, thousands of pixels long, is as bright at each tile's edge as elsewhere."""
    dashes = luma(Fraction(3, 2), lines=("—" * 120,), width=1400)
    bright = dashes[:, 8:1300].max(axis=0)
    assert bright.min() > 0.85 * bright.max()


def test_right_to_left_lines_run_to_the_right():
    arabic = ("خبر عاجل",)
    still = luma(0, lines=arabic, width=240)
    assert np.array_equal(luma(8, lines=arabic, width=240)[:, 50:], still[:, 42:232])


def test_what_is_remembered_stays_small_however_long_it_runs():
    media = FakeMedia()
    for second in range(40):
        luma(150 * second, media=media)
    kept = len(media.memory)
    for second in range(40, 80):
        luma(150 * second, media=media)
    assert len(media.memory) <= max(kept, 8 * 3 + 3)
