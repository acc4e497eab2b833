"""What may be uploaded, as data, and how to tell from the bytes what a file is."""

from dataclasses import dataclass

from render_core.spec import MediaKind
from webapp.models import AssetType

_MB = 1_000_000
SNIFF_BYTES = 64
_ALIASES = {
    "audio/mp3": "audio/mpeg",
    "audio/x-mp3": "audio/mpeg",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/vnd.wave": "audio/wav",
    "audio/x-aac": "audio/aac",
    "audio/aacp": "audio/aac",
    "audio/x-m4a": "audio/mp4",
    "audio/m4a": "audio/mp4",
    "image/jpg": "image/jpeg",
}
_UNTOLD = frozenset({"", "application/octet-stream"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedMedia:
    """What one type of asset takes.

    Attributes:
        words: The accepted formats, for people.
        mime_types: The same, for programs.
        limit_bytes: The largest file, inclusive.
    """

    kind: MediaKind
    words: str
    mime_types: frozenset[str]
    limit_bytes: int

    @property
    def limit_words(self) -> str:
        """The limit, for people."""
        return f"{self.limit_bytes // _MB} MB"


_VIDEO = AcceptedMedia(
    kind="video",
    words="an MP4 or WebM video",
    mime_types=frozenset({"video/mp4", "video/webm"}),
    limit_bytes=100 * _MB,
)
ACCEPTED = {
    AssetType.AVATAR: _VIDEO,
    AssetType.BACKGROUND: _VIDEO,
    AssetType.COVER: AcceptedMedia(
        kind="image",
        words="a PNG, JPEG or WebP image",
        mime_types=frozenset({"image/png", "image/jpeg", "image/webp"}),
        limit_bytes=10 * _MB,
    ),
    AssetType.MUSIC: AcceptedMedia(
        kind="audio",
        words="an MP3, WAV or AAC sound file",
        mime_types=frozenset({"audio/mpeg", "audio/wav", "audio/aac", "audio/mp4"}),
        limit_bytes=20 * _MB,
    ),
}
LARGEST_BYTES = max(accepted.limit_bytes for accepted in ACCEPTED.values())


def declared_type(content_type: str) -> str | None:
    """The MIME type that a client declared, by its usual name; None when it declared nothing of use."""
    name = content_type.partition(";")[0].strip().lower()
    return None if name in _UNTOLD else _ALIASES.get(name, name)


def sniff(head: bytes) -> str | None:
    """The MIME type of a file that begins with ``head`` (``SNIFF_BYTES`` of it), or None when it is none of ours."""
    if head[4:8] == b"ftyp":
        return "audio/mp4" if head[8:11] == b"M4A" else "video/mp4"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "video/webm" if b"webm" in head else None
    if head[:4] == b"RIFF":
        return {b"WAVE": "audio/wav", b"WEBP": "image/webp"}.get(head[8:12])
    for magic, name in ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"ID3", "audio/mpeg")):
        if head.startswith(magic):
            return name
    return _sniff_frames(head)


def _sniff_frames(head: bytes) -> str | None:
    # MPEG audio has no header: 11 sync bits, then a version and a layer; layer 0 means AAC.
    if len(head) < 2 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    if head[1] & 0xF6 == 0xF0:
        return "audio/aac"
    return "audio/mpeg" if head[1] & 0x06 else None
