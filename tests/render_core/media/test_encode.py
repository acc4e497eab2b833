import dataclasses
import io
import subprocess
import sys
from fractions import Fraction
from hashlib import sha256

import av
import pytest

from render_core.errors import MissingEncoderError
from render_core.media.decode import VideoReader
from render_core.media.encode import (
    DRAFT,
    HIGH,
    PROFILES,
    STANDARD,
    EncoderProfile,
    encode_cell,
    has_encoder,
    require_encoders,
)
from render_core.media.profiles import profile_of
from render_core.picture import Picture
from render_core.spec import VideoFormat
from tests.factories import numbered_picture, read_number
from tests.scenes import moving_noise

SMALL = VideoFormat(width=96, height=64, fps=Fraction(30))


def numbered(count: int, width: int = 96, height: int = 64) -> list[Picture]:
    return [numbered_picture(n, width, height) for n in range(count)]


def packets(cell: bytes) -> list[tuple[int, int, bool]]:
    with av.open(io.BytesIO(cell)) as container:
        return [(p.pts, p.dts, p.is_keyframe) for p in container.demux(video=0) if p.size]


FILMS = [profile for profile in PROFILES.values() if isinstance(profile, EncoderProfile)]


def name_of(profile):
    return f"{profile.output}-{profile.name}"


@pytest.mark.parametrize("profile", FILMS, ids=name_of)
def test_a_cell_holds_its_pictures_in_order(tmp_path, profile):
    path = tmp_path / f"cell.{profile.output}"
    path.write_bytes(encode_cell(iter(numbered(31)), SMALL, profile))
    with VideoReader(path) as reader:
        assert [read_number(reader.frame(n)) for n in range(reader.index.frame_count)] == list(range(31))


@pytest.mark.parametrize("profile", PROFILES.values(), ids=name_of)
def test_equal_pictures_give_equal_bytes(profile):
    assert encode_cell(numbered(20), SMALL, profile) == encode_cell(numbered(20), SMALL, profile)


IN_ANOTHER_PROCESS = """
from fractions import Fraction
from hashlib import sha256
from render_core.media.encode import PROFILES, encode_cell
from render_core.spec import VideoFormat
from tests.scenes import moving_noise
size = VideoFormat(width=160, height=120, fps=Fraction(30))
for profile in PROFILES.values():
    print(profile.output, profile.name, sha256(encode_cell(moving_noise(5, 160, 120), size, profile)).hexdigest())
"""


def test_another_process_gives_the_same_bytes(request):
    done = subprocess.run(
        [sys.executable, "-c", IN_ANOTHER_PROCESS], cwd=request.config.rootpath, capture_output=True, check=True
    )
    size = VideoFormat(width=160, height=120, fps=Fraction(30))
    assert done.stdout.decode().splitlines() == [
        f"{profile.output} {profile.name} {sha256(encode_cell(moving_noise(5, 160, 120), size, profile)).hexdigest()}"
        for profile in PROFILES.values()
    ]


@pytest.mark.parametrize("output", ["mp4", "webm"])
def test_noise_at_full_size_is_deterministic(output):
    video_format = VideoFormat(width=360, height=640, fps=Fraction(30))
    profile = profile_of(output, "standard")
    assert len({encode_cell(moving_noise(8, 360, 640), video_format, profile) for _ in range(3)}) == 1


@pytest.mark.parametrize("profile", FILMS, ids=name_of)
def test_only_the_first_frame_is_a_keyframe_even_where_the_scene_changes(profile):
    pictures = numbered(10) + [Picture.black(96, 64)] * 10 + numbered(300)
    assert [key for _, _, key in packets(encode_cell(pictures, SMALL, profile))] == [True] + [False] * 319


def test_times_are_exact_at_ntsc_rate():
    cell = encode_cell(numbered(40), VideoFormat(width=96, height=64, fps=Fraction(30000, 1001)), STANDARD)
    with av.open(io.BytesIO(cell)) as container:
        stream = container.streams.video[0]
        assert stream.average_rate == Fraction(30000, 1001)
        times = sorted(p.pts * p.time_base for p in container.demux(stream) if p.size)
    assert times == [n * Fraction(1001, 30000) for n in range(40)]


@pytest.mark.parametrize("output", ["mp4", "webm"])
def test_colours_are_tagged(output):
    with av.open(io.BytesIO(encode_cell(numbered(2), SMALL, profile_of(output, "standard")))) as container:
        context = container.streams.video[0].codec_context
        assert (context.colorspace, context.color_primaries, context.color_trc, context.color_range) == (1, 1, 1, 1)
        assert context.pix_fmt == "yuv420p"


def test_pictures_may_be_views_of_larger_ones():
    large = [numbered_picture(n, 192, 128) for n in range(3)]
    views = [picture.region(48, 32, 96, 64) for picture in large]
    copies = [view.copy() for view in views]
    assert encode_cell(views, SMALL, DRAFT) == encode_cell(copies, SMALL, DRAFT)


def test_profiles_are_a_ladder():
    sizes = [len(encode_cell(numbered(20), SMALL, profile)) for profile in (DRAFT, STANDARD, HIGH)]
    for output in ("mp4", "webm"):
        crfs = [profile_of(output, quality).crf for quality in ("draft", "standard", "high")]
        assert crfs == sorted(set(crfs), reverse=True)
    assert all(size > 0 for size in sizes)


def test_a_profile_whose_encoder_is_missing_is_refused_by_its_name():
    for profile in PROFILES.values():
        require_encoders(profile)
    assert not has_encoder("libx000")
    with pytest.raises(MissingEncoderError, match="no encoder libx000"):
        require_encoders(dataclasses.replace(STANDARD, codec="libx000"))


def test_a_cell_of_4k_is_of_the_level_that_players_ask_for():
    """ITU-T H.264, table A-1: 32,400 macroblocks a frame and 972,000 a second are level 5.1."""
    size = VideoFormat(width=2160, height=3840, fps=Fraction(30))
    with av.open(io.BytesIO(encode_cell([Picture.black(2160, 3840)] * 2, size, STANDARD))) as container:
        context = container.streams.video[0].codec_context
        assert (context.width, context.height, context.level) == (2160, 3840, 51)
