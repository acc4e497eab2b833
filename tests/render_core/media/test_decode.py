import gc
import random
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction
from multiprocessing import get_context
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame

from render_core.errors import FrameNotFoundError, MediaError
from render_core.media.decode import VideoReader
from render_core.media.index import index_file
from tests.factories import make_audio_only_mp4, make_clip, numbered_luma, read_number

VARIABLE = (*sorted(random.Random(5).sample(range(3000), 39)), 3100)
CLIPS = {
    "b-frames.mp4": {},
    "open-gop.mp4": {"options": {"preset": "veryfast", "g": "10", "bf": "3", "x264-params": "open-gop=1:scenecut=0"}},
    "ntsc.mp4": {"fps": Fraction(30000, 1001)},
    "variable.mp4": {"ticks": VARIABLE, "time_base": Fraction(1, 600)},
    "rotated.mp4": {"rotation": 180},
    "ten-bit.mp4": {"pix_fmt": "yuv420p10le"},
    "no-chroma-subsampling.mp4": {"pix_fmt": "yuv444p"},
    "odd.mp4": {"width": 97, "height": 65, "pix_fmt": "yuv444p"},
    "hevc.mp4": {"codec": "libx265", "options": {"preset": "ultrafast", "x265-params": "log-level=none:keyint=12"}},
    "vp9.webm": {"codec": "libvpx-vp9", "options": {"deadline": "realtime", "cpu-used": "8", "g": "12"}},
    "transport.ts": {},
    "intra.mp4": {"options": {"preset": "ultrafast", "g": "1"}},
}


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    return {name: make_clip(folder / name, **plan) for name, plan in CLIPS.items()}


def expected(name: str, number: int) -> int:
    """Turned by half, the twelve blocks are read backwards."""
    return int(f"{number:012b}"[::-1], 2) if name == "rotated.mp4" else number


@pytest.mark.parametrize("name", CLIPS)
def test_frames_read_in_order_carry_their_number(clips, name):
    with VideoReader(clips[name]) as reader:
        assert reader.index.frame_count == 40
        assert [read_number(reader.frame(n)) for n in range(40)] == [expected(name, n) for n in range(40)]


@pytest.mark.parametrize("name", CLIPS)
def test_frames_read_in_random_order_carry_their_number(clips, name):
    order = random.Random(name).choices(range(40), k=60)
    with VideoReader(clips[name]) as reader:
        assert [read_number(reader.frame(n)) for n in order] == [expected(name, n) for n in order]


@pytest.mark.parametrize("name", ["b-frames.mp4", "open-gop.mp4", "vp9.webm"])
def test_a_frame_has_the_same_pixels_however_it_is_reached(clips, name):
    with VideoReader(clips[name]) as forward, VideoReader(clips[name]) as backward:
        pictures = [forward.frame(n).copy() for n in range(40)]
        for n in reversed(range(40)):
            assert (backward.frame(n).y == pictures[n].y).all()


