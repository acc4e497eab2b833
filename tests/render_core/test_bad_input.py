"""Whatever is put in: a picture that makes sense, or an error that names the field."""

import math
import wave
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from render_core.cells import plan_cells
from render_core.errors import InvalidInputError, MediaError
from render_core.media.encode import DRAFT
from render_core.media.pool import MediaPool
from render_core.render import render_cell, render_frame, render_sound
from render_core.templates import asset_roles, build, make_spec, template_names, template_schema
from tests.factories import asset, by_path, make_audio_only_mp4, make_clip, make_image, make_sound, tone
from tests.scenes import FakeMedia, invented_asset

Make = Callable[[Path], Path]
RAW: Mapping[str, Any] = {"codec": "ffv1", "options": {}}
AT_ONCE = {"coverDuration": 0, "gapDuration": 0}


def clip(name: str, **plan: Any) -> Make:  # noqa: ANN401 - fields of ClipPlan
    return lambda folder: make_clip(folder / name, **plan)


def image(name: str, width: int, height: int, mode: str = "RGB") -> Make:
    return lambda folder: make_image(folder / name, width, height, mode)


def cut(make: Make, part: float) -> Make:
    """Only the first part of the file."""

    def cut_off(folder: Path) -> Path:
        path = make(folder)
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])
        return path

    return cut_off


