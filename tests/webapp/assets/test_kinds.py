from pathlib import Path

import pytest

from tests.factories import make_clip, make_image, make_sound, tone
from webapp.assets.kinds import ACCEPTED, declared_type, sniff
from webapp.models import AssetType


def _head(path: Path) -> bytes:
    return path.read_bytes()[:64]


def test_videos_are_known_by_their_bytes(tmp_path: Path):
    assert sniff(_head(make_clip(tmp_path / "a.mp4", frames=3))) == "video/mp4"
    webm = make_clip(tmp_path / "a.webm", frames=3, codec="libvpx", options={})
    assert sniff(_head(webm)) == "video/webm"


@pytest.mark.parametrize(("suffix", "mime"), [("png", "image/png"), ("jpg", "image/jpeg"), ("webp", "image/webp")])
def test_images_are_known_by_their_bytes(tmp_path: Path, suffix: str, mime: str):
    assert sniff(_head(make_image(tmp_path / f"a.{suffix}"))) == mime


@pytest.mark.parametrize(
    ("suffix", "codec", "mime"),
    [
        ("mp3", "libmp3lame", "audio/mpeg"),
        ("wav", "pcm_s16le", "audio/wav"),
        ("aac", "aac", "audio/aac"),
        ("m4a", "aac", "audio/mp4"),
    ],
)
def test_sounds_are_known_by_their_bytes(tmp_path: Path, suffix: str, codec: str, mime: str):
    assert sniff(_head(make_sound(tmp_path / f"a.{suffix}", tone(440, 0.3), codec))) == mime


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\xff",
        b"hello",
        b"ffconcat version 1.0\n",
        b"v=0\no=- 0 0 IN IP4 127.0.0.1",
        b"#EXTM3U",
        b"GIF89a",
        b"\xff\xe0\x00",
    ],
)
def test_everything_else_is_none_of_ours(head: bytes):
    assert sniff(head) is None


def test_matroska_is_not_webm():
    assert sniff(b"\x1a\x45\xdf\xa3" + b"\x42\x82\x88matroska") is None


@pytest.mark.parametrize(
    ("sent", "usual"),
    [
        ("video/mp4", "video/mp4"),
        ("Audio/MP3; charset=x", "audio/mpeg"),
        ("audio/x-wav", "audio/wav"),
        ("application/octet-stream", None),
        ("", None),
        ("text/plain", "text/plain"),
    ],
)
def test_declared_types_get_their_usual_names(sent: str, usual: str | None):
    assert declared_type(sent) == usual


def test_the_limits_are_those_of_the_product():
    limits = {asset_type: accepted.limit_words for asset_type, accepted in ACCEPTED.items()}
    assert limits == {
        AssetType.AVATAR: "100 MB",
        AssetType.BACKGROUND: "100 MB",
        AssetType.COVER: "10 MB",
        AssetType.MUSIC: "20 MB",
    }
