"""The committed demo assets are what the templates and the first screen count on."""

import itertools
import json
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

DEMO = Path(__file__).resolve().parent.parent / "demo"
CLIPS = {"avatar.mp4": 600, "broll1.mp4": 180, "broll2.mp4": 180, "broll3.mp4": 180}


def test_all_assets_are_there_and_together_under_6_mb():
    names = [*CLIPS, "cover.jpg", "music.mp3", "words.json", "README.md"]
    assert sum((DEMO / name).stat().st_size for name in names) < 6_000_000


@pytest.mark.parametrize(("name", "frames"), CLIPS.items())
def test_clips_are_portrait_30_fps_bt709_with_a_keyframe_each_two_seconds(name, frames):
    with av.open(str(DEMO / name)) as container:
        stream = container.streams.video[0]
        codec = stream.codec_context
        assert (codec.name, codec.width, codec.height, stream.average_rate) == ("h264", 1080, 1920, 30)
        assert (codec.colorspace, codec.color_primaries, codec.color_trc, codec.color_range) == (1, 1, 1, 1)
        packets = sorted((p.pts * p.time_base, p.is_keyframe) for p in container.demux(stream) if p.size)
    assert [time * 30 for time, _ in packets] == list(range(frames))
    assert [i for i, (_, is_keyframe) in enumerate(packets) if is_keyframe] == list(range(0, frames, 60))


@pytest.mark.parametrize("name", ["broll1.mp4", "broll2.mp4", "broll3.mp4"])
def test_b_roll_is_silent_and_ends_where_it_begins(name):
    with av.open(str(DEMO / name)) as container:
        assert not container.streams.audio
        pictures = [f.to_ndarray(format="gray")[::4, ::4].astype(float) for f in container.decode(video=0)]
    steps = [np.abs(a - b).mean() for a, b in itertools.pairwise(pictures)]
    assert np.median(steps) > 0.05, "the clip moves"
    assert np.abs(pictures[-1] - pictures[0]).mean() < 1.5 * max(steps)


def test_the_avatar_s_mouth_follows_its_voice():
    with av.open(str(DEMO / "avatar.mp4")) as container:
        opening = np.array([_mouth_opening(frame) for frame in container.decode(video=0)])
    voice = _sound("avatar.mp4")
    loudness = np.sqrt(np.mean(voice[: 600 * 1600].reshape(600, 1600) ** 2, axis=1))
    kernel = np.ones(5) / 5
    opening, loudness = (np.convolve(v, kernel, mode="same") for v in (opening, loudness))
    assert np.percentile(loudness, 90) > 0.05, "the avatar speaks"
    assert np.corrcoef(opening, loudness)[0, 1] > 0.6
    assert opening[loudness > np.percentile(loudness, 80)].mean() > 3 * opening[loudness < 0.002].mean()


def _mouth_opening(frame):
    """Pixels about the mouth that are as dark as its inside or as bright as teeth."""
    luma = frame.to_ndarray(format="gray")[1060:1210, 440:640]
    return np.count_nonzero((luma < 52) | (luma > 190))


def _sound(name):
    with av.open(str(DEMO / name)) as container:
        codec = container.streams.audio[0].codec_context
        assert (codec.sample_rate, codec.channels) == (48_000, 2)
        return np.concatenate([f.to_ndarray().mean(axis=0) for f in container.decode(audio=0)])


def test_the_words_of_the_voice_are_in_order_within_the_clip():
    words = json.loads((DEMO / "words.json").read_text(encoding="utf-8"))
    times = [time for word in words for time in (word["start"], word["end"])]
    assert times == sorted(times)
    assert times[-1] < 20_000
    assert "Reelgrove," in [word["text"] for word in words]


def test_the_cover_is_a_portrait_picture():
    with Image.open(DEMO / "cover.jpg") as image:
        image.load()
        assert (image.format, image.size, image.mode) == ("JPEG", (1080, 1920), "RGB")


def test_the_music_is_24_seconds_neither_silent_nor_clipped():
    samples = _sound("music.mp3")
    assert 23.9 < len(samples) / 48_000 < 24.1
    assert np.sqrt(np.mean(samples**2)) > 0.05
    assert np.abs(samples).max() < 0.98
