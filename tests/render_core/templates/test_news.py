from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from render_core.composition import Group
from render_core.layers.backdrop import Studio
from render_core.layers.image import Logo, Still
from render_core.layers.shape import Panel
from render_core.layers.text import TextBlock
from render_core.layers.ticker import Ticker
from render_core.layers.transition import Transition
from render_core.layers.video import ClipFrame
from render_core.layers.window import Window
from render_core.render import render_frame
from render_core.spec import VideoFormat
from render_core.templates import build, make_spec
from render_core.templates.news.config import NewsConfig
from render_core.templates.news.layout import NewsLayout
from render_core.templates.news.running_order import phases_of
from render_core.templates.settings import parse_settings
from tests.scenes import FakeMedia, invented_asset

PRESENTER = invented_asset("presenter", frames=600)
CLIPS = (invented_asset("clip 1", frames=90), invented_asset("photo", "image"))
LOGO, STUDIO = invented_asset("logo", "image", width=40, height=20), invented_asset("set", frames=50)
ITEMS = [{"headline": "One", "kicker": "A"}, {"headline": "Two"}, {"headline": "Three", "duration": 3}]
NAMES = {PRESENTER.sha256: "presenter", CLIPS[0].sha256: "clip", CLIPS[1].sha256: "photo", STUDIO.sha256: "set"}


def made(clips=CLIPS, extra=None, *, scale: float = 0.1, **config: object):
    assets = {"presenterVideo": (PRESENTER,), "backgroundVideos": clips, **(extra or {})}
    return build(make_spec("NewsTemplate", assets, {"items": ITEMS, **config}, scale=scale))


def inside(drawing) -> list:
    """A drawing and all that it holds, from the back to the front."""
    parts = [getattr(drawing, name, None) for name in ("drawings", "before", "after")]
    groups = [part.drawings if isinstance(part, Group) else part for part in parts if part]
    return [drawing, *(inner for group in groups for part in group for inner in inside(part))]


def shown(composition, frame: int) -> list:
    return [inner for drawing in composition.drawings(frame) for inner in inside(drawing)]


def pictures(composition, frame: int) -> list[str]:
    kinds = (ClipFrame, Still)
    return [NAMES[drawing.asset.sha256] for drawing in shown(composition, frame) if isinstance(drawing, kinds)]


def texts(composition, frame: int) -> list[str]:
    return [text for drawing in composition.drawings(frame) for text in texts_in(drawing)]


@pytest.mark.parametrize(
    ("frame", "seen", "read"),
    [
        (0, ["presenter"], ["DAILY BRIEF", "LATEST"]),
        (60, ["presenter"], ["In the studio", "Robin Vale", "DAILY BRIEF", "LATEST"]),
        (118, ["clip", "presenter"], ["DAILY BRIEF", "LATEST"]),
        (200, ["clip", "presenter"], ["A", "One", "DAILY BRIEF", "LATEST"]),
        (270, ["clip", "photo", "presenter"], ["DAILY BRIEF", "LATEST"]),
        (350, ["photo", "presenter"], ["Two", "DAILY BRIEF", "LATEST"]),
        (470, ["presenter"], ["Three", "DAILY BRIEF", "LATEST"]),
        (560, ["presenter"], ["DAILY BRIEF", "LATEST"]),
    ],
)
def test_what_is_on_screen_when(frame, seen, read):
    composition = made()
    assert pictures(composition, frame) == seen
    assert texts(composition, frame) == read


def spans(config: dict, frames: int = 600, clips=CLIPS) -> list[tuple]:
    settings = parse_settings(NewsConfig, {"items": ITEMS, **config})
    names = [None if phase.broll is None else NAMES[phase.broll.sha256] for phase in phases_of(settings, frames, clips)]
    rows = zip(phases_of(settings, frames, clips), names, strict=True)
    return [(phase.index, float(phase.start), float(phase.stop), name) for phase, name in rows]


OPENING, CLOSING = (-1, 0, 120, None), (-1, 240, 600, None)


