import json
from itertools import accumulate, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from render_core.audio.speech import speech_of
from render_core.text.spread import CaptionTextError, split_words, spread, spread_evenly
from tests.factories import sound_of

STORY = "We had no time. Nobody knew why, and nobody asked. Then the rain came: it stayed for a week."


def said(text: str, speech) -> list[str]:
    """What is said in each interval."""
    words = spread(text, speech)
    return [" ".join(word.text for word in words if start <= word.start < end) for start, end in speech]


def stretches(text: str, pause: int = 500):
    """Speech in which each sentence of a text takes 60 ms a letter, with pauses between them."""
    at, speech = 0, []
    for sentence in text.split(". "):
        speech.append((at, at + 60 * len(sentence)))
        at = speech[-1][1] + pause
    return tuple(speech)


def test_sentences_end_at_pauses():
    assert said(STORY, stretches(STORY)) == [
        "We had no time.",
        "Nobody knew why, and nobody asked.",
        "Then the rain came: it stayed for a week.",
    ]


@pytest.mark.parametrize("factor", [0.8, 1.25])
def test_sentences_end_at_pauses_also_when_the_tempo_changes(factor):
    (_, one), (two, three), (four, five) = stretches(STORY)
    late = round((three - two) * factor) + two - three
    assert said(STORY, ((0, one), (two, three + late), (four + late, five + late)))[0] == "We had no time."


def test_a_pause_within_a_sentence_falls_at_a_comma():
    assert said("When it was over, everyone went home", ((0, 1100), (1600, 2900))) == (
        ["When it was over,", "everyone went home"]
    )


def test_lines_are_clauses():
    assert said("one two three\nfour five six", ((0, 800), (1300, 2300))) == ["one two three", "four five six"]


def test_a_cough_gets_no_word():
    speech = stretches(STORY)
    cough = (speech[0][1] + 200, speech[0][1] + 290)
    assert said(STORY, (speech[0], cough, *speech[1:]))[1] == ""


def test_long_words_take_longer():
    short, long = spread_evenly(["I", "extraordinary"], 0, 1000)
    assert (short.start, long.end) == (0, 1000)
    assert long.end - long.start > 4 * (short.end - short.start)


def test_figures_are_read_out():
    year, word = spread_evenly(["1984", "year"], 0, 1000)
    assert year.end - year.start > 2 * (word.end - word.start)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("one two", ["one", "two"]),
        ("fine — thanks", ["fine —", "thanks"]),
        ("- Yes - no", ["- Yes -", "no"]),
        ("« Bonjour » !", ["« Bonjour » !"]),
        ("good 🎉 luck", ["good 🎉", "luck"]),
        ("🎉 🥳", ["🎉 🥳"]),
        ("5 + 5 = 10 €", ["5", "+", "5", "=", "10", "€"]),
        ("नमस्ते दुनिया", ["नमस्ते", "दुनिया"]),
        ("... " * 30, ["... " * 14 + "...", "... " * 14 + "..."]),
        ("", []),
    ],
)
def test_marks_that_stand_alone_belong_to_a_word(line, words):
    assert split_words(line, 1) == words


def test_a_word_that_is_too_long_is_refused_with_its_line():
    with pytest.raises(CaptionTextError, match="line 3: the word “xxxxxxx") as caught:
        spread(f"a\n\n{'x' * 61}", ((0, 1000),))
    assert caught.value.line == 3


@pytest.mark.parametrize(("text", "speech"), [("", ((0, 1),)), (" \n ", ((0, 1),)), ("words", ())])
def test_nothing_is_said_without_words_or_without_speech(text, speech):
    assert spread(text, speech) == ()


def test_a_text_is_spread_over_one_long_sound():
    words = spread(STORY, ((0, 60_000),))
    assert (words[0].start, words[-1].end) == (0, 60_000)


GAPS = st.lists(st.tuples(st.integers(10, 3000), st.integers(30, 6000)), min_size=1, max_size=60)
TEXTS = st.lists(st.text("abcde.,é1 \n", min_size=1, max_size=12), min_size=1, max_size=80).map(" ".join)


def laid_out(gaps) -> tuple[tuple[int, int], ...]:
    """Intervals from the pauses before them and their lengths."""
    return tuple(pairwise(accumulate(part for gap in gaps for part in gap)))[::2]


@given(TEXTS, GAPS)
def test_every_word_is_said_in_order_and_only_while_somebody_speaks(text, gaps):
    speech = laid_out(gaps)
    words = spread(text, speech)
    assert " ".join(word.text for word in words).split() == text.split()
    assert all(before.end <= after.start for before, after in pairwise(words))
    assert all(any(start <= word.start <= word.end <= end for start, end in speech) for word in words)


@given(TEXTS, GAPS)
def test_where_something_is_said_the_whole_interval_is_filled(text, gaps):
    words = spread(text, laid_out(gaps))
    for start, end in laid_out(gaps):
        inside = [word for word in words if start <= word.start and word.end <= end]
        if inside:
            assert (inside[0].start, inside[-1].end) == (start, end)


def test_ten_thousand_words_are_spread_over_half_an_hour():
    speech = tuple((start, start + 1500) for start in range(0, 1_800_000, 1800))
    words = spread("so many words. " * 3333, speech)
    assert len(words) == 9999
    drift = [abs(word.start - 180 * index) for index, word in enumerate(words)]
    assert max(drift) < 5000


def test_words_of_the_demo_are_found_within_a_quarter_of_a_second(request):
    demo = request.config.rootpath / "demo"
    truth = json.loads((demo / "words.json").read_text())
    words = spread(" ".join(word["text"] for word in truth), speech_of([sound_of(demo / "avatar.mp4")]))
    late = np.array([word.start - wanted["start"] for word, wanted in zip(words, truth, strict=True)])
    assert np.abs(late).max() < 250
    assert np.abs(late).mean() < 100
