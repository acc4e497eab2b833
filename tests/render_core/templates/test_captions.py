from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from render_core.cells import plan_cells
from render_core.errors import InvalidInputError
from render_core.layers.captions import CaptionPage
from render_core.media.encode import STANDARD
from render_core.spec import VideoFormat
from render_core.templates import build, make_spec
from render_core.templates.caption_config import CaptionSettings, CaptionStyle, CaptionWord
from render_core.templates.captions import CaptionTrack, caption_words, check_captions
from render_core.templates.settings import parse_settings
from tests.factories import asset
from tests.scenes import FakeMedia, flat_picture, invented_asset

FORMAT = VideoFormat(width=1080, height=1920, fps=Fraction(30))
SRT = "1\n00:00:01,000 --> 00:00:02,000\nhello\n"
STORY = "Hi! I'm Ivy. This video was put together by Reelgrove, in just a few seconds."


def settings(**config: object) -> CaptionSettings:
    return parse_settings(CaptionSettings, config)


def texts(config: CaptionSettings, speech=((500, 1500),), duration_ms: int = 9000) -> list[tuple[str, int, int]]:
    return [(word.text, word.start, word.end) for word in caption_words(config, speech, duration_ms)]


def test_words_go_before_a_text():
    word = {"text": "given", "start": 0, "end": 100}
    assert texts(settings(captions=[word], captionText=SRT)) == [("given", 0, 100)]


def test_a_text_with_times_keeps_them():
    assert texts(settings(captionText=SRT)) == [("hello", 1000, 2000)]
    assert texts(settings(captionText="WEBVTT\n\n00:01.000 --> 00:02.000\nhello")) == [("hello", 1000, 2000)]


def test_a_plain_text_is_said_while_somebody_speaks_or_else_over_the_whole_video():
    assert texts(settings(captionText="hello")) == [("hello", 500, 1500)]
    assert texts(settings(captionText="hello"), speech=()) == [("hello", 0, 9000)]


def test_no_text_is_no_captions():
    assert texts(settings()) == texts(settings(captionText=" \r\n\t ")) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1\n00:00:01,000 --> 00:00:61,000\nx", "line 2: “00:00:61,000” is no time"),
        ("fine\n" + "x" * 61, "line 2: the word “xxxxxxxxxxxxxxxxxxxx…” has 61 characters; at most 60 are possible"),
        ("x" * 200_001, "is 200001 characters long; at most 200000 are possible"),
        ("a " * 10_001, "has 10001 words; at most 10000 are possible"),
        (5, "a text"),
    ],
)
def test_a_text_that_cannot_be_read_is_refused_with_its_line(text, says):
    with pytest.raises(InvalidInputError) as caught:
        settings(captionText=text)
    assert caught.value.field == "config.captionText"
    assert says in caught.value.problem


def test_characters_that_no_font_has_are_refused_where_captions_are_shown():
    unknown = settings(captionText="fine \U00012000")
    with pytest.raises(InvalidInputError) as caught:
        check_captions(unknown)
    assert caught.value.field == "config.captionText"
    check_captions(unknown.model_copy(update={"show_captions": False}))


def page(frame: int, **changes: object) -> CaptionPage | None:
    words = (CaptionWord(text="hello", start=0, end=400), CaptionWord(text="there", start=600, end=900))
    return CaptionTrack(words, CaptionStyle(animation="none"), FORMAT, **changes).at(frame)


def test_pages_stand_where_the_style_says_or_at_a_place_of_their_own():
    assert page(0).centre == (540, pytest.approx(0.8 * 1920 - 48 * page(0).style.line_height / 2))
    assert page(0, middle=700.0).centre == (540, 700)


@pytest.mark.parametrize("text", ["a", "incomprehensibilities"])
def test_pages_stay_inside_the_picture(text):
    def ink(bottom: int) -> int:
        style = CaptionStyle(font_size=120, bottom_percent=bottom, max_width_percent=10)
        canvas = flat_picture(FORMAT.width, FORMAT.height, (255, 255, 255))
        CaptionTrack((CaptionWord(text=text, start=0, end=5000),), style, FORMAT).at(60).paint(canvas, FakeMedia())
        assert min(canvas.y[:, 0].min(), canvas.y[:, -1].min()) == 235
        return np.count_nonzero(canvas.y < 200)

    assert ink(0) == pytest.approx(ink(20), rel=0.01)
    assert ink(100) == pytest.approx(ink(20), rel=0.01)


def test_the_spoken_word_is_lit_and_pops_to_110_per_cent():
    assert [page(frame).lit for frame in (0, 17, 18, 40)] == [0, 0, 1, 1]
    assert [round(page(frame).lit_zoom, 3) for frame in (18, 20, 22)] == [1, 1.089, 1]


def test_a_page_goes_with_the_pause_after_it():
    assert page(50) is not None
    assert page(51) is None


def keys(speech: tuple[tuple[int, int], ...], **config: object) -> list[str]:
    avatar = invented_asset("avatar", frames=120)
    heard = avatar.model_copy(update={"info": avatar.info.model_copy(update={"speech": speech})})
    composition = build(make_spec("LipSyncTemplate", {"lipSyncVideo": (heard,)}, config, scale=0.1))
    return [cell.key for cell in plan_cells(composition, STANDARD)]


def test_what_was_heard_enters_keys_only_through_what_is_seen():
    early, late = ((0, 1000),), ((2500, 3500),)
    assert keys(early) == keys(late)
    assert keys(early, captionText=SRT) == keys(late, captionText=SRT)
    assert keys(early, captionText="hello") != keys(late, captionText="hello")


def test_the_demos_captions_are_seen_only_while_she_speaks(request):
    demo: Path = request.config.rootpath / "demo"
    avatar = asset(demo / "avatar.mp4")
    composition = build(make_spec("LipSyncTemplate", {"lipSyncVideo": (avatar,)}, {"captionText": STORY}, scale=0.1))
    seen = [any(isinstance(d, CaptionPage) for d in composition.drawings(n)) for n in range(composition.frame_count)]
    begun = [1000 * n / 30 for n in range(1, len(seen)) if seen[n] and not seen[n - 1]]
    speech = avatar.info.speech
    assert all(any(start <= at <= end + 34 for start, end in speech) for at in begun)
    for (_, end), (start, _) in pairwise(speech):
        silent = [seen[n] for n in range(len(seen)) if end + 800 < 1000 * n / 30 < start]
        assert not any(silent)
    assert not seen[0]
    assert sum(seen) > 400
