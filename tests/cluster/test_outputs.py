"""Whole videos in every format, written by the renderer and read back."""

from dataclasses import dataclass, fields, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.container import InputContainer
from numpy.typing import NDArray
from PIL import Image

from cluster.jobs import JobOutput
from cluster.local import draw_locally, render_locally
from cluster.storage import LocalObjectStore
from render_core.cells import plan_cells, sound_key
from render_core.media.profiles import PROFILES, STANDARD, Profile, SoundProfile, profile_of
from render_core.spec import Output, RenderSpec
from render_core.templates import build, make_spec
from tests.factories import asset, by_path, make_clip
from tests.meter import ebu_r128

RATES = ("24", "25", "30", "50", "60", "30000/1001")
SHAPES = {"9:16": (90, 160), "1:1": (120, 120), "4:5": (96, 120), "16:9": (160, 90), "360p": (640, 360)}
PACKET_S = {"mp4": Fraction(1024, 48000), "webm": Fraction(20, 1000)}


@dataclass
class Studio:
    """An avatar of two and a half seconds with a sound, and a folder for cells."""

    folder: Path

    def spec(self, output: Output, **config: object) -> RenderSpec:
        clip = self.folder / "avatar.mp4"
        if not clip.exists():
            make_clip(clip, frames=75, width=90, height=160, tone_hz=440)
        shape = {"width": 90, "height": 160, "filmGrain": 0}
        return make_spec("LipSyncTemplate", {"lipSyncVideo": (asset(clip),)}, shape | config, output=output)

    def render(self, spec: RenderSpec, name: str = "out", cells: str = "cells") -> JobOutput:
        out, kept = self.folder / f"{name}.{spec.output}", LocalObjectStore(self.folder / cells)
        return render_locally(spec, locate=by_path(), out=out, cells=kept, jobs=1, on_progress=lambda _: None)


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    return Studio(tmp_path_factory.mktemp("outputs"))


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("output", ["mp4", "webm"])
def test_frames_follow_each_other_without_gap_and_sound_ends_with_them(
    studio: Studio, output: Output, fps: str
) -> None:
    rate, made = Fraction(fps), studio.render(studio.spec(output, fps=fps))
    frames = made.frame_count
    tick = Fraction(0) if output == "mp4" else Fraction(1, 2000)  # WebM counts milliseconds
    with av.open(made.key) as video:
        stream = video.streams.video[0]
        assert stream.average_rate == rate
        times = [frame.pts * stream.time_base for frame in video.decode(stream)]
    assert len(times) == frames
    assert all(abs(time - number / rate) <= tick for number, time in enumerate(times))
    with av.open(made.key) as video:
        heard = sum(frame.samples for frame in video.decode(audio=0))
    assert abs(Fraction(heard, 48000) - frames / rate) <= PACKET_S[output]
    with av.open(made.key) as video:
        assert abs(Fraction(video.duration, av.time_base) - frames / rate) <= PACKET_S[output]


