import io
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from render_core.errors import MediaError
from render_core.ingest.probe import probe_untrusted
from render_core.ingest.sniff import sniff
from tests.factories import (
    make_audio_only_mp4,
    make_clip,
    make_image,
    make_sound,
    make_text_named_mp4,
    tone,
)


def write(folder: Path, kind: str) -> Path:
    if kind == "mp4":
        return make_clip(folder / "a.mp4")
    if kind == "webm":
        return make_clip(folder / "a.webm", codec="libvpx", options={"deadline": "realtime", "cpu-used": "8"})
    if kind in {"png", "jpeg", "webp"}:
        return make_image(folder / f"a.{kind}")
    codec = {"mp3": "libmp3lame", "wav": "pcm_s16le"}.get(kind, "aac")
    return make_sound(folder / f"a.{kind}", tone(440, 1), codec)


KINDS = {
    "mp4": ("mp4", "video"),
    "webm": ("webm", "video"),
    "png": ("png", "image"),
    "jpeg": ("jpeg", "image"),
    "webp": ("webp", "image"),
    "mp3": ("mp3", "audio"),
    "wav": ("wav", "audio"),
    "aac": ("aac", "audio"),
    "m4a": ("m4a", "audio"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_accepted_kinds_are_known_by_their_bytes(tmp_path, kind):
    file_type, media_kind = KINDS[kind]
    path = write(tmp_path, kind).rename(tmp_path / "misleading.txt")
    assert sniff(path) == file_type
    assert probe_untrusted(path).kind == media_kind


@pytest.mark.parametrize(
    "head",
    [
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1/\n",
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%!PS-Adobe-3.0",
        b"GIF89a" + bytes(20),
        b"II*\x00" + bytes(20),
        b"\x1a\x45\xdf\xa3" + bytes(60),
        b"\x1a\x45\xdf\xa3\x42\x82\x88matroska" + bytes(20),
        b"\x00\x00\x00\x18ftypheic" + bytes(20),
        b"RIFF\x00\x00\x00\x00AVI " + bytes(20),
        b"\xff\xff\xff\xff" + bytes(20),
        b"\x00",
    ],
)
def test_other_kinds_are_refused_before_anything_opens_them(tmp_path, head):
    path = tmp_path / "upload.mp4"
    path.write_bytes(head)
    with pytest.raises(MediaError, match="whatever its name says"):
        sniff(path)


def test_an_empty_file_is_refused(tmp_path):
    path = tmp_path / "upload.mp4"
    path.touch()
    with pytest.raises(MediaError, match="empty"):
        probe_untrusted(path)


def test_a_text_file_named_mp4_is_refused(tmp_path):
    with pytest.raises(MediaError, match="whatever its name says"):
        probe_untrusted(make_text_named_mp4(tmp_path / "upload.mp4"))


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(MediaError, match="not there"):
        probe_untrusted(tmp_path / "upload.mp4")


def test_sound_named_as_a_clip_is_known_as_sound(tmp_path):
    assert probe_untrusted(make_audio_only_mp4(tmp_path / "avatar.mp4")).kind == "audio"


def test_what_the_child_finds_wrong_is_told(tmp_path):
    path = make_clip(tmp_path / "upload.mp4")
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(MediaError, match=r"upload\.mp4: .*cut off"):
        probe_untrusted(path)


def test_an_image_bomb_is_refused_by_its_header(tmp_path):
    path, buffer = tmp_path / "cover.png", io.BytesIO()
    Image.new("1", (7000, 7000)).save(buffer, "PNG")
    path.write_bytes(buffer.getvalue())
    with pytest.raises(MediaError, match="40 million pixels"):
        probe_untrusted(path)


def test_a_child_that_takes_too_long_is_ended(tmp_path):
    with pytest.raises(MediaError, match="too long"):
        probe_untrusted(make_clip(tmp_path / "a.mp4"), timeout_s=0.001)


def test_threads_may_probe_at_once(tmp_path):
    paths = [make_image(tmp_path / f"{n}.png", 10 + n, 10) for n in range(4)]
    with ThreadPoolExecutor(2) as pool:
        assert [info.width for info in pool.map(probe_untrusted, paths)] == [10, 11, 12, 13]
    assert threading.active_count() >= 1


def test_the_child_sees_nothing_of_the_parents_secrets(tmp_path, monkeypatch):
    monkeypatch.setenv("LD_PRELOAD", "/nonexistent.so")
    monkeypatch.setenv("PYTHONSTARTUP", "/nonexistent.py")
    assert probe_untrusted(make_image(tmp_path / "a.png")).kind == "image"


def test_half_an_hour_of_sound_is_heard_within_the_limits(tmp_path):
    ten_seconds = np.concatenate([tone(440, 5), np.zeros((240_000, 2), np.float32)])[::6]
    path = make_sound(tmp_path / "a.wav", np.tile(ten_seconds, (180, 1)), rate=8000)
    info = probe_untrusted(path)
    assert info.duration_s == 1800
    assert len(info.speech) == 180


def outcome(path: Path) -> str:
    try:
        return probe_untrusted(path).kind
    except MediaError as error:
        return error.problem


def test_no_odd_or_hostile_file_crashes_or_hangs(shared_corpus):
    files = sorted(path for path in shared_corpus.rglob("*") if path.is_file())
    with ThreadPoolExecutor(2) as pool:
        outcomes = dict(zip(files, pool.map(outcome, files), strict=True))
    assert len(outcomes) > 100
    assert {"video", "image", "audio"} < set(outcomes.values())
    assert all(sentence in {"video", "image", "audio"} or sentence.endswith(".") for sentence in outcomes.values())
    assert not [path.name for path, sentence in outcomes.items() if "safely" in sentence or "too long" in sentence]