@pytest.mark.parametrize(
    ("config", "frames", "expected"),
    [
        ({}, 600, [OPENING, (0, 120, 270, "clip"), (1, 270, 420, "photo"), (2, 420, 510, None), (-1, 510, 600, None)]),
        ({"introDuration": 0, "outroDuration": 0, "items": []}, 600, [(0, 0, 300, "clip"), (1, 300, 600, "photo")]),
        ({}, 100, [(-1, 0, 100, None)]),
        ({}, 130, [OPENING, (0, 120, 130, "clip")]),
        ({"items": [{"duration": 600}]}, 600, [OPENING, (0, 120, 600, "clip")]),
        ({"items": 2 * [{"duration": 2}]}, 600, [OPENING, (0, 120, 180, "clip"), (1, 180, 240, "photo"), CLOSING]),
    ],
)
def test_the_running_order(config, frames, expected):
    assert spans(config, frames) == expected


def test_without_b_roll_or_items_the_presenter_stays_alone():
    assert spans({"items": []}, clips=()) == [(-1, 0, 600, None)]
    assert pictures(made((), items=[]), 300) == ["presenter"]


@pytest.mark.parametrize("height", [1080, 1350, 1920, 608])
@pytest.mark.parametrize("is_full", [False, True])
@pytest.mark.parametrize("is_upright", [False, True])
@pytest.mark.parametrize("has_ticker", [False, True])
def test_nothing_stands_in_the_way_of_anything_else(height, is_full, is_upright, has_ticker):
    size = VideoFormat(width=1080, height=height, fps=Fraction(30))
    layout = NewsLayout(format=size, is_full=is_full, is_upright=is_upright, has_ticker=has_ticker)
    boxes = [
        layout.card,
        layout.beside,
        *([] if is_full else [layout.broll.box]),
        *([layout.bar.box] if has_ticker else []),
    ]
    for index, box in enumerate(boxes):
        assert layout.screen.contains(box)
        assert box.width >= 2
        assert box.height >= 2
        for other in boxes[index + 1 :]:
            shared = box.intersection(other)
            assert shared.width * shared.height == 0
    for window in (layout.alone, layout.above_card, layout.wide_card):
        assert layout.screen.contains(window)
        if has_ticker and not is_full:
            assert window.bottom <= layout.bar.y


def ticker_of(composition, frame: int) -> Ticker:
    return next(one for one in shown(composition, frame) if isinstance(one, Ticker))


@pytest.mark.parametrize("fps", ["24", "25", "30000/1001", "60"])
def test_the_ticker_runs_by_the_same_step_across_all_cells(fps):
    composition = made(fps=fps, tickerSpeed=137.5, duration=9)
    offsets = [ticker_of(composition, frame).offset for frame in range(composition.frame_count)]
    steps = {after - before for before, after in pairwise(offsets)}
    assert len(steps) == 1
    assert steps.pop() * composition.format.fps == pytest.approx(137.5 * 0.1, rel=0.01)


def test_a_programme_without_lines_has_no_ticker_and_more_room():
    lines = made(ticker=[])
    assert not any(isinstance(one, Ticker) for one in shown(lines, 30))
    heights = [
        next(one for one in reversed(c.drawings(30)) if isinstance(one, Window)).region.height for c in (made(), lines)
    ]
    assert heights[1] > heights[0]


def presenter_window(composition, frame: int) -> Window:
    windows = [one for one in composition.drawings(frame) if isinstance(one, Window)]
    return next(one for one in windows if any(getattr(d, "asset", None) == PRESENTER for d in one.drawings))


def test_the_presenter_moves_aside_while_b_roll_comes():
    composition = made()
    lefts = [presenter_window(composition, frame).region.x for frame in range(105, 135)]
    assert lefts == sorted(lefts)
    assert lefts[-1] - lefts[0] > 60


def test_the_presenter_speaks_in_the_time_of_the_video():
    composition = made()
    for frame in (0, 270, 599):
        clip = next(one for one in shown(composition, frame) if getattr(one, "asset", None) == PRESENTER)
        assert clip.at_s == Fraction(frame, 30)


@pytest.mark.parametrize("kind", ["crossfade", "slide", "wipe"])
def test_items_follow_each_other_with_the_chosen_transition(kind):
    composition = made(transition=kind, transitionDirection="up")
    (found,) = [one for one in shown(composition, 270) if isinstance(one, Transition)]
    assert (found.kind, found.towards) == (kind, "up")


def test_b_roll_may_fill_the_screen():
    composition = made(layout="full")
    assert [type(one).__name__ for one in composition.drawings(200)][:1] == ["Window"]
    assert composition.drawings(200)[0].region.width == 192


