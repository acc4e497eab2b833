"""The words of captions on a person's table."""

import pytest

from webapp.ui.captions import MOST_WORDS, WordTable, clock_ms, parse_ms


def table(*words: tuple[str, int, int]) -> WordTable:
    return WordTable.of(words)


def plain(words: WordTable) -> list[tuple[str, int, int]]:
    return [(entry.text, entry.start, entry.end) for entry in words.entries]


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("3100", 3100),
        ("3100 ms", 3100),
        ("0:03.1", 3100),
        (" 1:02,5 ", 62_500),
        ("1:02:03.456", 3_723_456),
        ("3.1", 3100),
        ("3.25 s", 3250),
        ("0", 0),
        ("", None),
        ("abc", None),
        ("-5", None),
        ("1:2:3:4", None),
        ("٣٣", None),
        ("99999999", None),
    ],
)
def test_times_are_read_as_people_write_them(typed: str, moment: int | None):
    assert parse_ms(typed) == moment


@pytest.mark.parametrize("moment", [0, 5, 59_999, 60_000, 3_723_456])
def test_a_time_that_is_shown_can_be_typed(moment: int):
    assert parse_ms(clock_ms(moment)) == moment


def test_a_word_is_split_at_its_space_and_shares_its_time_by_letters():
    assert plain(table(("one four", 0, 700)).split(1)) == [("one", 0, 300), ("four", 300, 700)]


def test_a_word_without_a_space_is_split_in_the_middle_but_never_inside_a_letter():
    assert plain(table(("abcd", 0, 400)).split(1)) == [("ab", 0, 200), ("cd", 200, 400)]
    assert [entry.text for entry in table(("👩‍👩‍👧e\u0301", 0, 400)).split(1).entries] == ["👩‍👩‍👧", "e\u0301"]
    assert plain(table(("a", 0, 400)).split(1)) == [("a", 0, 400)]


def test_words_are_merged_from_the_earlier_start_to_the_later_end():
    words = table(("one", 100, 300), ("two", 400, 600), ("three", 700, 800))
    assert plain(words.merged(1)) == [("one two", 100, 600), ("three", 700, 800)]
    assert words.merged(3) == words


def test_a_word_is_inserted_into_the_pause():
    words = table(("one", 100, 300), ("two", 450, 600))
    assert plain(words.inserted_after(1))[1] == ("", 300, 450)
    assert plain(words.inserted_after(2))[2] == ("", 600, 900)
    assert plain(words.inserted_after(0))[0] == ("", 0, 100)


def test_ids_are_never_given_twice():
    words = table(("one", 0, 1), ("two", 2, 3)).without(2).inserted_after(1)
    assert [entry.id for entry in words.entries] == [1, 3]


def test_there_is_an_end_to_words():
    full = WordTable.of(("w", 0, 1) for _ in range(MOST_WORDS + 5))
    assert len(full.entries) == MOST_WORDS
    assert full.inserted_after(1) is full
    assert full.split(1) is full


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((("a", 0, 100), ("b", 300, 200)), "Ends (0:00.200) before it starts (0:00.300)."),
        ((("a", 500, 600), ("b", 300, 400)), "Starts before the word above it (0:00.500), so it is shown before it."),
        ((("a", 0, 100), ("b", 9000, 9100)), "Starts after the end of the video (0:05.000), so nobody will see it."),
        ((("a", 0, 100), (" ", 200, 300)), "Type the word, or delete it: blank ones are left out."),
        ((("a", 0, 100), ("b", 200, 300)), ""),
    ],
)
def test_bad_times_are_said_at_the_word(words: tuple[tuple[str, int, int], ...], sentence: str):
    assert list(table(*words).sentences(5000)) == ["", sentence]
