from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from render_core.text.clusters import clusters_of
from render_core.text.layout import Room, balanced_cuts, fit_text
from render_core.text.line import Face, lay_line

ROOM = Room(width=930, lines=3, least=52, largest=118)


def width_of(line: str, size: float) -> float:
    return lay_line(line, Face(family="Montserrat", weight=800, size=size)).width


def fitted(text: str):
    return fit_text(text, "Montserrat", 800, ROOM)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Hi", ("Hi",)),
        ("ПЕРСОНАЛЬНЫЙ ТЕКСТ", ("ПЕРСОНАЛЬНЫЙ", "ТЕКСТ")),
        ("one two three four five six", ("one two three", "four five six")),
        ("", ()),
    ],
)
def test_lines_are_balanced(text, lines):
    assert fitted(text).lines == lines


def test_a_short_text_gets_the_largest_size():
    assert fitted("Hi").size == 118


@given(st.text(alphabet="abc WЖ", min_size=1, max_size=120))
def test_every_text_fits_the_room(text):
    found = fitted(text)
    assert len(found.lines) <= 3
    assert found.size <= 118
    assert "".join("".join(found.lines).split()) == "".join(text.split())
    for line in found.lines:
        assert width_of(line, found.size) <= ROOM.width * 1.02


def test_a_word_too_long_for_a_line_is_broken():
    found = fitted("Donaudampfschifffahrtsgesellschaftskapitän")
    assert len(found.lines) > 1
    assert "".join(found.lines) == "Donaudampfschifffahrtsgesellschaftskapitän"
    assert found.size >= 40


@given(st.lists(st.integers(1, 50).map(float), min_size=1, max_size=7), st.integers(1, 3))
def test_no_other_way_to_cut_has_a_shorter_longest_line(widths, count):
    count = min(count, len(widths))
    _, longest = balanced_cuts(widths, [2.0] * len(widths), count)
    ways = combinations(range(1, len(widths)), count - 1)
    best = min(
        max(sum(widths[a:b]) + 2 * (b - a - 1) for a, b in zip((0, *cut), (*cut, len(widths)), strict=True))
        for cut in ways
    )
    assert longest == pytest.approx(best)


def test_a_broken_word_keeps_marks_and_emoji_whole():
    for char in ("é", "e\u0301", "👨\u200d👩\u200d👧\u200d👦", "🇩🇪", "क्षि"):
        pieces = fitted(char * 100).lines
        assert len(pieces) == 3
        assert sum(len(clusters_of(piece)) for piece in pieces) == 100


@pytest.mark.parametrize(
    "text",
    ["word " * 2000, "x" * 10_000, "ب" * 10_000, "👍🏽" * 5000, "a" + "\u0301" * 10_000, "W" * 4000 + " i" * 3000],
)
def test_ten_thousand_characters_are_fitted_like_any_others(text):
    found = fitted(text)
    assert 1 <= len(found.lines) <= 3
    assert "".join("".join(found.lines).split()) == "".join(text.split())
    widths = [width_of(line, 100) * found.size / 100 for line in found.lines]
    assert max(widths) <= ROOM.width * 1.02


def test_only_spaces_are_no_lines():
    assert fitted(" \t\n" * 100).lines == ()


def test_spaced_letters_take_their_room():
    text = "personal titles for everyone you know"
    plain, spaced = (fit_text(text, "Montserrat", 800, ROOM, spacing) for spacing in (0.0, 0.3))
    assert spaced.size < plain.size * 0.85