def test_the_lower_third_slides_in_and_out_and_leaves_when_the_picture_changes():
    composition = made(lowerThirdStart=2, lowerThirdDuration=30)

    def length(frame):
        strips = [one for one in composition.drawings(frame) if "Robin Vale" in texts_in(one)]
        return strips[0].region.width if strips else 0

    lengths = [length(frame) for frame in range(58, 122)]
    assert (lengths[0], lengths[-1]) == (0, 0)
    assert max(lengths) == lengths[30]
    assert 0 < lengths[3] < lengths[30]
    assert 0 < lengths[-5] < lengths[30]


def texts_in(drawing) -> list[str]:
    return [" ".join(one.lines) for one in inside(drawing) if isinstance(one, TextBlock)]


def test_the_studio_is_drawn_unless_another_is_given():
    assert isinstance(made().drawings(0)[0], Studio)
    given = made(extra={"studioBackground": (STUDIO,)})
    assert pictures(given, 70) == ["set", "presenter"]
    assert given.drawings(70)[0].at_s == Fraction(20, 30)


@pytest.mark.parametrize(
    ("corner", "is_left", "is_top"),
    [
        ("top left", True, True),
        ("top right", False, True),
        ("bottom left", True, False),
        ("bottom right", False, False),
    ],
)
def test_the_logo_stands_in_its_corner_with_its_proportions(corner, is_left, is_top):
    composition = made(extra={"logo": (LOGO,)}, logoCorner=corner, logoSizePercent=20, scale=0.5)
    (logo,) = [one for one in composition.drawings(0) if isinstance(one, Logo)]
    assert (logo.region.x < 480, logo.region.y < 270) == (is_left, is_top)
    assert (logo.region.width, logo.region.height) == pytest.approx((108, 54), abs=2)


@pytest.mark.parametrize("layout", ["window", "full"])
@pytest.mark.parametrize(("width", "height"), [(1080, 1920), (1080, 1080), (1920, 1080)])
def test_a_logo_covers_no_headline(layout, width, height):
    extra = {"logo": (LOGO,)}
    for clips in (CLIPS, ()):
        composition = made(clips, extra, logoCorner="bottom right", layout=layout, width=width, height=height)
        drawings = composition.drawings(300)
        (logo,) = [one for one in drawings if isinstance(one, Logo)]
        (card,) = [one for one in drawings if isinstance(one, Window) and any(type(i) is Panel for i in one.drawings)][
            :1
        ]
        assert logo.region.clipped(card.region).is_empty


def test_the_name_of_the_show_makes_room_for_a_logo():
    for corner, is_seen in (("top left", False), ("top right", True)):
        composition = made(extra={"logo": (LOGO,)}, logoCorner=corner)
        assert ("DAILY BRIEF" in texts(composition, 0)) is is_seen


def test_sound_is_the_presenter_over_music():
    music = invented_asset("music", "audio")
    sound = made(extra={"backgroundMusic": (music,)}, musicVolume=0.2).sound
    assert (sound.voice, sound.music, sound.music_volume, sound.duration_s) == (PRESENTER, music, 0.2, 20)


def test_a_long_headline_stays_inside_its_card():
    words = (
        "A headline that is as long as it may be, with many words that somebody in a newsroom could not bear to lose"
    )
    for size in ((1920, 1080), (1080, 1920), (1080, 1080), (1080, 1350)):
        composition = made(items=[{"headline": words, "kicker": "Long"}], width=size[0], height=size[1], scale=0.4)
        card = [one for one in composition.drawings(300) if isinstance(one, Window) and len(one.drawings) > 2][-1]
        (block,) = [one for one in card.drawings if isinstance(one, TextBlock) and len(one.lines[0]) > 4]
        height = len(block.lines) * block.style.size * block.style.line_height
        assert block.anchor[1] - height / 2 >= 0
        assert block.anchor[1] + height / 2 <= card.region.height + block.style.size * 0.4


def test_a_golden_frame():
    """The mean luma of a 4 × 3 grid, so that a lost layer or a wrong place is seen."""
    picture = render_frame(made(scale=0.05), 200, FakeMedia())
    grid = [[int(cell.mean()) for cell in np.array_split(row, 4, axis=1)] for row in np.array_split(picture.y, 3)]
    assert np.abs(np.array(grid) - GOLDEN).max() <= 4


GOLDEN = np.array([[132, 111, 94, 107], [161, 153, 118, 147], [63, 56, 58, 55]])
