from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from render_core.composition import Group
from render_core.layers.backdrop import Drift
from render_core.layers.image import Logo, Still
from render_core.layers.shape import Panel, Shade
from render_core.layers.text import TextBlock
from render_core.layers.title import MovingTitle
from render_core.layers.video import ClipFrame
from render_core.render import render_frame
from render_core.spec import Beat
from render_core.templates import build, make_spec
from render_core.templates.promo.config import PromoConfig
from render_core.templates.promo.timing import length_of, starts_of
from render_core.templates.settings import parse_settings
from tests.scenes import FakeMedia, invented_asset

CLIP, PHOTO = invented_asset("clip", frames=45), invented_asset("photo", "image")
LOGO, SONG = invented_asset("logo", "image", width=40, height=20), invented_asset("song", "audio", frames=3000)
NAMES = {CLIP.sha256: "clip", PHOTO.sha256: "photo"}
CARDS = [{"title": "One", "subtitle": "First", "kicker": "a"}, {"title": "Two"}, {"title": "Three"}]


def made(files=(CLIP, PHOTO), extra=None, *, scale: float = 0.1, **config: object):
    assets = {"backgroundVideos": files, **(extra or {})}
    return build(make_spec("PromoTemplate", assets, {"cards": CARDS, **config}, scale=scale))


def inside(drawing) -> list:
    parts = [getattr(drawing, name, None) for name in ("drawings", "before", "after")]
    groups = [part.drawings if isinstance(part, Group) else part for part in parts if part]
    return [drawing, *(inner for group in groups for part in group for inner in inside(part))]


def shown(composition, frame: int, kinds) -> list:
    return [one for drawing in composition.drawings(frame) for one in inside(drawing) if isinstance(one, kinds)]


def pictures(composition, frame: int) -> list[str]:
    found = shown(composition, frame, (ClipFrame, Still, Drift))
    return ["drift" if isinstance(one, Drift) else NAMES[one.asset.sha256] for one in found]


def texts(composition, frame: int) -> list[str]:
    return [" ".join(one.lines) for one in shown(composition, frame, TextBlock)]


@pytest.mark.parametrize(
    ("frame", "seen", "read"),
    [
        (0, ["clip"], []),
        (60, ["clip"], ["A", "One", "First"]),
        (90, ["clip", "photo"], []),
        (150, ["photo"], ["Two"]),
        (240, ["clip"], ["Three"]),
        (270, ["clip", "drift"], []),
        (360, ["drift"], ["Go a little further", "Plan your trip", "example.com"]),
    ],
)
def test_what_is_on_screen_when(frame, seen, read):
    composition = made()
    assert composition.frame_count == 375
    assert pictures(composition, frame) == seen
    assert texts(composition, frame) == read


def test_text_leaves_before_its_picture_does():
    composition = made(transitionDuration=1)
    kinds = [shown(composition, frame, (TextBlock, MovingTitle)) for frame in range(60, 80)]
    assert len(kinds[0]) == 3
    assert isinstance(kinds[12][0], MovingTitle)
    assert not kinds[15]


def test_more_pictures_than_cards_are_shown_without_words():
    composition = made((CLIP, PHOTO, CLIP, PHOTO))
    assert composition.frame_count == 4 * 90 + 105
    assert (pictures(composition, 330), texts(composition, 330)) == (["photo"], [])
    assert not shown(composition, 330, Shade)


def test_images_follow_the_clips():
    composition = made((CLIP,), {"images": (PHOTO,)})
    assert [pictures(composition, frame) for frame in (60, 150, 240)] == [["clip"], ["photo"], ["clip"]]


def test_without_pictures_colours_drift_differently_on_each_card():
    composition = made(())
    drifts = [shown(composition, frame, Drift)[0] for frame in (60, 61, 150)]
    steps = [b.turn - a.turn for a, b in pairwise(drifts)]
    assert 0 < steps[0] < 0.01 < 0.3 < steps[1]  # noqa: PLR0133 - one drifts slowly, the next card is elsewhere


@pytest.mark.parametrize("config", [{"cards": []}, {"cards": [], "endDuration": 0}, {"endDuration": 0}])
def test_any_part_may_be_missing(config):
    for files in ((), (PHOTO,)):
        composition = made(files, **config)
        assert composition.frame_count > 0
        assert render_frame(composition, composition.frame_count - 1, FakeMedia()).y.std() > 1


def test_clips_and_images_move_as_far_as_is_wanted():
    zooms = [shown(made(), frame, (ClipFrame, Still))[0].placement.move.zoom for frame in (0, 40, 70)]
    assert zooms == sorted(set(zooms))
    assert zooms[0] == 1
    assert shown(made(movement=0), 60, (ClipFrame, Still))[0].placement.move.zoom == 1


