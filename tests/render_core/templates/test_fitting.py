"""What an output asks of a video: a GIF is small and short; every video has a frame that stands for it."""

import pytest

from render_core.composition import Composition
from render_core.errors import InvalidInputError
from render_core.templates import build, make_spec
from tests.scenes import invented_asset

AVATAR = {"lipSyncVideo": (invented_asset("avatar", frames=900),)}
BROLL = AVATAR | {"backgroundVideos": (invented_asset("clip", frames=90),)}


def video(assets=AVATAR, *, scale: float = 1.0, output: str = "mp4", quality: str = "standard", **config: object):
    return build(make_spec("LipSyncTemplate", assets, config, scale=scale, output=output, quality=quality))


def size(composition: Composition) -> tuple[int, int]:
    return composition.format.width, composition.format.height


@pytest.mark.parametrize("output", ["mp4", "webm"])
def test_films_keep_their_size(output):
    assert size(video(output=output)) == (1080, 1920)
    assert size(video(output=output, width=2160, height=3840)) == (2160, 3840)


@pytest.mark.parametrize(
    ("quality", "width", "height", "expected"),
    [
        ("draft", 1080, 1920, (240, 426)),
        ("standard", 1080, 1920, (360, 640)),
        ("high", 1080, 1920, (480, 854)),
        ("standard", 1920, 1080, (640, 360)),
        ("standard", 1080, 1080, (360, 360)),
        ("standard", 180, 320, (180, 320)),
    ],
)
def test_a_gif_is_made_smaller_but_never_larger(quality, width, height, expected):
    assert size(video(output="gif", quality=quality, width=width, height=height)) == expected


def test_a_gif_may_be_asked_for_smaller_still():
    assert size(video(output="gif", scale=0.1)) == (108, 192)


def test_a_gif_longer_than_half_a_minute_is_refused_and_told_the_way_out():
    assert video(output="gif", duration=30).frame_count == 900
    with pytest.raises(InvalidInputError, match=r"output: a GIF lasts 30 s at most.*30\.5 s.*choose mp4 or webm"):
        video(output="gif", duration=30.5)


def test_an_unknown_output_is_refused():
    with pytest.raises(InvalidInputError, match="output: must be mp4, webm or gif"):
        video(output="avi")


def test_the_poster_is_a_third_in_or_the_headline_at_rest():
    assert video().poster_frame == 300
    assert video(mainText="Hello", coverDuration=1).poster_frame == 30 + 21
    assert video(BROLL, mainText="Hello", coverDuration=5, gapDuration=0).poster_frame == 300


def test_a_poster_beyond_the_video_is_its_last_frame():
    assert video(mainText="Hello", coverDuration=5, duration=3).poster_frame == 30
