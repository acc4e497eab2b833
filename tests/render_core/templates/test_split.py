from fractions import Fraction

import numpy as np
import pytest

from render_core.composition import Group
from render_core.layers.captions import CaptionPage
from render_core.layers.image import Still
from render_core.layers.shape import Panel, Shade
from render_core.layers.text import TextBlock
from render_core.layers.transition import Transition
from render_core.layers.video import ClipFrame
from render_core.layers.window import Window
from render_core.render import render_frame
from render_core.templates import build, make_spec
from tests.scenes import FakeMedia, invented_asset

AVATAR = invented_asset("avatar", frames=300)
CLIP, PHOTO, SECOND = invented_asset("clip", frames=45), invented_asset("photo", "image"), invented_asset("clip 2")
NAMES = {AVATAR.sha256: "avatar", CLIP.sha256: "clip", PHOTO.sha256: "photo", SECOND.sha256: "second"}
WORDS = [{"text": "hello", "start": 0, "end": 400}, {"text": "there", "start": 400, "end": 9000}]


def made(clips=(CLIP, PHOTO, SECOND), *, scale: float = 0.1, **config: object):
    assets = {"avatarVideo": (AVATAR,), "backgroundVideos": clips}
    return build(make_spec("SplitTalkingHead", assets, {"captions": WORDS, **config}, scale=scale))


def inside(drawing) -> list:
    parts = [getattr(drawing, name, None) for name in ("drawings", "before", "after")]
    groups = [part.drawings if isinstance(part, Group) else part for part in parts if part]
    return [drawing, *(inner for group in groups for part in group for inner in inside(part))]


def shown(composition, frame: int, kinds=(ClipFrame, Still)) -> list:
    return [one for drawing in composition.drawings(frame) for one in inside(drawing) if isinstance(one, kinds)]


def pictures(composition, frame: int) -> list[str]:
    return [NAMES[one.asset.sha256] for one in shown(composition, frame)]


@pytest.mark.parametrize(
    ("frame", "seen"),
    [
        (0, ["avatar", "clip"]),
        (110, ["avatar", "clip"]),
        (120, ["avatar", "clip", "photo"]),
        (130, ["avatar", "photo"]),
        (200, ["avatar", "photo"]),
        (299, ["avatar", "second"]),
    ],
)
def test_what_is_on_screen_when(frame, seen):
    assert pictures(made(), frame) == seen


def test_b_roll_comes_again_when_all_of_it_was_seen():
    order = [pictures(made(segmentDuration=1), 30 * second + 15)[1] for second in range(7)]
    assert order == ["clip", "photo", "second", "clip", "photo", "second", "clip"]


def test_what_is_left_at_the_end_is_no_flash_of_another_picture():
    assert pictures(made(segmentDuration=2.9), 299)[1] == pictures(made(segmentDuration=2.9), 280)[1] == "second"


def test_a_single_clip_plays_on_without_a_cut_and_loops():
    composition = made((CLIP,), segmentDuration=1)
    assert not any(shown(composition, frame, Transition) for frame in range(0, 300, 7))
    times = [shown(composition, frame)[1].at_s for frame in (0, 44, 45, 100)]
    assert times == [0, Fraction(44, 30), 0, Fraction(10, 30)]


def test_a_clip_begins_when_it_is_first_seen_and_an_image_moves():
    composition = made((PHOTO, CLIP), segmentDuration=2)
    assert [shown(composition, frame)[-1].at_s for frame in (52, 60, 70)] == [Fraction(n, 30) for n in (1, 9, 19)]
    zooms = [shown(composition, frame)[1].placement.move.zoom for frame in (0, 20, 40)]
    assert zooms == sorted(set(zooms))


def test_the_speaker_is_shown_in_the_time_of_the_video():
    assert [shown(made(), frame)[0].at_s for frame in (0, 150)] == [0, 5]


@pytest.mark.parametrize("share", [30, 50, 70])
def test_the_share_of_the_b_roll(share):
    lower, upper = (one.region for one in made(splitPercent=share).drawings(60) if isinstance(one, Window))
    assert upper.y == 0
    assert upper.height == lower.y == pytest.approx(1.92 * share, abs=2)
    assert lower.y + lower.height == 192


def test_wide_pictures_are_split_side_by_side():
    lower, upper = (one.region for one in made(width=1920, height=1080).drawings(60) if isinstance(one, Window))
    assert (upper.x, upper.width, lower.x, lower.width) == (0, 96, 96, 96)
    assert upper.height == lower.height == 108


def test_the_seam_lies_on_the_border_and_captions_on_the_seam():
    composition = made(splitPercent=40, seamWidth=20, seamColor="#00ff00")
    (seam,) = shown(composition, 60, Panel)
    (page,) = shown(composition, 60, CaptionPage)
    assert seam.box.centre[1] == page.centre[1] == pytest.approx(192 * 0.4, abs=1)
    assert (seam.box.height, seam.color) == (2, (0, 255, 0))


def test_captions_may_stand_where_their_style_says():
    low, high = (
        shown(made(captionsOnSeam=False, captionStyle={"bottomPercent": percent}), 60, CaptionPage)[0].centre[1]
        for percent in (10, 80)
    )
    assert high < 60 < 150 < low  # noqa: PLR0133 - where they stand


def test_a_seam_without_width_is_not_drawn():
    assert not shown(made(seamWidth=0), 60, Panel)


def test_without_b_roll_the_speaker_has_the_whole_screen():
    composition = made(())
    assert [type(one) for one in composition.drawings(60)] == [Window, Shade, TextBlock, CaptionPage]
    assert composition.drawings(60)[0].region.height == 192


def test_without_b_roll_the_headline_stands_in_the_middle_of_a_wide_picture():
    drawings = made((), width=1920, height=1080).drawings(200)
    (shade,) = [one for one in drawings if isinstance(one, Shade)]
    (text,) = [one for one in drawings if isinstance(one, TextBlock)]
    assert (shade.box.width, text.anchor[0]) == (192, 96)


def test_the_headline_comes_in_word_by_word_and_stays():
    composition = made(mainText="One two three")
    assert not shown(composition, 0, TextBlock)
    assert shown(composition, 60, TextBlock) == shown(composition, 299, TextBlock) != []
    assert not shown(made(mainText=" "), 60, (TextBlock, Shade))


def test_the_headline_stands_in_the_b_roll_whatever_its_length():
    for text in ("Go", "Many words that say a lot about very little and still have to be read by somebody " * 2):
        for share in (30, 70):
            composition = made(mainText=text[:120], splitPercent=share, scale=0.5)
            (block,) = shown(composition, 60, TextBlock)
            height = len(block.lines) * block.style.size * block.style.line_height
            assert block.anchor[1] - height / 2 > 0
            assert block.anchor[1] + height / 2 < 960 * share / 100


def test_a_golden_frame():
    """The mean luma of a 3 × 4 grid, so that a lost layer or a wrong place is seen."""
    picture = render_frame(made(scale=0.05), 60, FakeMedia())
    grid = [[int(cell.mean()) for cell in np.array_split(row, 3, axis=1)] for row in np.array_split(picture.y, 4)]
    assert np.abs(np.array(grid) - GOLDEN).max() <= 4, grid


GOLDEN = np.array([[59, 121, 128], [76, 124, 170], [58, 99, 174], [76, 94, 150]])
