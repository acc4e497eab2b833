from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from render_core.text.spread import CaptionTextError
from render_core.text.subtitles import ANY_SPEECH, MOST_WORDS, is_subtitles, parse_subtitles, timed_words


def spoken(text: str) -> list[tuple[str, int, int]]:
    return [(word.text, word.start, word.end) for word in parse_subtitles(text)]


ONE = "00:00:01,000 --> 00:00:02,000\n"
TWO = "00:00:03,000 --> 00:00:04,000\n"

SRT = {
    "as it should be": f"1\n{ONE}hello\n\n2\n{TWO}world\n",
    "a mark of byte order": f"\ufeff1\n{ONE}hello\n\n2\n{TWO}world\n",
    "windows line ends": f"1\n{ONE}hello\n\n2\n{TWO}world\n".replace("\n", "\r\n"),
    "doubled line ends": f"1\n{ONE}hello\n\n2\n{TWO}world\n".replace("\n", "\r\r\n"),
    "old line ends": f"1\n{ONE}hello\n\n2\n{TWO}world\n".replace("\n", "\r"),
    "no numbers": f"{ONE}hello\n\n{TWO}world",
    "one number": f"{ONE}hello\n\n2\n{TWO}world",
    "no blank line between cues": f"1\n{ONE}hello\n2\n{TWO}world",
    "points for commas": f"1\n{ONE}hello\n\n2\n{TWO}world\n".replace(",", "."),
    "no thousandths": f"1\n{ONE}hello\n\n2\n{TWO}world\n".replace(",000", ""),
    "no hours": f"1\n{ONE}hello\n\n2\n{TWO}world\n".replace("00:00:", "00:"),
    "no leading zeros": f"1\n{ONE}hello\n\n2\n{TWO}world\n".replace("00:0", "0:"),
    "tight arrows": f"1\n{ONE}hello\n\n2\n{TWO}world\n".replace(" --> ", "-->"),
    "positions": f"1\n{ONE.strip()} X1:10 X2:20 Y1:1 Y2:2\nhello\n\n2\n{TWO}world\n",
    "tags": f"1\n{ONE}<i>hello</i>\n\n2\n{TWO}{{\\an8}}<font color='#ff0000'><b>wor</b>ld</font>\n",
    "numbers that start elsewhere": f"0\n{ONE}hello\n\n17\n{TWO}world\n",
    "cues in another order": f"2\n{TWO}world\n\n1\n{ONE}hello\n",
    "empty cues": f"1\n{ONE}hello\n\n2\n00:00:02,500 --> 00:00:02,600\n\n3\n{TWO}world\n",
    "blank lines around": f"\n\n1\n{ONE}hello\n\n\n\n2\n{TWO}world\n\n\n",
    "a blank line within a cue": f"1\n{ONE}\nhello\n\n2\n{TWO}\nworld\n",
}


@pytest.mark.parametrize("text", SRT.values(), ids=SRT)
def test_srt_is_read_as_players_read_it(text):
    assert spoken(text) == [("hello", 1000, 2000), ("world", 3000, 4000)]


def test_figures_that_are_said_are_no_numbers_of_cues():
    assert spoken(f"1\n{ONE}In the year\n1984\n\n{TWO}27")[-2:] == [("1984", 1500, 2000), ("27", 3000, 4000)]


def test_an_arrow_in_a_text_is_no_time():
    assert [word for word, *_ in spoken(f"{ONE}from here --> to there")] == ["from", "here", "-->", "to", "there"]


def test_a_sign_that_is_no_tag_stays():
    assert [word for word, *_ in spoken(f"{ONE}I <3 you, a < b > c & {{so}} on\\Nand on")] == (
        ["I", "<3", "you,", "a", "<", "b", ">", "c &", "{so}", "on", "and", "on"]
    )


