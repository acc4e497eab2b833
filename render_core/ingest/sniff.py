"""What a file is by its first bytes: an allow-list. Names and declared types are never believed."""

from pathlib import Path
from typing import Literal

from render_core.errors import MediaError

FileType = Literal["mp4", "webm", "png", "jpeg", "webp", "mp3", "wav", "aac", "m4a"]

HEAD_BYTES = 4096
"""As many of a file's first bytes tell what it is."""
_BRANDS = tuple(b"iso mp4 avc1 dash qt MSNV M4V mmp4 3gp 3g2 F4V mp71".split())
"""Beginnings of the major brands of MP4 and its kin (ISO/IEC 14496-12, mp4ra.org)."""


def sniff(path: Path) -> FileType:
    """The type of a file of an accepted kind.

    Raises:
        MediaError: If the file is empty, missing or of no accepted kind.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise MediaError(path.name, "The file is not there.") from error
    if not head:
        raise MediaError(path.name, "The file is empty. Upload it again.")
    found = sniff_head(head)
    if found is None:
        raise MediaError(
            path.name, "This is no MP4, WebM, PNG, JPEG, WebP, MP3, WAV or AAC file, whatever its name says."
        )
    return found


def sniff_head(head: bytes) -> FileType | None:
    """The type of a file of an accepted kind, by its first bytes; None for any other."""
    return _image(head) or _container(head) or _sound(head)


def _image(head: bytes) -> FileType | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    return "webp" if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else None


def _container(head: bytes) -> FileType | None:
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "webm" if b"webm" in head[:64] else None
    if head[4:8] != b"ftyp":
        return None
    brand = head[8:12]
    if brand in {b"M4A ", b"M4B "}:
        return "m4a"
    return "mp4" if brand.startswith(_BRANDS) else None


def _sound(head: bytes) -> FileType | None:
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "wav"
    if head.startswith(b"ID3"):
        return "mp3"
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    if head[1] & 0xF6 == 0xF0:  # ADTS: layer bits 00
        return "aac"
    is_frame = head[1] & 0x18 != 0x08 and head[1] & 0x06 == 0x02 and head[2] & 0xF0 != 0xF0 and head[2] & 0x0C != 0x0C
    return "mp3" if is_frame else None