@pytest.mark.parametrize("rotation", [0, 90, 180, -90])
@pytest.mark.parametrize("is_mirrored", [False, True])
def test_the_picture_is_upright(tmp_path, rotation, is_mirrored):
    path = make_clip(tmp_path / "a.mp4", frames=2, rotation=rotation, is_mirrored=is_mirrored)
    stored = np.rot90(numbered_luma(1), rotation // 90)
    with VideoReader(path) as reader:
        shown = reader.frame(1).y
    assert shown.shape == stored.shape
    assert np.abs(shown.astype(int) - (stored[:, ::-1] if is_mirrored else stored)).mean() < 8


def test_frames_that_are_let_go_are_freed_at_once(clips):
    """A clip is megabytes a frame: none may wait for the collector of cycles."""
    gc.collect()
    gc.disable()
    try:
        with VideoReader(clips["b-frames.mp4"]) as reader:
            for n in range(40):
                reader.frame(n)
            assert sum(isinstance(thing, VideoFrame) for thing in gc.get_objects()) < 10
    finally:
        gc.enable()


def read_backwards(path: Path) -> list[int]:
    with VideoReader(path) as reader:
        return [read_number(reader.frame(n)) for n in reversed(range(40))]


def test_parallel_processes_read_the_right_frames(clips):
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        for numbers in pool.map(read_backwards, [clips["b-frames.mp4"], clips["open-gop.mp4"]]):
            assert numbers == list(reversed(range(40)))


def test_threads_change_nothing(clips):
    with VideoReader(clips["b-frames.mp4"], thread_count=3) as reader:
        assert [read_number(reader.frame(n)) for n in (39, 0, 20, 21)] == [39, 0, 20, 21]


def test_the_frame_of_a_moment_is_the_last_one_not_after_it(clips):
    with VideoReader(clips["variable.mp4"]) as reader:
        for n in range(39):
            middle = Fraction(VARIABLE[n] + VARIABLE[n + 1], 1200) - Fraction(VARIABLE[0], 600)
            assert read_number(reader.frame_at(middle)) == n


def test_moments_outside_the_clip_are_clamped(clips):
    with VideoReader(clips["ntsc.mp4"]) as reader:
        assert read_number(reader.frame_at(Fraction(-1))) == 0
        assert read_number(reader.frame_at(Fraction(1000))) == 39


@pytest.mark.parametrize("name", ["ntsc.mp4", "vp9.webm"])
def test_at_the_clips_own_rate_every_frame_comes_once(clips, name):
    with VideoReader(clips[name]) as reader:
        fps = CLIPS[name].get("fps", Fraction(30))
        assert [reader.index.frame_at(n / fps) for n in range(40)] == list(range(40))


def test_an_index_can_be_shared(clips):
    index = index_file(clips["b-frames.mp4"])
    with VideoReader(clips["b-frames.mp4"], index) as reader:
        assert reader.index is index
        assert read_number(reader.frame(30)) == 30


def test_reading_on_is_one_step_and_going_back_starts_at_the_keyframe(clips):
    with VideoReader(clips["b-frames.mp4"]) as reader:
        reader.frame(14)
        assert [reader.steps_to(n) for n in (14, 15, 16, 13, 12, 30)] == [0, 1, 2, 2, 1, 7]


def test_planes_are_read_only_because_the_decoder_still_needs_them(clips):
    with VideoReader(clips["b-frames.mp4"]) as reader, pytest.raises(ValueError, match="read-only"):
        reader.frame(0).y[0, 0] = 0


@pytest.mark.parametrize("number", [-1, 40])
def test_a_frame_that_is_not_there_is_an_error(clips, number):
    with VideoReader(clips["b-frames.mp4"]) as reader, pytest.raises(FrameNotFoundError, match="no frame"):
        reader.frame(number)


def test_a_file_without_picture_cannot_be_read_as_a_clip(tmp_path):
    path = make_audio_only_mp4(tmp_path / "voice.mp4")
    with pytest.raises(MediaError, match="sound but no picture"):
        VideoReader(path)


def damage(path: Path, number: int) -> None:
    """Zeros where the packet of a frame was."""
    with av.open(str(path)) as container:
        packet = sorted((p for p in container.demux(video=0) if p.size), key=lambda p: p.pts)[number]
        start, size = packet.pos, packet.size
    data = bytearray(path.read_bytes())
    data[start : start + size] = bytes(size)
    path.write_bytes(data)


def test_after_a_damaged_frame_the_next_keyframe_is_found(tmp_path):
    path = make_clip(tmp_path / "clip.mp4")
    damage(path, 18)
    with VideoReader(path) as reader:
        assert read_number(reader.frame(12)) == 12
        with pytest.raises(MediaError, match="damaged"):
            reader.frame(18)
        assert [read_number(reader.frame(n)) for n in (24, 25, 3, 39)] == [24, 25, 3, 39]


def test_a_damaged_frame_is_an_error_not_another_frame(tmp_path):
    path = make_clip(tmp_path / "clip.mp4", width=320, height=240)
    index = index_file(path)
    damaged = bytearray(path.read_bytes())
    start, end = damaged.index(b"mdat") + 4, damaged.index(b"moov") - 4
    damaged[start:end] = bytes(end - start)
    path.write_bytes(damaged)
    with VideoReader(path, index) as reader, pytest.raises(MediaError, match="damaged"):
        reader.frame(5)


@pytest.mark.parametrize("name", CLIPS)
def test_two_threads_decode_the_same_pixels(clips, name):
    order = random.Random(name).choices(range(40), k=20)
    with VideoReader(clips[name]) as alone, VideoReader(clips[name], thread_count=2) as together:
        for n in order:
            assert (together.frame(n).y == alone.frame(n).y).all()