VTT = {
    "as it should be": "WEBVTT\n\n00:01.000 --> 00:02.000\nhello\n\n00:03.000 --> 00:04.000\nworld\n",
    "a title, names and settings": (
        "WEBVTT - About this\nKind: captions\n\nintro\n00:00:01.000 --> 00:00:02.000 align:start position:1%\nhello\n\n"
        "2 the end\n00:00:03.000 --> 00:00:04.000 line:0\nworld"
    ),
    "notes, styles and regions": (
        "\ufeffWEBVTT\n\nSTYLE\n::cue { color: red }\n\nREGION\nid:fred\n\nNOTE one line --> of arrows\n\n"
        "00:01.000 --> 00:02.000\nhello\n\nNOTE\nseveral\nlines\n\n00:03.000 --> 00:04.000\nworld"
    ),
    "voices and classes": (
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<v.loud Ann Lee>hel<c.red>lo</c></v>\n\n"
        "00:03.000 --> 00:04.000\n<lang en><b>world</b></lang>"
    ),
    "pronunciations": (
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<ruby>hello<rt>heh-loh</rt></ruby>\n\n00:03.000 --> 00:04.000\nworld<rt>x"
    ),
    "windows line ends": "WEBVTT\r\n\r\n00:01.000 --> 00:02.000\r\nhello\r\n\r\n00:03.000 --> 00:04.000\r\nworld\r\n",
    "no blank line between cues": "WEBVTT\n00:01.000 --> 00:02.000\nhello\n00:03.000 --> 00:04.000\nworld",
}


@pytest.mark.parametrize("text", VTT.values(), ids=VTT)
def test_webvtt_is_read(text):
    assert spoken(text) == [("hello", 1000, 2000), ("world", 3000, 4000)]


@pytest.mark.parametrize("header", ["WEBVTT\n\n", ""])
def test_signs_that_are_spelled_out_are_signs_again(header):
    text = f"{header}00:01.000 --> 00:02.000\n&lt;b&gt; R&amp;B caf&eacute;&nbsp;au"
    assert [word for word, *_ in spoken(text)] == ["<b>", "R&B", "café", "au"]


def test_words_begin_where_webvtt_says_so():
    text = "WEBVTT\n\n00:01.000 --> 00:05.000\nNo <00:02.000>time <00:00:03.500><c>to</c> <00:04.000>lose now"
    assert spoken(text) == [
        ("No", 1000, 2000),
        ("time", 2000, 3500),
        ("to", 3500, 4000),
        ("lose", 4000, 4550),
        ("now", 4550, 5000),
    ]


def test_a_time_within_a_word_counts_for_the_next_one():
    text = "WEBVTT\n\n00:01.000 --> 00:03.000\nka<00:01.500>ra<00:02.000>oke now"
    assert spoken(text) == [("karaoke", 1000, 2000), ("now", 2000, 3000)]


@pytest.mark.parametrize("stamp", ["00:00.000", "00:09.000", "00:00:99.000", "9"])
def test_times_outside_their_cue_or_of_nothing_do_no_harm(stamp):
    (one, *_), (two, *_) = times = spoken(f"WEBVTT\n\n00:01.000 --> 00:02.000\none <{stamp}>two")
    assert (one, two) == ("one", "two")
    assert all(1000 <= start <= end <= 2000 for _, start, end in times)


def test_lines_that_roll_up_are_said_once():
    text = (
        "WEBVTT\nKind: captions\n\n00:00:00.000 --> 00:00:02.000 align:start\n \nhello<00:00:00.500><c> big</c>"
        "\n\n00:00:02.000 --> 00:00:02.010\nhello big\n \n\n00:00:02.010 --> 00:00:04.000\nhello big\n"
        "world<00:00:03.000><c> again</c>\n\n00:00:04.000 --> 00:00:04.010\nworld again\n \n"
    )
    assert spoken(text) == [("hello", 0, 500), ("big", 500, 2000), ("world", 2010, 3000), ("again", 3000, 4000)]


def test_who_repeats_himself_without_word_times_is_heard_twice():
    assert [word for word, *_ in spoken(f"{ONE}no\n\n{TWO}no")] == ["no", "no"]


def test_a_cue_ends_where_the_next_one_begins():
    overlapping = "00:00:01,000 --> 00:00:09,000\nlong\n\n00:00:02,000 --> 00:00:03,000\nshort\n"
    assert spoken(overlapping) == [("long", 1000, 2000), ("short", 2000, 3000)]


def test_cues_that_begin_together_are_one():
    both = "00:00:01,000 --> 00:00:02,000\n- Yes?\n\n00:00:01,000 --> 00:00:03,000\n- Maybe\n"
    assert spoken(both) == [("- Yes?", 1000, 1818), ("- Maybe", 1818, 3000)]


