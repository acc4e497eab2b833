import pytest

from render_core.errors import InvalidInputError
from render_core.text.clusters import clusters_of
from render_core.text.fonts import (
    EMOJI,
    can_shape,
    check_family,
    check_text,
    font_families,
    font_hashes,
    fonts_for,
    load_font,
)


def test_the_installed_families_are_listed():
    assert set(font_families()) >= {
        "Inter",
        "Montserrat",
        "Noto Sans",
        "Noto Sans Arabic",
        "Noto Sans Devanagari",
        "Oswald",
        "Heebo",
    }


@pytest.mark.parametrize(
    ("text", "families"),
    [
        ("Hi Привет", ["Montserrat"] * 9),
        ("Hi بك", ["Montserrat"] * 3 + ["Noto Sans Arabic"] * 2),
        ("5 мб", ["Montserrat"] * 4),
        ("शुभ", ["Noto Sans"] * 2),
        ("αβ", ["Noto Sans"] * 2),
        ("Hi👍🏽!", ["Montserrat"] * 2 + [EMOJI] + ["Montserrat"]),
        ("1 1️⃣ © ©️", ["Montserrat"] * 2 + [EMOJI] + ["Montserrat"] * 3 + [EMOJI]),
        ("a❤b", ["Inter"] * 3),
        ("", []),
    ],
)
def test_each_word_gets_a_font_that_has_all_of_it(text, families):
    assert list(fonts_for(clusters_of(text), "Montserrat")) == families


@pytest.mark.parametrize(
    "text",
    [
        "ПЕРСОНАЛЬНЫЙ ТЕКСТ",
        "Ünïcödé — “ok” 100 %",
        "مرحبا بالعالم",
        "नमस्ते",
        "क्\u200dष",
        "שלום",
        "ภาษาไทย",
        "👨\u200d👩\u200d👧\u200d👦 🇩🇪 1️⃣ ❤",
        "",
    ],
)
def test_text_that_fonts_have_passes(text):
    check_text(text, "Montserrat", "config.mainText")


@pytest.mark.parametrize(
    ("text", "char"),
    [("漢字", "漢"), ("a\ue000", "\ue000"), ("a⃣", "⃣"), ("a\x00", "\x00"), ("a\u2029", "\u2029"), ("﷽", "﷽")],
)
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


def test_static_files_give_the_nearest_weight():
    widths = [load_font("Poppins", 40, weight).getlength("Hamburg") for weight in (100, 690, 700, 720, 900)]
    assert widths[0] < widths[1] == widths[2] == widths[3] < widths[4]
    assert load_font("Bebas Neue", 40, 900).getlength("x") == load_font("Bebas Neue", 40, 100).getlength("x")


def test_nobody_sets_text_in_the_emoji_font():
    assert EMOJI not in font_families()
    with pytest.raises(InvalidInputError, match="no font"):
        check_family(EMOJI, "config.fontFamily")


def test_the_emoji_font_is_named_among_the_hashes():
    assert len(font_hashes("Hi 🎉", "Inter")) == 3
    assert font_hashes("Hi 🎉", "Inter") != font_hashes("Hi", "Inter")


def test_the_hashes_name_every_font_that_draws():
    shaping, *fonts = font_hashes("Hi", "Inter")
    assert shaping == ("shaped" if can_shape() else "plain")
    assert len(fonts) == 1
    assert len(font_hashes("Hi नमस्ते", "Inter")) == 3
