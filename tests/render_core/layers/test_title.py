from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from render_core.cells import digest
from render_core.layers.text import TextBlock, fonts_of
from render_core.layers.title import Title
from render_core.picture import Picture
from render_core.text.animation import Animation
from render_core.text.raster import TextStyle
from tests.scenes import FakeMedia

STYLE = TextStyle(
    family="Montserrat", weight=800, size=18, outline=1.5, shadow=2.0, shadow_down=1.0, shadow_opacity=0.7
)
LINES = ("one two", "three")
WAYS = ("pop", "fade", "slide", "bounce", "typewriter")
PER = ("block", "line", "word", "letter")


def title(kind="pop", per="word", lines=LINES, **changes: object) -> Title:
    enter = Animation(kind=kind, per=per, duration_s=0.5, stagger_s=0.25)
    values = {"lines": lines, "style": STYLE, "fonts": fonts_of(lines, "Montserrat"), "anchor": (80.0, 40.0)}
    return Title(**values | {"enter": enter, "leave": enter} | changes)


def painted(drawing) -> Picture:
    canvas = Picture.black(160, 80)
    if drawing is not None:
        drawing.paint(canvas, FakeMedia())
    return canvas


def light(drawing) -> float:
    """How much of the canvas the letters cover, in white pixels."""
    return float((painted(drawing).y.astype(float) - 16).clip(0).sum() / 219)


@pytest.mark.parametrize("per", PER)
@pytest.mark.parametrize("kind", WAYS)
def test_a_title_is_unseen_at_first_and_plain_text_once_it_rests(kind, per):
    shown = title(kind, per)
    assert shown.at(0) is None
    assert shown.at(-1) is None
    at_rest = shown.at(shown.enter_s)
    assert at_rest == TextBlock(lines=LINES, style=STYLE, fonts=shown.fonts, anchor=(80.0, 40.0))
    assert digest(shown.at(9)) == digest(at_rest)


@pytest.mark.parametrize("per", PER)
@pytest.mark.parametrize("kind", ["pop", "fade", "slide", "bounce"])
def test_the_last_moment_of_coming_in_looks_like_the_text_at_rest(kind, per):
    shown = title(kind, per)
    before, after = painted(shown.at(shown.enter_s - 1e-6)), painted(shown.at(shown.enter_s))
    assert np.abs(before.y.astype(int) - after.y).mean() < 1


@pytest.mark.parametrize("kind", ["fade", "slide", "typewriter"])
def test_more_and_more_of_it_is_seen(kind):
    shown = title(kind, "letter")
    seen = [light(shown.at(shown.enter_s * step / 12)) for step in range(13)]
    assert all(later >= earlier * 0.99 for earlier, later in pairwise(seen))
    assert seen[-1] > 100


def test_words_come_one_after_the_other():
    shown = title("fade", "word")
    counts = [len(shown.at(time).parts) for time in (0.1, 0.3, 0.6)]
    assert counts == [1, 2, 3]
    assert [part.stretches[0].text for part in shown.at(0.6).parts] == ["one", "two", "three"]


def test_the_first_word_of_a_right_to_left_line_comes_first_from_the_right():
    (first,) = title("fade", "word", ("שלום עולם",)).at(0.1).parts
    assert first.stretches[0].text == "שלום"
    assert first.box.centre[0] > 80


def test_letters_that_join_come_with_their_word():
    shown = title("fade", "letter", ("سلام عليكم",)).at(0.6)
    assert [part.stretches[0].text for part in shown.parts] == ["سلام", "عليكم"]


def test_lines_and_the_block_move_as_one():
    assert [len(part.stretches) for part in title("fade", "line").at(0.4).parts] == [2, 1]
    assert [len(part.stretches) for part in title("fade", "block").at(0.4).parts] == [3]


def test_it_leaves_as_it_came_and_is_gone_at_the_end():
    shown = title("fade", "word")
    assert isinstance(shown.at(9, shown.leave_s), TextBlock)
    assert [part.stretches[0].text for part in shown.at(9, 0.6).parts] == ["one", "two", "three"]
    assert [part.stretches[0].text for part in shown.at(9, 0.1).parts] == ["three"]
    assert shown.at(9, 0) is None


def test_coming_and_leaving_may_overlap_and_differ():
    shown = title("fade", "word", leave=Animation(kind="slide", per="letter", duration_s=1.0, stagger_s=0.0))
    both = shown.at(0.25, 0.25)
    assert both is not None
    assert max(part.opacity for part in both.parts) < 0.5
    assert light(both) < light(shown.at(0.25))


def test_a_popping_part_grows_about_its_own_middle():
    small, large = (title("pop", "word").at(time).parts[0].box for time in (0.02, 0.1))
    assert small.width < large.width
    assert small.centre[0] == pytest.approx(large.centre[0], abs=8)
    assert small.centre[0] < 60


@pytest.mark.parametrize(("align", "anchor"), [("left", 30.0), ("centre", 80.0), ("right", 130.0)])
def test_lines_stand_on_the_anchor(align, anchor):
    block = TextBlock(lines=("HH", "HHHH"), style=replace(STYLE, shadow_opacity=0.0), fonts=(), anchor=(anchor, 40.0))
    seen = painted(replace(block, align=align)).y > 130
    for half in (seen[:40], seen[40:]):
        columns = np.nonzero(half.any(axis=0))[0]
        at = {"left": columns.min(), "centre": (columns.min() + columns.max()) / 2, "right": columns.max()}[align]
        assert at == pytest.approx(anchor, abs=4)


def test_a_title_without_lines_is_nothing():
    assert title(lines=()).at(1) is None


def test_parts_are_rasterised_once():
    media, shown = FakeMedia(), title("slide", "word")
    for step in range(1, 8):
        shown.at(step / 16).paint(Picture.black(160, 80), media)
    assert len([key for key in media.memory if key[0] == "part of a title"]) <= 3 * len(("one", "two", "three"))


@pytest.mark.parametrize(
    "changed",
    [
        title(lines=("one two", "tree")),
        title(per="letter"),
        title("fade"),
        title(anchor=(84.0, 40.0)),
        title(align="left"),
        title(style=replace(STYLE, color=(255, 255, 0))),
        title(style=replace(STYLE, outline=0.5)),
        title(style=replace(STYLE, outline_color=(99, 0, 0))),
        title(style=replace(STYLE, shadow_opacity=0.1)),
        title(style=replace(STYLE, letter_spacing=0.1)),
        title(style=replace(STYLE, line_height=1.4)),
        title(style=replace(STYLE, weight=500)),
        title(enter=Animation(kind="pop", per="word", duration_s=0.4, stagger_s=0.25)),
        title(enter=Animation(kind="pop", per="word", duration_s=0.5, stagger_s=0.2)),
    ],
)
def test_other_pixels_mean_another_drawing(changed):
    plain, other = title().at(0.6), changed.at(0.6)
    canvas = Picture.black(160, 80)
    canvas.y[:] = 120
    pictures = [canvas.copy(), canvas.copy()]
    for drawing, picture in zip((plain, other), pictures, strict=True):
        drawing.paint(picture, FakeMedia())
    assert any(not np.array_equal(getattr(pictures[0], plane), getattr(pictures[1], plane)) for plane in "yuv")
    assert digest(plain) != digest(other)