def test_words_share_a_cue_by_their_letters():
    (_, *short), (_, *long) = spoken(f"{ONE}a extraordinarily")
    assert long[1] - long[0] > 4 * (short[1] - short[0])


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (f"Title\n1\n{ONE}x", 1, "“Title” stands before the first times"),
        (f"1\n{ONE}x\n\n2\n00:00:03,000 -->\ny", 6, "00:00:01,000 --> 00:00:02,500"),
        ("1\n00:00:61,000 --> 00:00:62,000\nx", 2, "“00:00:61,000” is no time"),
        ("1\n00:00:01:000 --> 00:00:02:000\nx", 2, "“00:00:01:000” is no time"),
        ("1\n-00:00:01,000 --> 00:00:02,000\nx", 2, "“-00:00:01,000” is no time"),
        ("1\n00:00:02,000 --> 00:00:01,000\nx", 2, "ends (00:00:01,000) before it starts (00:00:02,000)"),
        ("1\n00:00:01,000 --> 99:00:00,000\nx", 2, "later than 24 hours"),
        (f"1\n{ONE}fine\n{'x' * 61}", 4, "61 characters; at most 60"),
        (f"1\n{ONE}", None, "no words"),
        ("WEBVTT\n\nNOTE nothing", None, "no words"),
        ("WEBVTT\n\n00:00.000 -> 00:01.000\nx", 3, "stands before the first times"),
        ("[Script Info]\nTitle: x\n", None, "looks like ASS or SSA"),
        ("<?xml version='1.0'?><tt></tt>", None, "looks like TTML"),
        ("[00:12.00]Some line", None, "looks like LRC"),
        ("0:00:01.000,0:00:02.000\nhello", None, "looks like SBV"),
        ("word " * (MOST_WORDS + 1), None, "10001 words; at most 10000"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text, line, says):
    with pytest.raises(CaptionTextError) as caught:
        timed_words(text, ANY_SPEECH)
    assert caught.value.line == line
    assert says in str(caught.value)
    assert str(caught.value).startswith("" if line is None else f"line {line}: ")


@pytest.mark.parametrize(
    "text", ["", "Just a text.", "from 1 --> many", "--> here", "2 -- 3", "a\n\nWEBVTT", "WEBVTTs"]
)
def test_other_texts_are_plain(text):
    assert not is_subtitles(text)


WORDS = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=12).filter(
    lambda word: word.isprintable() and not word.isdecimal()
)
CUES = st.lists(
    st.tuples(st.integers(0, 5000), st.integers(1, 5000), st.lists(WORDS, min_size=1, max_size=6)), min_size=1
)


def stamp(ms: int, mark: str) -> str:
    seconds, rest = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{mark}{rest:03}"


def written(cues, mark: str, header: str) -> tuple[str, list[tuple[int, int, list[str]]]]:
    """Cues one after the other as a file, and what is in it: start, end and words of each."""
    at, lines, content = 0, [header], []
    for number, (gap, length, words) in enumerate(cues, 1):
        start, at = at + gap, at + gap + length
        lines.append(f"{number}\n{stamp(start, mark)} --> {stamp(at, mark)}\n{' '.join(words)}\n")
        content.append((start, at, words))
    return "\n".join(lines), content


@given(CUES, st.sampled_from([(",", ""), (".", "WEBVTT\n")]))
def test_what_is_written_is_read(cues, form):
    text, content = written(cues, *form)
    words = parse_subtitles(text)
    assert [word.text for word in words] == [word for *_, members in content for word in members]
    assert all(earlier.end <= later.start for earlier, later in pairwise(words))
    remaining = iter(words)
    for start, end, members in content:
        own = [next(remaining) for _ in members]
        assert (own[0].start, own[-1].end) == (start, end)


@given(st.text(st.sampled_from("0123:,.-> <>/\n&a{\\}iWEBVTNO\ufeff"), max_size=80))
def test_any_text_is_read_or_refused(text):
    with suppress(CaptionTextError):
        words = timed_words(text, ANY_SPEECH)
        assert all(0 <= word.start <= word.end for word in words)


@pytest.mark.parametrize(
    "part", ["0:00", "<00:00:01.000>a", "<c>a", "1 --> ", "1-->", "{\\", "- ", "<rt>", "&lt;", "\n", "1\n"]
)
def test_hostile_texts_are_done_with_at_once(part):
    with suppress(CaptionTextError):
        timed_words(f"WEBVTT\n\n{ONE}" + part * (190_000 // len(part)) + " -->", ANY_SPEECH)
