from dataclasses import fields
from fractions import Fraction

import numpy as np
import pytest

from render_core.cells import plan_cells, sound_key
from render_core.effects.glass import Glass, Rim
from render_core.effects.grain import Grain
from render_core.effects.vignette import Vignette
from render_core.errors import InvalidInputError
from render_core.layers.captions import CaptionPage
from render_core.layers.image import Still
from render_core.layers.text import TextBlock
from render_core.layers.video import ClipFrame
from render_core.media.encode import STANDARD
from render_core.render import render_frame
from render_core.spec import RenderSpec
from render_core.templates import asset_roles, build, make_spec, template_names, template_schema
from tests.scenes import FakeMedia, invented_asset, mean_difference

AVATAR = invented_asset("avatar", frames=900)
HOURS = invented_asset("hours", frames=60_000)
COVER, MUSIC = invented_asset("cover", "image"), invented_asset("music", "audio")
CLIPS = tuple(invented_asset(f"clip {number}", frames=90) for number in range(4))
ASSETS = {
    "lipSyncVideo": (AVATAR,),
    "coverImage": (COVER,),
    "backgroundVideos": CLIPS,
    "backgroundMusic": (MUSIC,),
}
CLEAN = {"filmGrain": 0, "vignetteStrength": 0}
WORDS = [{"text": "hello", "start": 1000, "end": 1400}, {"text": "there", "start": 1400, "end": 1900}]


def made(assets=ASSETS, *, scale: float = 0.1, **config: object):
    return build(make_spec("LipSyncTemplate", assets, CLEAN | config, scale=scale))


def kinds(composition, frame: int) -> list[str]:
    names = {AVATAR.sha256: "avatar", COVER.sha256: "cover"} | {clip.sha256: "clip" for clip in CLIPS}
    return [
        names[drawing.asset.sha256] if isinstance(drawing, ClipFrame | Still) else type(drawing).__name__
        for drawing in composition.drawings(frame)
    ]


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (0, ["avatar", "cover"]),
        (14, ["avatar", "cover"]),
        (15, ["avatar"]),
        (44, ["avatar"]),
        (50, ["avatar", "Glass", "avatar", "Rim"]),
        (62, ["Glass", "avatar", "Rim", "clip", "Glass", "avatar", "Rim"]),
        (120, ["clip", "Glass", "avatar", "Rim", "Glass", "avatar", "Rim"]),
        (178, ["Glass", "avatar", "Rim", "clip", "Glass", "avatar", "Rim"]),
        (190, ["avatar", "Glass", "avatar", "Rim"]),
        (215, ["avatar", "Glass", "avatar", "Rim"]),
        (899, ["avatar"]),
    ],
)
def test_what_is_on_screen_when(frame, expected):
    assert kinds(made(), frame) == expected


def test_an_opaque_segment_hides_the_speaker_below_it():
    fourth = kinds(made(), 560)
    assert fourth[0] == "clip"


def test_effects_and_text_lie_on_top_in_their_order():
    composition = made(filmGrain=0.3, vignetteStrength=0.7, mainText="Hi", captions=WORDS)
    kinds_on_top = [type(drawing) for drawing in composition.drawings(35)][-4:]
    assert kinds_on_top == [Vignette, Grain, TextBlock, CaptionPage]


@pytest.mark.parametrize(
    ("index", "mix", "opacity"), [(0, "normal", 0.85), (1, "screen", 0.9), (2, "normal", 0.9), (3, "normal", 1.0)]
)
def test_each_segment_has_its_mix_style(index, mix, opacity):
    frame = 60 + 165 * index + 60
    clip = next(d for d in made().drawings(frame) if isinstance(d, ClipFrame) and d.asset in CLIPS)
    assert (clip.placement.mix, clip.placement.opacity) == (mix, opacity)


def test_a_clip_starts_with_its_segment_and_loops():
    def at(frame):
        return next(d.at_s for d in made().drawings(frame) if isinstance(d, ClipFrame) and d.asset in CLIPS)

    assert [at(60), at(75), at(60 + 90), at(60 + 100)] == [0, Fraction(1, 2), 0, Fraction(1, 3)]


def test_the_speaker_is_shown_at_the_time_of_the_video_everywhere():
    times = {d.at_s for d in made().drawings(120) if isinstance(d, ClipFrame) and d.asset == AVATAR}
    assert times == {Fraction(4)}


def test_the_cover_fades_in_the_last_third_of_its_time():
    def opacity(frame):
        return next(d.placement.opacity for d in made(fps=60).drawings(frame) if isinstance(d, Still))

    assert [opacity(f) for f in (0, 21, 25, 29)] == pytest.approx([1, 1, 5 / 9, 1 / 9])