def test_the_logo_stands_in_its_corner_and_large_on_the_end_card():
    composition = made(extra={"logo": (LOGO,)}, logoCorner="top left", logoSizePercent=20, scale=0.5)
    small, large = (shown(composition, frame, Logo)[0].region for frame in (60, 370))
    assert small.x < 100
    assert small.y < 150
    assert large.width == pytest.approx(2.4 * small.width, abs=4)
    assert large.x + large.width / 2 == pytest.approx(270, abs=2)


@pytest.mark.parametrize(("width", "height"), [(1080, 1920), (1080, 1080), (1920, 1080)])
def test_a_high_logo_leaves_room_for_the_end_card(width, height):
    tall = invented_asset("tall", "image", width=20, height=60)
    composition = made(extra={"logo": (tall,)}, logoSizePercent=40, width=width, height=height)
    last = composition.frame_count - 1
    (logo,) = shown(composition, last, Logo)
    (button,) = shown(composition, last, Panel)
    assert logo.region.y > 0
    assert logo.region.width / logo.region.height == pytest.approx(1 / 3, rel=0.2)
    assert button.box.bottom < composition.format.height


def test_the_end_card_stands_in_the_middle_with_and_without_a_logo():
    for extra in ({}, {"logo": (LOGO,)}):
        composition = made(extra=extra, scale=0.5)
        tops = [one.region.y for one in shown(composition, 370, Logo)]
        blocks = shown(composition, 370, TextBlock)
        first, last = blocks[0], blocks[-1]
        top = min([first.anchor[1] - len(first.lines) * first.style.size / 2, *tops])
        assert (top + last.anchor[1] + last.style.size / 2) / 2 == pytest.approx(480, abs=30)


def test_the_button_is_round_and_in_the_accent_colour():
    (button,) = [one for one in shown(made(accentColor="#00ff00", scale=0.5), 370, Panel) if one.radius > 10]
    assert button.color == (0, 255, 0)
    assert button.radius == button.box.height / 2


def test_sound_is_music_alone():
    sound = made(extra={"backgroundMusic": (SONG,)}, musicVolume=0.4).sound
    assert (sound.voice, sound.music, sound.duck, sound.music_volume) == (None, SONG, False, 0.4)
    assert made().sound is None


def test_the_longest_promo_is_one():
    many = {"images": (PHOTO,) * 50}
    assert made((PHOTO,) * 50, many, cardDuration=15, endDuration=20, scale=0.05).frame_count == 1520 * 30


def song(first: str, period: str, seconds: int = 100):
    beat = Beat(first_s=Fraction(first), period_s=Fraction(period))
    info = SONG.info.model_copy(update={"beat": beat, "duration_s": Fraction(seconds)})
    return SONG.model_copy(update={"info": info})


def starts(music, cards: int = 3, **config: object) -> list[Fraction]:
    return list(starts_of(parse_settings(PromoConfig, config), cards, music))


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, [0, 3, 6, 9]),
        ({"endDuration": 0}, [0, 3, 6]),
        ({"duration": 11}, [0, 2.5, 5, 7.5]),
        ({"duration": 4}, [0, Fraction(2, 3), Fraction(4, 3), 2]),
    ],
)
def test_without_a_beat_cards_are_equally_long(config, expected):
    assert starts(None, **config) == expected
    assert starts(SONG, **config) == expected


def test_cuts_move_to_the_nearest_beat_and_the_length_stays():
    assert starts(song("0.2", "0.8")) == [0, Fraction("3.4"), Fraction("5.8"), Fraction("9")]
    assert starts(song("0.2", "0.8"), cutOnBeat=False) == [0, 3, 6, 9]
    assert length_of(parse_settings(PromoConfig, {}), 3) == Fraction("12.5")


@pytest.mark.parametrize("period", ["0.3", "0.7", "2.9", "7", "60"])
@pytest.mark.parametrize("cards", [1, 3, 20])
def test_cuts_keep_their_order_however_rare_beats_are(period, cards):
    found = starts(song("0.5", period), cards, cardDuration=0.5)
    assert found[0] == 0
    assert all(a < b for a, b in pairwise(found))
    assert len(found) == cards + 1


def test_the_beat_begins_again_where_the_music_does():
    music = song("0.1", "1", seconds=5)  # it plays again from second 4.75 on
    assert starts(music)[2:] == [Fraction("5.85"), Fraction("8.85")]


def test_no_cards_at_all_begin_with_the_end_card():
    assert starts(song("0", "1"), 0) == [0]


def test_a_golden_frame():
    """The mean luma of a 3 × 4 grid, so that a lost layer or a wrong place is seen."""
    picture = render_frame(made(scale=0.05), 60, FakeMedia())
    grid = [[int(cell.mean()) for cell in np.array_split(row, 3, axis=1)] for row in np.array_split(picture.y, 4)]
    assert np.abs(np.array(grid) - GOLDEN).max() <= 4, grid


GOLDEN = np.array([[79, 149, 169], [63, 118, 142], [56, 80, 98], [65, 55, 67]])
