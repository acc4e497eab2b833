from pathlib import Path

import pytest

from tests.factories import make_clip, make_image, make_sound, tone
from webapp.assets.kinds import ACCEPTED, declared_type, mime_type_of
from webapp.models import AssetType


def test_videos_are_known_by_their_bytes(tmp_path: Path):
    assert mime_type_of(make_clip(tmp_path / "a.mp4", frames=3)) == "video/mp4"
    webm = make_clip(tmp_path / "a.webm", frames=3, codec="libvpx", options={})
    assert mime_type_of(webm) == "video/webm"


@pytest.mark.parametrize(("suffix", "mime"), [("png", "image/png"), ("jpg", "image/jpeg"), ("webp", "image/webp")])
def test_images_are_known_by_their_bytes(tmp_path: Path, suffix: str, mime: str):
    assert mime_type_of(make_image(tmp_path / f"a.{suffix}")) == mime


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
    assert mime_type_of(make_sound(tmp_path / f"a.{suffix}", tone(440, 0.3), codec)) == mime


@pytest.mark.parametrize("content", [b"", b"\xff", b"hello", b"\x1a\x45\xdf\xa3\x42\x82\x88matroska"])
def test_everything_else_is_none_of_ours(tmp_path: Path, content: bytes):
    (tmp_path / "a.mp4").write_bytes(content)
    assert mime_type_of(tmp_path / "a.mp4") is None


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