def without_frames(folder: Path) -> Path:
    with av.open(str(folder / "empty.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        container.start_encoding()
    return folder / "empty.mp4"


def wav(samples: int) -> Make:
    def write(folder: Path) -> Path:
        with wave.open(str(folder / "a.wav"), "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(48000)
            file.writeframes(b"\x00\x10\x00\xf0" * samples)
        return folder / "a.wav"

    return write


SHOWN: Mapping[str, Make] = {
    "without sound": clip("a.mp4"),
    "of one frame": clip("a.mp4", frames=1),
    "shorter than a segment": clip("a.mp4", frames=3),
    "1×1": clip("a.mkv", frames=3, width=1, height=1, pix_fmt="yuv444p", **RAW),
    "a line of 2000×2": clip("a.mkv", frames=3, width=2000, height=2, **RAW),
    "of odd size": clip("a.mkv", frames=20, width=97, height=63, **RAW),
    "of variable rate": clip(
        "a.mp4", ticks=tuple(int(20 * n + 9 * math.sin(n)) for n in range(40)), time_base=Fraction(1, 600)
    ),
    "of 4096×2304": clip("a.mp4", frames=2, width=4096, height=2304, options={"preset": "ultrafast"}),
    "of 10,000 frames a second": clip("a.mkv", frames=40, fps=Fraction(10_000)),
    "of a frame in ten seconds": clip("a.mp4", frames=2, fps=Fraction(1, 10)),
    "with times before zero": clip("a.mkv", ticks=tuple(range(-200, 600, 20)), time_base=Fraction(1, 600)),
    "a WebM that was cut off": cut(
        clip("a.webm", codec="libvpx-vp9", options={"deadline": "realtime", "cpu-used": "8"}), 0.6
    ),
}
PICTURES: Mapping[str, Make] = {
    "1×1": image("a.png", 1, 1),
    "1×3000": image("a.png", 1, 3000),
    "of odd size": image("a.png", 97, 63),
    "transparent": image("a.png", 64, 48, "RGBA"),
    "wide": image("a.png", 20_000, 2),
}
REFUSED: Mapping[str, tuple[Make, str]] = {
    "a clip without frames": (without_frames, "no picture or sound"),
    "a clip that was cut off": (cut(clip("a.mp4"), 0.7), "(cut off|no picture or sound)"),
    "an image of 8000×8000": (image("a.jpg", 8000, 8000), "At most 40 million pixels"),
    "an image that was cut off": (cut(image("a.png", 300, 300), 0.4), "cut off"),
    "a sound without samples": (wav(0), "no sound in it"),
}


@pytest.fixture(scope="module")
def speaker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("media") / "speaker.mp4", frames=24, width=54, height=96, tone_hz=300.0)


def rendered(files: Mapping[str, Path], **config: Any) -> int:  # noqa: ANN401 - settings of any type
    """The number of frames of a small video of these files; its first two cells and its sound have been made."""
    assets = {role: (asset(path),) for role, path in files.items()}
    composition = build(make_spec("LipSyncTemplate", assets, config, scale=0.06))
    with MediaPool(by_path()) as media:
        for cell in plan_cells(composition, DRAFT)[:2]:
            assert render_cell(composition, cell, media, DRAFT)
        if composition.sound is not None:
            render_sound(composition, media, DRAFT, next(iter(files.values())).parent / "sound.m4a")
    return composition.frame_count


@pytest.mark.parametrize("make", SHOWN.values(), ids=SHOWN)
def test_odd_clips_are_shown(tmp_path: Path, speaker: Path, make: Make):
    odd = make(tmp_path)
    assert rendered({"lipSyncVideo": odd}, duration=1, **AT_ONCE) == 30
    assert rendered({"lipSyncVideo": speaker, "backgroundVideos": odd}, **AT_ONCE) == 24


@pytest.mark.parametrize("make", PICTURES.values(), ids=PICTURES)
def test_odd_images_are_shown(tmp_path: Path, speaker: Path, make: Make):
    odd = make(tmp_path)
    assert rendered({"lipSyncVideo": speaker, "coverImage": odd, "backgroundVideos": odd}, **AT_ONCE) == 24


@pytest.mark.parametrize(("make", "says"), REFUSED.values(), ids=REFUSED)
def test_unusable_files_are_refused_before_anything_is_rendered(tmp_path: Path, make: Make, says: str):
    with pytest.raises(MediaError, match=says):
        asset(make(tmp_path))


def test_media_of_the_wrong_kind_name_their_input(tmp_path: Path, speaker: Path):
    heard = make_audio_only_mp4(tmp_path / "a.mp4")
    for files, field in (
        ({"lipSyncVideo": heard}, "user_assets.lipSyncVideo"),
        ({"lipSyncVideo": speaker, "backgroundVideos": heard}, r"user_assets.backgroundVideos\[0\]"),
        ({"lipSyncVideo": speaker, "backgroundMusic": speaker}, "user_assets.backgroundMusic"),
        ({"lipSyncVideo": speaker, "logo": speaker}, "user_assets.logo"),
    ):
        with pytest.raises(InvalidInputError, match=f"^{field}: "):
            rendered(files)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_hours_of_claimed_length_are_refused_unless_a_length_is_set(tmp_path: Path, speaker: Path, name: str):
    long = make_clip(tmp_path / name, frames=3, ticks=(0, 20, 600 * 36_000), time_base=Fraction(1, 600))
    with pytest.raises(InvalidInputError, match=r"user_assets.lipSyncVideo: is longer than 1800 s"):
        rendered({"lipSyncVideo": long})
    assert rendered({"lipSyncVideo": long}, duration=1) == 30
    assert rendered({"lipSyncVideo": speaker, "backgroundVideos": long}, **AT_ONCE) == 24


@pytest.mark.parametrize("samples", [1, 3, 5, 4800])
def test_a_moment_of_music_is_enough(tmp_path: Path, speaker: Path, samples: int):
    assert rendered({"lipSyncVideo": speaker, "backgroundMusic": wav(samples)(tmp_path)}) == 24


def test_music_that_was_cut_off_is_heard_as_far_as_it_goes(tmp_path: Path, speaker: Path):
    music = make_sound(tmp_path / "a.mp3", tone(440, 2), "libmp3lame")
    music.write_bytes(music.read_bytes()[: music.stat().st_size // 2])
    assert rendered({"lipSyncVideo": speaker, "backgroundMusic": music}) == 24


def test_a_cover_longer_than_the_video_and_no_b_roll_make_a_video(tmp_path: Path, speaker: Path):
    cover = make_image(tmp_path / "cover.png")
    assert rendered({"lipSyncVideo": speaker, "coverImage": cover}, coverDuration=5, mainText="Late") == 24


NUMBERS = (math.nan, math.inf, -math.inf, -1e9, 1e308, 10**400, "", "many", "NaN", [], {})
TEXTS = (
    "   ",
    "\n\t\n",
    "x" * 10_000,
    "a\x00b\x07\x1b[31m",
    "\u202eabc\u202c",
    "\ud800",
    "\u200b",
    "Z\u0301\u0302" * 8,
)
LISTS: Mapping[str, list[Any]] = {
    "captions": [{"text": "hi", "start": 0, "end": 500}],
    "items": [{"headline": "One"}],
    "cards": [{"title": "One"}],
    "ticker": ["News"],
}
Place = tuple[str | int, ...]


def leaves(template: str, kinds: set[str]) -> list[Place]:
    schema = template_schema(template)

    def walk(node: Mapping[str, Any], place: Place) -> Iterator[Place]:
        while "$ref" in node or "anyOf" in node:
            options = [option for option in node.get("anyOf", ()) if option.get("type") != "null"]
            node = options[0] if options else schema["$defs"][node["$ref"].rsplit("/", 1)[-1]]
        for name, inner in node.get("properties", {}).items():
            yield from walk(inner, (*place, name))
        if "items" in node:
            yield from walk(node["items"], (*place, 0))
        elif node.get("type") in kinds:
            yield place

    return list(walk(schema, ()))


def with_value(place: Place, value: object) -> dict[str, Any]:
    """Settings with a value at a place, valid around it."""
    config: dict[str, Any] = {"width": 72, "height": 128, "fps": "24"}
    node: Any = config
    for name in place[:-1]:
        if isinstance(name, str):
            node.setdefault(name, deepcopy(LISTS.get(name, {})))
        node = node[name]
    node[place[-1]] = value
    return config


def path_of(place: Place) -> str:
    return "config" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)


def assets_of(template: str) -> dict[str, Any]:
    return {role.name: (invented_asset(role.name, role.kinds[0], frames=60),) for role in asset_roles(template)}


@pytest.mark.parametrize("template", template_names())
def test_no_number_is_taken_that_is_none_or_out_of_range(template: str):
    for place in leaves(template, {"number", "integer"}):
        for value in NUMBERS:
            with pytest.raises(InvalidInputError) as caught:
                make_spec(template, assets_of(template), with_value(place, value))
            assert caught.value.field == path_of(place), (place, value)


@pytest.mark.parametrize("template", template_names())
def test_any_text_is_drawn_or_refused_by_its_field(template: str):
    for place in leaves(template, {"string"}):
        for text in TEXTS:
            try:
                composition = build(make_spec(template, assets_of(template), with_value(place, text)))
            except InvalidInputError as error:
                assert error.field.startswith(path_of(place[:1])), (place, text)  # noqa: PT017 - either end is right
            else:
                assert render_frame(composition, composition.frame_count // 2, FakeMedia())