@pytest.mark.parametrize("fps", RATES)
def test_a_gif_has_whole_hundredths_and_lasts_as_long_as_the_video(studio: Studio, fps: str) -> None:
    made = studio.render(studio.spec("gif", fps=fps))
    step = profile_of("gif", "standard").step(Fraction(fps))
    delays = _delays(Path(made.key))
    assert len(delays) == -(-made.frame_count // step)
    assert abs(Fraction(sum(delays), 100) - made.frame_count / Fraction(fps)) <= Fraction(1, 200)
    assert max(delays[:-1]) - min(delays[:-1]) <= 1
    assert min(delays[:-1]) >= 6  # browsers slow down what is faster than 2


def _delays(path: Path) -> list[int]:
    with Image.open(path) as image:
        assert image.info["loop"] == 0
        found = []
        for number in range(image.n_frames):  # type: ignore[attr-defined]  # a GIF has it
            image.seek(number)
            found.append(round(image.info["duration"] / 10))
    return found


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("output", ["mp4", "webm", "gif"])
def test_every_shape_has_square_pixels_and_tagged_colours(studio: Studio, output: Output, shape: str) -> None:
    width, height = SHAPES[shape]
    made = studio.render(studio.spec(output, width=width, height=height, duration=0.5))
    with av.open(made.key) as video:
        stream = video.streams.video[0]
        context = stream.codec_context
        assert (context.width, context.height) == (width, height)
        assert stream.sample_aspect_ratio in {None, 0, 1}
        if output != "gif":
            assert (context.colorspace, context.color_range) == (1, 1)
            assert (context.color_primaries, context.color_trc) == (1, 1)


def test_the_codecs_are_those_that_players_expect(studio: Studio) -> None:
    found = {output: _codecs(studio.render(studio.spec(output)).key) for output in ("mp4", "webm")}
    assert found == {"mp4": ["h264", "aac"], "webm": ["vp9", "opus"]}


def _codecs(path: str) -> list[str]:
    with av.open(path) as video:
        return [
            stream.codec_context.name.removeprefix("lib") for stream in (*video.streams.video, *video.streams.audio)
        ]


def test_output_and_quality_are_in_the_key(studio: Studio) -> None:
    composition = build(studio.spec("mp4"))
    keys = {plan_cells(composition, profile)[0].key for profile in PROFILES.values()}
    assert len(keys) == len(PROFILES) == 9


_OTHER: dict[str, Any] = {
    "name": "other",
    "output": "webm",
    "codec": "libvpx-vp9",
    "preset": "slow",
    "sound": SoundProfile(bit_rate=64_000),
    "most_fps": Fraction(5),
}


@pytest.mark.parametrize("profile", [STANDARD, profile_of("gif", "standard")], ids=["film", "gif"])
def test_every_field_of_a_profile_is_in_the_key(studio: Studio, profile: Profile) -> None:
    composition = build(studio.spec("mp4"))
    key = plan_cells(composition, profile)[0].key
    for field in fields(profile):
        value = getattr(profile, field.name)
        other = value + 1 if isinstance(value, int) else _OTHER[field.name]
        assert plan_cells(composition, replace(profile, **{field.name: other}))[0].key != key, field.name


def test_every_field_of_a_sound_profile_is_in_the_sound_s_key_and_nothing_else(studio: Studio) -> None:
    composition = build(studio.spec("mp4"))
    key = sound_key(composition, STANDARD)
    for changes in ({"codec": "libopus"}, {"bit_rate": 1}, {"revision": 9}):
        assert sound_key(composition, replace(STANDARD, sound=replace(SoundProfile(), **changes))) != key, changes
    assert sound_key(composition, replace(STANDARD, crf=1, preset="slow", name="other")) == key
    assert sound_key(composition, profile_of("gif", "standard")) is None


@pytest.mark.parametrize("output", ["mp4", "webm", "gif"])
def test_an_edited_video_from_kept_cells_is_the_file_from_nothing(studio: Studio, output: Output) -> None:
    before = studio.spec(output, duration=2.5, coverDuration=2.2, mainText="")
    after = studio.spec(output, duration=2.5, coverDuration=2.2, mainText="Edited")
    plans = [plan_cells(build(spec), profile_of(output, "standard")) for spec in (before, after)]
    assert [a.key == b.key for a, b in zip(*plans, strict=True)] == [True, False]
    studio.render(before, "before", f"{output}-kept")
    edited = studio.render(after, "edited", f"{output}-kept")
    fresh = studio.render(after, "fresh", f"{output}-fresh")
    assert edited.sha256 == fresh.sha256


def test_one_sound_goes_with_every_picture_quality_that_asks_for_the_same(studio: Studio) -> None:
    cells = LocalObjectStore(studio.folder / "shared")
    for quality in ("standard", "high"):
        spec = studio.spec("mp4").model_copy(update={"quality": quality})
        studio.render(spec, quality, "shared")
    assert len(list(cells.keys("sounds/"))) == 1
    assert len(list(cells.keys("cells/"))) == 4


def test_webm_sound_begins_with_the_picture(studio: Studio, tmp_path: Path) -> None:
    """The encoder's 312 samples of delay and the last packet's padding are both taken away."""
    sounds = [_sound(studio.render(studio.spec(output), f"in-{output}").key) for output in ("mp4", "webm")]
    length = min(map(len, sounds))
    assert abs(len(sounds[1]) / 48000 - 2.5) < 0.001
    spectra = [np.fft.rfft(sound[:length], 2 * length) for sound in sounds]
    correlation = np.fft.irfft(spectra[0] * np.conj(spectra[1]))
    shift = int(np.argmax(correlation))
    assert min(shift, 2 * length - shift) <= 48


def _sound(path: str) -> NDArray[np.float32]:
    with av.open(path) as video:
        return np.concatenate([frame.to_ndarray()[0] for frame in video.decode(audio=0)])


@pytest.mark.parametrize("output", ["mp4", "webm"])
def test_the_finished_file_is_as_loud_as_promised(studio: Studio, output: Output) -> None:
    reading = ebu_r128(Path(studio.render(studio.spec(output)).key))
    assert abs(reading.lufs + 14) <= 0.5
    assert reading.dbtp <= -1


def test_a_webm_can_be_sought_to_every_cell(studio: Studio) -> None:
    made = studio.render(studio.spec("webm", fps="25"))
    data = Path(made.key).read_bytes()
    assert data.index(b"\x1c\x53\xbb\x6b") < data.index(b"\x1f\x43\xb6\x75")  # Cues before the first Cluster
    with av.open(made.key) as video:
        assert _first_after_seek(video, 2.3) == 2.0


def _first_after_seek(video: InputContainer, at_s: float) -> float:
    video.seek(round(at_s * av.time_base))
    return float(next(iter(video.decode(video=0))).time or 0.0)


def test_pictures_of_a_video_are_drawn_from_its_cells(studio: Studio) -> None:
    spec = studio.spec("webm", fps="30")
    studio.render(spec)
    made = draw_locally(spec, LocalObjectStore(studio.folder / "cells"))
    assert made == draw_locally(spec, LocalObjectStore(studio.folder / "cells"))
    assert (made.sheet.count, made.sheet.columns, made.sheet.every_s, made.sheet.duration_s) == (2, 2, 2.0, 2.5)