def test_the_headline_springs_in_after_the_cover_and_fades_with_the_first_segment():
    composition = made(mainText="Hello")

    def seen(frame):
        return next((d for d in composition.drawings(frame) if isinstance(d, TextBlock)), None)

    assert seen(14) is None
    assert seen(17).zoom < 1
    assert (seen(40).zoom, seen(40).opacity) == (1, 1)
    assert 0 < seen(66).opacity < 1
    assert seen(76) is None


def test_a_still_as_b_roll_moves_like_a_clip():
    still = invented_asset("photo", "image")
    composition = made(ASSETS | {"backgroundVideos": (still,)})
    zooms = [
        d.placement.move.zoom
        for frame in (60, 120, 179)
        for d in composition.drawings(frame)
        if isinstance(d, Still) and d.asset == still
    ]
    assert zooms == pytest.approx([1, 1.05, 1 + 0.1 * 119 / 120])


@pytest.mark.parametrize("frames", [1, 3, 20, 61, 100])
def test_an_avatar_of_any_length_makes_a_video(frames):
    composition = made(ASSETS | {"lipSyncVideo": (invented_asset("short", frames=frames),)}, coverDuration=5)
    assert composition.frame_count == frames
    for frame in (0, frames // 2, frames - 1):
        assert render_frame(composition, frame, FakeMedia()).y.shape == (192, 108)


def test_the_avatar_alone_is_enough():
    composition = made({"lipSyncVideo": (AVATAR,)})
    assert kinds(composition, 120) == ["avatar"]
    assert composition.sound.music is None


def test_a_longer_duration_freezes_the_last_frame_and_a_shorter_one_cuts():
    assert made(duration=40).frame_count == 1200
    assert made(duration=2.5).frame_count == 75


def test_the_sound_says_what_was_set():
    sound = made(musicVolume=0.2, voiceVolume=1.5, duckMusic=False, fadeOut=2).sound
    assert (sound.music_volume, sound.voice_volume, sound.duck, sound.fade_out_s) == (0.2, 1.5, False, 2)
    assert (sound.voice, sound.music, sound.duration_s) == (AVATAR, MUSIC, 30)


@pytest.mark.parametrize("frame", [0, 12, 50, 64, 72, 120, 243, 300, 470, 620])
def test_a_preview_is_the_same_picture_smaller(frame):
    import cv2

    whole, small = made(scale=0.4), made(scale=0.1)
    assert (whole.format.width, small.format.width) == (432, 108)
    shrunk = cv2.resize(render_frame(whole, frame, FakeMedia()).y, (108, 192), interpolation=cv2.INTER_AREA)
    assert np.abs(render_frame(small, frame, FakeMedia()).y.astype(int) - shrunk).mean() < 1.5


def test_a_frame_does_not_depend_on_what_was_rendered_before():
    composition, media = made(mainText="Hi", vignetteStrength=0.7, filmGrain=0.3), FakeMedia()
    for frame in (0, 300, 64, 72):
        render_frame(composition, frame, media)
    warm, cold = render_frame(composition, 70, media), render_frame(composition, 70, FakeMedia())
    assert mean_difference(warm, cold) == 0
    assert np.array_equal(warm.u, cold.u)


CHANGES = {
    "mainText": "Other",
    "musicVolume": 0.1,
    "voiceVolume": 0.5,
    "vignetteStrength": 0.3,
    "colorCorrection": 0.9,
    "coverDuration": 1,
    "segmentDuration": 3,
    "gapDuration": 1,
    "circleSizePercent": 30,
    "circleBottomPercent": 20,
    "circleLeftPx": 50,
    "faceOffsetX": 0.0001,
    "faceOffsetY": 10,
    "faceScale": 1.5,
    "filmGrain": 0.2,
    "captions": [*WORDS, {"text": "more", "start": 1900, "end": 2000}],
    "captionText": "other words",
    "captionStyle": {"fontSize": 50},
    "showCaptions": False,
    "duckMusic": False,
    "fadeOut": 0.5,
    "duration": 9,
    "fps": 25,
    "width": 1000,
    "height": 1800,
}


@pytest.mark.parametrize("name", list(template_schema("LipSyncTemplate")["properties"]))
def test_every_setting_changes_a_key(name):
    captions = {"captionText": "some words"} if name == "captionText" else {"captions": WORDS}
    base = {"mainText": "Some", "filmGrain": 0.3, "faceScale": 1.2} | captions
    keys = []
    shorter = ASSETS | {"lipSyncVideo": (invented_asset("ten seconds", frames=300),)}
    for config in (base, base | {name: CHANGES[name]}):
        composition = made(shorter, **config)
        keys.append({*(cell.key for cell in plan_cells(composition, STANDARD)), sound_key(composition, STANDARD)})
    assert keys[0] != keys[1]


def test_a_new_headline_leaves_the_cells_without_it_as_they_were():
    before, after = (
        [cell.key for cell in plan_cells(made(mainText=text), STANDARD)] for text in ("Some text", "Other text")
    )
    same = [a == b for a, b in zip(before, after, strict=True)]
    assert same == [False, False, *([True] * 13)]


def test_a_spec_survives_json_and_builds_the_same():
    spec = make_spec("LipSyncTemplate", ASSETS, {"fps": "30000/1001", "captions": WORDS})
    again = RenderSpec.model_validate_json(spec.model_dump_json())
    assert again == spec
    assert plan_cells(build(again), STANDARD) == plan_cells(build(spec), STANDARD)


@pytest.mark.parametrize(
    ("assets", "config", "options", "field", "says"),
    [
        ({}, {}, {}, "user_assets.lipSyncVideo", "is needed"),
        (ASSETS | {"logo": (COVER,)}, {}, {}, "user_assets.logo", "no such input"),
        (ASSETS | {"lipSyncVideo": (MUSIC,)}, {}, {}, "user_assets.lipSyncVideo", "must be video"),
        (ASSETS | {"lipSyncVideo": (AVATAR, AVATAR)}, {}, {}, "user_assets.lipSyncVideo", "at most 1 file"),
        (ASSETS | {"backgroundVideos": (*CLIPS, MUSIC)}, {}, {}, "user_assets.backgroundVideos[4]", "video or image"),
        (ASSETS | {"backgroundVideos": CLIPS * 20}, {}, {}, "user_assets.backgroundVideos", "at most 50"),
        (ASSETS, {"mainText": "漢"}, {}, "config.mainText", "no font has"),
        (ASSETS, {"captions": [WORDS[0] | {"text": "漢"}]}, {}, "config.captions[0].text", "no font has"),
        (ASSETS, {"captionStyle": {"fontFamily": "Papyrus"}}, {}, "config.captionStyle.fontFamily", "Montserrat"),
        (ASSETS, {"musicVolume": 2}, {}, "config.musicVolume", "from 0 to 1"),
        (ASSETS, {}, {"scale": 3}, "scale", "at most 2"),
        (ASSETS, {"height": 4096}, {"scale": 2}, "scale", "more than 4096 pixels"),
        ({"lipSyncVideo": (HOURS,)}, {}, {}, "user_assets.lipSyncVideo", "longer than 1800 s"),
        (ASSETS, {}, {"quality": "best"}, "quality", "draft, standard or high"),
    ],
)
def test_what_cannot_be_rendered_is_refused_with_its_field(assets, config, options, field, says):
    with pytest.raises(InvalidInputError) as caught:
        make_spec("LipSyncTemplate", assets, config, **options)
    assert caught.value.field == field
    assert says in caught.value.problem


def test_an_avatar_without_frames_is_refused():
    empty = invented_asset("empty", frames=0)
    with pytest.raises(InvalidInputError, match="has no frames"):
        make_spec("LipSyncTemplate", {"lipSyncVideo": (empty,)}, {})


def test_an_unknown_template_is_refused_with_the_known_ones():
    with pytest.raises(InvalidInputError, match="LipSyncTemplate"):
        make_spec("Nope", ASSETS, {})


def test_captions_that_are_not_shown_need_no_font():
    assert made(captions=[WORDS[0] | {"text": "漢"}], showCaptions=False).frame_count == 900


def test_the_schema_tells_an_editor_everything():
    schema = template_schema("LipSyncTemplate")
    for name, field in schema["properties"].items():
        assert field.get("title"), name
        assert field["x-group"], name
        assert field["x-widget"], name
    strength = schema["properties"]["vignetteStrength"]
    assert (strength["minimum"], strength["maximum"], strength["default"]) == (0, 1, 0.7)
    roles = {role["name"]: role for role in schema["x-assets"]}
    assert roles["lipSyncVideo"]["required"]
    assert roles["backgroundVideos"]["many"]
    assert set(roles["lipSyncVideo"]) >= {field.name for field in fields(asset_roles("LipSyncTemplate")[0])} - {
        "is_required",
        "is_many",
    }
    assert "LipSyncTemplate" in template_names()


def test_glass_lies_behind_the_picture_and_its_rim_on_it():
    drawings = made().drawings(120)
    glass = next(i for i, d in enumerate(drawings) if isinstance(d, Glass))
    assert isinstance(drawings[glass + 1], ClipFrame)
    assert isinstance(drawings[glass + 2], Rim)
    assert drawings[glass].opacity == pytest.approx(0.25)
