from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from render_core.text.layout import Room, balanced_cuts, fit_text, line_width

ROOM = Room(width=930, lines=3, least=52, largest=118)


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
        assert line_width(line, "Montserrat", found.size, 800) <= ROOM.width * 1.02


def test_a_word_too_long_for_a_line_is_broken():
    found = fitted("Donaudampfschifffahrtsgesellschaftskapitän")
    assert len(found.lines) > 1
    assert found.size >= 40


@given(st.lists(st.integers(1, 50).map(float), min_size=1, max_size=7), st.integers(1, 3))
def test_no_other_way_to_cut_has_a_shorter_longest_line(widths, count):
    count = min(count, len(widths))
    _, longest = balanced_cuts(widths, 2.0, count)
    ways = combinations(range(1, len(widths)), count - 1)
    best = min(
        max(sum(widths[a:b]) + 2 * (b - a - 1) for a, b in zip((0, *cut), (*cut, len(widths)), strict=True))
        for cut in ways
    )
    assert longest == pytest.approx(best)
