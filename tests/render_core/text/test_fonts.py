import pytest

from render_core.errors import InvalidInputError
from render_core.text.fonts import (
    Run,
    can_shape,
    check_family,
    check_text,
    font_families,
    font_hashes,
    font_runs,
    is_right_to_left,
    load_font,
)


def test_the_installed_families_are_listed():
    assert set(font_families()) >= {"Inter", "Montserrat", "Noto Sans", "Noto Sans Arabic", "Noto Sans Devanagari"}


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("Hello Привет", (Run("Hello Привет", "Montserrat"),)),
        ("Hi بكم 5", (Run("Hi ", "Montserrat"), Run("بكم ", "Noto Sans Arabic"), Run("5", "Montserrat"))),
        ("मुझे", (Run("मुझे", "Noto Sans"),)),
        ("مرحبا", (Run("مرحبا", "Noto Sans Arabic"),)),
        ("αβγ", (Run("αβγ", "Noto Sans"),)),
        ("", ()),
    ],
)
def test_each_word_gets_a_font_that_has_all_of_it(text, runs):
    assert font_runs(text, "Montserrat") == runs


def test_no_text_is_lost_between_runs():
    text = "a مرحبا b नमस्ते, 12 ж α"
    assert "".join(run.text for run in font_runs(text, "Inter")) == text


@pytest.mark.parametrize("text", ["ПЕРСОНАЛЬНЫЙ ТЕКСТ", "مرحبا بالعالم", "नमस्ते", "Ünïcödé — “ok” 100 %", "क्‍ष", ""])
def test_text_that_fonts_have_passes(text):
    check_text(text, "Montserrat", "config.mainText")


@pytest.mark.parametrize(("text", "char"), [("party 🎉!", "🎉"), ("漢字", "漢"), ("a\ue000", "\ue000")])
def test_a_glyph_that_no_font_has_is_named_with_its_field(text, char):
    with pytest.raises(InvalidInputError) as caught:
        check_text(text, "Montserrat", "config.mainText")
    assert caught.value.field == "config.mainText"
    assert f"U+{ord(char):04X}" in caught.value.problem


def test_an_unknown_family_is_refused_with_the_known_ones():
    with pytest.raises(InvalidInputError, match="Montserrat"):
        check_family("Comic Sans", "config.captionStyle.fontFamily")


def test_heavier_letters_are_wider():
    widths = [load_font("Montserrat", 40, weight).getlength("Hamburg") for weight in (100, 400, 900)]
    assert widths == sorted(set(widths))


def test_a_weight_beyond_the_axis_is_cut():
    assert load_font("Inter", 40, 5000).getlength("x") == load_font("Inter", 40, 900).getlength("x")


@pytest.mark.parametrize(("text", "expected"), [("مرحبا abc", True), ("abc مرحبا", False), ("12 …", False)])
def test_the_first_letter_decides_the_direction(text, expected):
    assert is_right_to_left(text) is expected


def test_the_hashes_name_every_font_that_draws():
    shaping, *fonts = font_hashes("Hi", "Inter")
    assert shaping == ("shaped" if can_shape() else "plain")
    assert len(fonts) == 1
    assert len(font_hashes("Hi नमस्ते", "Inter")) == 3
