from dataclasses import replace
from itertools import pairwise

import pytest

from render_core.text.fonts import EMOJI
from render_core.text.line import Face, lay_line

FACE = Face(family="Montserrat", weight=700, size=50)


def order(text: str, **options: bool) -> list[str]:
    return [stretch.text for stretch in lay_line(text, FACE, **options).stretches]


def test_each_word_is_a_stretch_and_spaces_are_between_them():
    first, second = lay_line("one two", FACE).stretches
    assert (first.text, first.word, second.text, second.word) == ("one", 0, "two", 1)
    assert second.x > first.x + first.width
    assert second.x + second.width == pytest.approx(lay_line("one two", FACE).width)


def test_hebrew_words_go_from_the_right():
    assert order("שלום עולם") == ["עולם", "שלום"]
    assert [stretch.word for stretch in lay_line("שלום עולם", FACE).stretches] == [1, 0]


def test_latin_words_inside_arabic_keep_their_own_order():
    assert order("مرحبا one two بكم") == ["بكم", "one", "two", "مرحبا"]


def test_each_emoji_is_a_stretch_of_its_own():
    line = lay_line("hi👨‍👩‍👧‍👦👍🏽", FACE)
    assert [stretch.text for stretch in line.stretches] == ["hi", "👨‍👩‍👧‍👦", "👍🏽"]
    assert [stretch.family for stretch in line.stretches] == ["Montserrat", EMOJI, EMOJI]
    assert {stretch.word for stretch in line.stretches} == {0}


def test_an_emoji_is_as_wide_at_each_size_as_at_any_other():
    small, large = (lay_line("🎉", replace(FACE, size=size)).width for size in (10, 200))
    assert large == pytest.approx(20 * small)


@pytest.mark.parametrize("text", ["Hamburg", "AVATAR fi", "שלום", "👍👍🏽 ok"])
def test_spacing_widens_a_line_by_as_much_between_all_letters(text):
    plain, spaced = lay_line(text, FACE), lay_line(text, replace(FACE, letter_spacing=0.2))
    letters = len(lay_line(text, FACE, by_letter=True).stretches) + text.count(" ")
    assert spaced.width - plain.width == pytest.approx((letters - 1) * 0.2 * FACE.size, abs=0.1)


@pytest.mark.parametrize("text", ["سلام", "नमस्ते दुनिया"])
def test_letters_that_join_are_not_torn_apart(text):
    assert lay_line(text, replace(FACE, letter_spacing=0.5)) == lay_line(text, FACE)
    assert order(text, by_letter=True) == order(text)


@pytest.mark.parametrize("text", ["AVATAR To fly", "שלום (abc) 12"])
def test_cutting_into_letters_moves_nothing(text):
    whole, cut = lay_line(text, FACE), lay_line(text, FACE, by_letter=True)
    assert cut.width == pytest.approx(whole.width, abs=0.1)
    assert len(cut.stretches) == len(text.replace(" ", ""))
    for word in {stretch.word for stretch in whole.stretches}:
        starts = [min(s.x for s in line.stretches if s.word == word) for line in (whole, cut)]
        assert starts[0] == pytest.approx(starts[1], abs=0.1)


def test_stretches_go_from_left_to_right_and_count_in_reading_order():
    stretches = lay_line("אב גד", FACE, by_letter=True).stretches
    assert all(a.x < b.x for a, b in pairwise(stretches))
    assert [stretch.letter for stretch in stretches] == [3, 2, 1, 0]


def test_no_text_takes_no_room():
    assert lay_line("", FACE).width == 0
    assert lay_line("", FACE).stretches == ()
