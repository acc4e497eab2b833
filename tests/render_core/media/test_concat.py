import errno
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import pytest

from render_core.errors import MediaError
from render_core.media.concat import concat
from render_core.media.decode import VideoReader
from render_core.media.encode import HIGH, STANDARD, encode_cell
from render_core.media.probe import probe
from render_core.media.sound import encode_sound
from render_core.spec import VideoFormat
from tests.factories import noise, numbered_picture, read_number, sound_of

BORDERS = (0, 20, 40, 41, 43, 60)


@pytest.fixture(params=[Fraction(30), Fraction(30000, 1001), Fraction(25, 2)], ids=str)
def fps(request):
    return request.param


def make_cells(folder, fps, profile=STANDARD):
    video_format, paths = VideoFormat(width=96, height=64, fps=fps), []
    for start, stop in pairwise(BORDERS):
        path = folder / f"{start}-{profile.name}.mp4"
        path.write_bytes(encode_cell((numbered_picture(n) for n in range(start, stop)), video_format, profile))
        paths.append(path)
    return paths


def make_track(folder, fps):
    path = folder / "sound.m4a"
    encode_sound([noise(float(60 / fps))], path)
    return path


def test_cells_become_one_film(tmp_path, fps):
    out = tmp_path / "out.mp4"
    concat(make_cells(tmp_path, fps), make_track(tmp_path, fps), out, fps)
    info = probe(out)
    assert (info.frame_count, info.fps, info.has_audio) == (60, fps, True)
    assert info.duration_s == 60 / fps
    with VideoReader(out) as reader:
        assert [read_number(reader.frame(n)) for n in range(60)] == list(range(60))


def test_times_have_no_gap(tmp_path, fps):
    out = tmp_path / "out.mp4"
    concat(make_cells(tmp_path, fps), None, out, fps)
    with av.open(str(out)) as container:
        stamps = [(p.pts * p.time_base, p.dts * p.time_base, p.is_keyframe) for p in container.demux(video=0) if p.size]
    assert sorted(pts for pts, _, _ in stamps) == [n / fps for n in range(60)]
    steps = {later[1] - earlier[1] for earlier, later in pairwise(stamps)}
    assert steps == {1 / fps}
    assert sorted(round(pts * fps) for pts, _, key in stamps if key) == list(BORDERS[:-1])


def test_sound_stays_with_the_picture(tmp_path, fps):
    out = tmp_path / "out.mp4"
    track = make_track(tmp_path, fps)
    concat(make_cells(tmp_path, fps), track, out, fps)
    alone, within = sound_of(track), sound_of(out)
    assert (alone[:40000] == within[:40000]).all()
    assert abs(len(within) / 48000 - float(60 / fps)) <= 1024 / 48000


def test_the_index_is_in_front(tmp_path):
    out = tmp_path / "out.mp4"
    concat(make_cells(tmp_path, Fraction(30)), None, out, Fraction(30))
    data = out.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    assert data.count(b"avc1") == 2  # one sample description; the other is a brand of the file


def test_equal_inputs_give_equal_bytes(tmp_path):
    cells, track = make_cells(tmp_path, Fraction(30)), make_track(tmp_path, Fraction(30))
    files = [tmp_path / "a.mp4", tmp_path / "b.mp4"]
    for file in files:
        concat(cells, track, file, Fraction(30))
    assert files[0].read_bytes() == files[1].read_bytes()


def test_a_cell_of_another_profile_is_refused(tmp_path):
    cells = [*make_cells(tmp_path, Fraction(30))[:1], *make_cells(tmp_path, Fraction(30), HIGH)[1:]]
    with pytest.raises(MediaError, match="other settings"):
        concat(cells, None, tmp_path / "out.mp4", Fraction(30))


def test_an_output_that_cannot_be_written_is_no_fault_of_a_cell(tmp_path):
    cells = make_cells(tmp_path, Fraction(30))
    with pytest.raises(OSError, match="No space left") as caught:
        concat(cells, make_track(tmp_path, Fraction(30)), Path("/dev/full"), Fraction(30))
    assert caught.value.errno == errno.ENOSPC
    with pytest.raises(FileNotFoundError):
        concat(cells, None, tmp_path / "nowhere" / "out.mp4", Fraction(30))


def test_a_damaged_sound_is_named(tmp_path):
    track = make_track(tmp_path, Fraction(30))
    track.write_bytes(track.read_bytes()[:1000])
    with pytest.raises(MediaError, match=track.name):
        concat(make_cells(tmp_path, Fraction(30)), track, tmp_path / "out.mp4", Fraction(30))
