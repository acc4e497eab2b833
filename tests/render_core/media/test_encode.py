import io
import subprocess
import sys
from fractions import Fraction

import av
import numpy as np
import pytest

from render_core.media.decode import VideoReader
from render_core.media.encode import DRAFT, HIGH, PROFILES, STANDARD, encode_cell
from render_core.picture import Picture
from render_core.spec import VideoFormat
from tests.factories import numbered_picture, read_number

SMALL = VideoFormat(width=96, height=64, fps=Fraction(30))


def numbered(count: int, width: int = 96, height: int = 64) -> list[Picture]:
    return [numbered_picture(n, width, height) for n in range(count)]


def packets(cell: bytes) -> list[tuple[int, int, bool]]:
    with av.open(io.BytesIO(cell)) as container:
        return [(p.pts, p.dts, p.is_keyframe) for p in container.demux(video=0) if p.size]


@pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))
def test_a_cell_holds_its_pictures_in_order(tmp_path, profile):
    path = tmp_path / "cell.mp4"
    path.write_bytes(encode_cell(iter(numbered(31)), SMALL, profile))
    with VideoReader(path) as reader:
        assert [read_number(reader.frame(n)) for n in range(reader.index.frame_count)] == list(range(31))


@pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))
def test_equal_pictures_give_equal_bytes(profile):
    assert encode_cell(numbered(20), SMALL, profile) == encode_cell(numbered(20), SMALL, profile)


IN_ANOTHER_PROCESS = """
import sys
from fractions import Fraction
from render_core.media.encode import STANDARD, encode_cell
from render_core.spec import VideoFormat
from tests.factories import numbered_picture
pictures = (numbered_picture(n, 320, 240) for n in range(10))
cell = encode_cell(pictures, VideoFormat(width=320, height=240, fps=Fraction(30)), STANDARD)
sys.stdout.buffer.write(cell)
"""


def test_another_process_gives_the_same_bytes(request):
    done = subprocess.run(
        [sys.executable, "-c", IN_ANOTHER_PROCESS], cwd=request.config.rootpath, capture_output=True, check=True
    )
    video_format = VideoFormat(width=320, height=240, fps=Fraction(30))
    assert done.stdout == encode_cell(numbered(10, 320, 240), video_format, STANDARD)


def test_noise_at_full_size_is_deterministic():
    rng = np.random.default_rng(3)
    planes = [rng.integers(16, 235, shape, np.uint8) for shape in ((640, 360), (320, 180), (320, 180))]
    pictures = [Picture(*(np.roll(plane, 3 * n, axis=1) for plane in planes)) for n in range(8)]
    video_format = VideoFormat(width=360, height=640, fps=Fraction(30))
    assert len({encode_cell(pictures, video_format, STANDARD) for _ in range(3)}) == 1


def test_only_the_first_frame_is_a_keyframe_even_where_the_scene_changes():
    pictures = numbered(10) + [Picture.black(96, 64)] * 10 + numbered(300)
    assert [key for _, _, key in packets(encode_cell(pictures, SMALL, STANDARD))] == [True] + [False] * 319


def test_times_are_exact_at_ntsc_rate():
    cell = encode_cell(numbered(40), VideoFormat(width=96, height=64, fps=Fraction(30000, 1001)), STANDARD)
    with av.open(io.BytesIO(cell)) as container:
        stream = container.streams.video[0]
        assert stream.average_rate == Fraction(30000, 1001)
        times = sorted(p.pts * p.time_base for p in container.demux(stream) if p.size)
    assert times == [n * Fraction(1001, 30000) for n in range(40)]


def test_colours_are_tagged(tmp_path):
    with av.open(io.BytesIO(encode_cell(numbered(2), SMALL, STANDARD))) as container:
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
    assert [p.crf for p in (DRAFT, STANDARD, HIGH)] == sorted((p.crf for p in PROFILES.values()), reverse=True)
    assert all(size > 0 for size in sizes)
