from fractions import Fraction

import numpy as np
import pytest

from render_core.errors import MediaError
from render_core.media.pool import MediaPool
from render_core.picture import to_rgb
from tests.factories import asset, by_path, jpeg_bytes, make_clip, make_image, make_sound, read_number, tone


@pytest.fixture
def pool():
    with MediaPool(by_path()) as pool:
        yield pool


def test_frames_are_found_by_their_moment(tmp_path, pool):
    clip = asset(make_clip(tmp_path / "a.mp4"))
    assert [read_number(pool.video_frame(clip, Fraction(n, 30))) for n in (0, 7, 39, 3)] == [0, 7, 39, 3]


def test_a_clip_seen_at_two_times_is_read_by_two_decoders(tmp_path, pool):
    clip = asset(make_clip(tmp_path / "a.mp4"))
    for n in range(10):
        assert read_number(pool.video_frame(clip, Fraction(n, 30))) == n
        assert read_number(pool.video_frame(clip, Fraction(n + 28, 30))) == n + 28
    assert len(pool._open) == 2


def test_the_same_moment_is_decoded_once(tmp_path, pool):
    clip = asset(make_clip(tmp_path / "a.mp4"))
    first = pool.video_frame(clip, Fraction(1, 2))
    assert pool.video_frame(clip, Fraction(1, 2)) is first


def test_no_more_decoders_are_open_than_allowed(tmp_path):
    clips = [asset(make_clip(tmp_path / f"{n}.mp4", frames=10 + n)) for n in range(4)]
    with MediaPool(by_path(), reader_limit=2) as pool:
        for clip in clips * 2:
            assert read_number(pool.video_frame(clip, Fraction(1, 10))) == 3
            assert len(pool._open) <= 2


def test_a_decoder_with_nothing_to_do_makes_room(tmp_path, pool):
    clips = [asset(make_clip(tmp_path / f"{n}.mp4", frames=40 + n)) for n in range(2)]
    for n in range(40):
        pool.video_frame(clips[0], Fraction(n, 30))
        pool.video_frame(clips[0 if n > 5 else 1], Fraction(n, 30))
    late = asset(make_clip(tmp_path / "late.mp4", frames=5))
    pool.video_frame(late, Fraction(0))
    assert [entry.sha256 for entry in pool._open] == [clips[0].sha256, late.sha256]


def test_a_held_frame_outlives_its_decoder(tmp_path):
    clips = [asset(make_clip(tmp_path / f"{n}.mp4", frames=10 + n)) for n in range(2)]
    with MediaPool(by_path(), reader_limit=1) as pool:
        held = pool.video_frame(clips[0], Fraction(1, 10))
        pool.video_frame(clips[1], Fraction(2, 10))
    assert read_number(held) == 3


def test_an_image_keeps_its_transparency(tmp_path, pool):
    picture = pool.image(asset(make_image(tmp_path / "a.png", mode="RGBA")))
    assert picture.alpha is not None
    assert (picture.alpha[0, 0], picture.alpha[-1, 0]) == (0, 255)


def test_an_image_without_transparency_has_no_alpha(tmp_path, pool):
    picture = pool.image(asset(make_image(tmp_path / "a.png")))
    assert picture.alpha is None
    assert np.abs(to_rgb(picture)[20, 60].astype(int) - (242, 0, 0)).max() <= 4


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_an_image_is_upright(tmp_path, pool, orientation):
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg_bytes(64, 32, orientation))
    picture = pool.image(asset(path))
    corners = {1: (0, 0), 3: (-1, -1), 6: (0, -1), 8: (-1, 0)}
    assert (picture.width > picture.height) == (orientation in {1, 3})
    assert picture.y[corners[orientation]] > 200
    assert sorted(int(picture.y[row, column]) > 100 for row in (0, -1) for column in (0, -1)) == [False] * 3 + [True]


@pytest.mark.parametrize(("size", "even"), [((1, 1), (2, 2)), ((1, 5), (2, 4)), ((7, 9), (6, 8))])
def test_an_image_of_odd_size_has_even_sides(tmp_path, pool, size, even):
    picture = pool.image(asset(make_image(tmp_path / "a.png", *size)))
    assert (picture.width, picture.height) == even


def test_what_was_made_is_remembered(pool):
    made = []
    for _ in range(3):
        pool.remembered("mask", lambda: made.append(1))
    assert made == [1]


def test_a_large_thing_pushes_out_the_least_recently_used(tmp_path):
    with MediaPool(by_path(), memory_limit=3000) as pool:
        made = []

        def remember(key: str) -> None:
            pool.remembered(key, lambda: (made.append(key), np.zeros(1000, np.uint8))[1])

        for key in "abac":
            remember(key)
        assert made == ["a", "b", "c"]
        remember("d")
        remember("a")
        remember("b")
        assert made == ["a", "b", "c", "d", "b"]


def test_sound_comes_from_the_same_place(tmp_path, pool):
    sound = asset(make_sound(tmp_path / "a.wav", tone(440, 2)))
    assert sum(map(len, pool.sound(sound, Fraction(1, 2), Fraction(1)))) == 48000


def test_a_damaged_image_names_the_file(tmp_path, pool):
    path = make_image(tmp_path / "a.png", 200, 200)
    reference = asset(path)
    path.write_bytes(path.read_bytes()[:400])
    with pytest.raises(MediaError, match=r"a\.png"):
        pool.image(reference)
