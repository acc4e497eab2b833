import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from render_core.ingest.poster import poster_of
from render_core.media.encode import EncoderProfile, encode_clip
from render_core.media.probe import probe
from render_core.picture import Picture
from render_core.spec import VideoFormat
from tests.factories import make_clip, make_image, make_sound, noise, numbered_picture, read_number, tone


def opened(path: Path, form: str) -> NDArray[np.uint8]:
    """The pixels of a file's poster."""
    with Image.open(io.BytesIO(poster_of(path, probe(path, is_heard=False))), formats=[form]) as image:
        return np.asarray(image)


def clip_of(path: Path, pictures: list[Picture]) -> Path:
    size = VideoFormat(width=pictures[0].width, height=pictures[0].height, fps=30)
    encode_clip(pictures, size, EncoderProfile(name="test", preset="superfast", crf=22), path, keyframe_every=10)
    return path


def number_on(pixels: NDArray[np.uint8]) -> int:
    luma = np.asarray(Image.fromarray(pixels).convert("L"))
    return read_number(Picture(luma, luma, luma))


def test_a_clip_is_known_by_the_keyframe_before_its_first_third(tmp_path: Path):
    clip = clip_of(tmp_path / "in.mp4", [numbered_picture(n + 1) for n in range(60)])
    assert number_on(opened(clip, "JPEG")) == 21


def test_black_at_its_beginning_is_never_what_a_clip_is_known_by(tmp_path: Path):
    clip = clip_of(tmp_path / "in.mp4", [Picture.black(96, 64)] * 40 + [numbered_picture(7)] * 20)
    assert number_on(opened(clip, "JPEG")) == 7


def test_a_clip_without_anything_to_be_seen_has_a_poster_all_the_same(tmp_path: Path):
    assert opened(clip_of(tmp_path / "in.mp4", [Picture.black(96, 64)] * 3), "JPEG").shape == (64, 96, 3)


@pytest.mark.parametrize(("size", "shown"), [((1280, 640), (480, 240)), ((300, 900), (160, 480)), ((96, 64), (96, 64))])
def test_no_side_is_longer_than_480(tmp_path: Path, size: tuple[int, int], shown: tuple[int, int]):
    width, height = size
    clip = make_clip(tmp_path / "in.mp4", frames=2, width=width, height=height)
    assert opened(clip, "JPEG").shape[1::-1] == shown
    assert opened(make_image(tmp_path / "in.png", width, height), "WEBP").shape[1::-1] == shown


def test_an_image_stays_transparent_where_it_is(tmp_path: Path):
    pixels = opened(make_image(tmp_path / "in.png", 640, 480, "RGBA"), "WEBP")
    assert (pixels[0, :, 3] == 0).all()
    assert (pixels[-1, :, 3] == 255).all()


def wave_of(path: Path) -> NDArray[np.uint8]:
    """Opacity of a waveform, shape (160, 960)."""
    pixels = opened(path, "WEBP")
    assert pixels.shape == (160, 960, 4)
    return pixels[..., 3]


def test_a_sound_is_known_by_its_waveform_on_nothing(tmp_path: Path):
    parts = [noise(1), np.zeros((48_000, 2), np.float32), 0.1 * noise(1)]
    wave = wave_of(make_sound(tmp_path / "in.wav", np.concatenate(parts)))
    reach = [(wave[:, third].max(axis=1) > 0).sum() for third in (slice(0, 300), slice(330, 630), slice(660, 960))]
    assert reach[0] > 140
    assert reach[1] == 4
    assert 10 < reach[2] < 30
    assert (wave == 0).mean() > 0.5
    assert np.array_equal(wave, wave[::-1])


def test_its_edges_are_smooth(tmp_path: Path):
    wave = wave_of(make_sound(tmp_path / "in.wav", tone(440, 1)))
    assert len(np.unique(wave)) > 4


@pytest.mark.parametrize("level", [0, 1e-6])
def test_noise_that_nobody_hears_is_drawn_as_silence(tmp_path: Path, level: float):
    sound = make_sound(tmp_path / "in.wav", noise(1, level), codec="pcm_f32le")
    assert (wave_of(sound).max(axis=1) > 0).sum() == 4


def test_the_shortest_of_sounds_has_a_waveform(tmp_path: Path):
    assert wave_of(make_sound(tmp_path / "in.wav", tone(440, 0.001))).any()
