import io
import os
import resource
import signal
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image

from render_core.errors import MediaError
from render_core.ingest import child
from render_core.ingest.confined import run_confined
from render_core.ingest.normalise import Normalised, OnProgress, judge, work_s
from render_core.ingest.prepare import prepare_untrusted
from render_core.spec import MediaInfo, MediaKind
from tests.factories import make_audio_only_mp4, make_clip, make_image, make_sound, tone
from tests.landlock import run_without_landlock
from tests.processes import children, words


def prepare(upload: Path, kind: MediaKind, on_progress: OnProgress | None = None) -> Normalised:
    """What is made of an upload, beside it."""
    return prepare_untrusted(upload, upload.parent / "out", upload.parent / "poster", kind, on_progress=on_progress)


def confined_children() -> list[int]:
    """Other children of this process are servers of other tests."""
    return [pid for pid in children(os.getpid()) if "render_core.ingest.child" in words(pid)]


def test_a_clip_is_made_uniform_and_tells_how_far_it_is(tmp_path: Path):
    told: list[tuple[int, int]] = []
    clip = make_clip(tmp_path / "in.webm", codec="libvpx", options={"deadline": "realtime", "cpu-used": "8"})
    made = prepare(clip, "video", on_progress=lambda *step: told.append(step))
    assert (made.mime_type, made.info.width, made.info.height, made.info.frame_count) == ("video/mp4", 96, 64, 40)
    assert told == [(n + 1, 40) for n in range(40)]


def test_the_same_upload_gives_the_same_bytes(tmp_path: Path):
    clip = make_clip(tmp_path / "in.mp4", tone_hz=300)
    outs = [tmp_path / "one", tmp_path / "two"]
    for out in outs:
        prepare_untrusted(clip, out, tmp_path / "poster", "video")
    assert outs[0].read_bytes() == outs[1].read_bytes()


def test_music_is_prepared_and_tells_how_far_it_is(tmp_path: Path):
    told: list[float] = []
    music = make_sound(tmp_path / "in.wav", tone(440, 2))
    made = prepare(music, "audio", on_progress=lambda done, total: told.append(done / total))
    assert (made.mime_type, made.info.kind) == ("audio/mpeg", "audio")
    assert told == sorted(told)
    assert 0.5 < told[-1] < 1


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("video", "There is no moving picture in it but sound only"),
        ("image", "There is no still picture in it but sound only"),
    ],
)
def test_another_kind_than_asked_for_is_refused(tmp_path: Path, kind: str, sentence: str):
    with pytest.raises(MediaError, match=sentence):
        prepare(make_audio_only_mp4(tmp_path / "in.mp4"), kind)  # type: ignore[arg-type]  # a parameter


def test_who_stops_listening_ends_the_child(tmp_path: Path):
    class StoppedError(Exception):
        pass

    def stop(_done: int, _total: int) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        prepare(make_clip(tmp_path / "in.mp4"), "video", on_progress=stop)
    assert confined_children() == []


@pytest.mark.parametrize(
    ("number", "error"),
    [(signal.SIGKILL, MemoryError), (signal.SIGSEGV, MediaError), (signal.SIGXCPU, MediaError)],
    ids=["killed for memory", "crashed", "out of processor time"],
)
def test_the_end_of_a_child_says_who_is_at_fault(tmp_path: Path, number: signal.Signals, error: type[Exception]):
    def end(_done: int, _total: int) -> None:
        [child] = confined_children()
        os.kill(child, number)

    clip = make_clip(tmp_path / "in.mp4", width=640, height=640, frames=120)
    with pytest.raises(error):
        prepare(clip, "video", on_progress=end)


def test_a_file_that_is_not_there_is_the_machines_fault(tmp_path: Path):
    with pytest.raises(MediaError, match="not there"):
        prepare(tmp_path / "in.mp4", "video")
    source = make_image(tmp_path / "in.png")
    with pytest.raises(FileNotFoundError):
        run_confined(source, "prepare", "image", str(source), "/nowhere/out", "/nowhere/poster", timeout_s=60)


def test_more_pixels_than_half_an_hour_has_are_refused(tmp_path: Path):
    slow = make_clip(tmp_path / "in.mp4", ticks=(0, 1799), time_base=Fraction(1), frames=2, width=3000, height=2000)
    with pytest.raises(MediaError, match="more pixels than half an hour"):
        judge(slow, "video")


def test_processor_time_grows_with_what_there_is_to_do():
    second = MediaInfo(kind="video", width=1080, height=1920, frame_count=30, fps=Fraction(30), duration_s=Fraction(1))
    minute = second.model_copy(update={"frame_count": 1800, "duration_s": Fraction(60)})
    assert work_s(minute) - 60 == pytest.approx(60 * (work_s(second) - 60), rel=0.2)
    assert work_s(MediaInfo(kind="image", width=2160, height=3840, frame_count=1)) == 60


def test_a_look_takes_ten_seconds_and_a_gigabyte_and_a_half_at_most():
    assert child._LOOKING.cpu_s <= 10
    assert child._LOOKING.memory_bytes <= 1_500_000_000
    assert child._LOOKING.file_bytes == 0


def test_the_most_work_that_is_accepted_is_within_what_a_child_can_be_allowed():
    frames = int(1.05 * 1800 * 30)
    most = MediaInfo(
        kind="video", width=1080, height=1920, frame_count=frames, fps=Fraction(30), duration_s=Fraction(1800)
    )
    assert work_s(most) <= child._WORKING.cpu_s


def test_a_picture_that_is_gone_over_a_thousand_times_is_given_up_after_ten_seconds(tmp_path: Path):
    """A progressive JPEG of 200 KB whose last scan is repeated: each takes a decoder over 36 million pixels."""
    buffer = io.BytesIO()
    Image.new("L", (6000, 6000), 90).save(buffer, "JPEG", progressive=True)
    data = buffer.getvalue()
    last = data.rindex(b"\xff\xda")
    upload = tmp_path / "in.jpg"
    upload.write_bytes(data[:-2] + data[last:-2] * 1000 + data[-2:])
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with pytest.raises(MediaError, match="took too long"):
        prepare(upload, "image")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert 9 <= after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime <= 10.5


_PREPARE = """
from pathlib import Path
from render_core.ingest.prepare import prepare_untrusted
folder = Path({folder!r})
made = prepare_untrusted(folder / "in.png", folder / "out", folder / "poster", "image", needs_wall={needs_wall})
print(made.mime_type)
"""


def test_a_machine_without_landlock_reads_no_upload_where_it_is_needed(tmp_path: Path):
    make_image(tmp_path / "in.png")
    done = run_without_landlock(sys.executable, "-c", _PREPARE.format(folder=str(tmp_path), needs_wall=True))
    assert "ChildFailedError: in.png: this machine has no Landlock" in done.stderr
    assert not (tmp_path / "out").exists()


def test_elsewhere_it_is_read_behind_the_other_walls(tmp_path: Path):
    make_image(tmp_path / "in.png")
    done = run_without_landlock(sys.executable, "-c", _PREPARE.format(folder=str(tmp_path), needs_wall=False))
    assert done.stdout.strip() in {"image/png", "image/jpeg"}
