"""What may be uploaded, as data, and how to tell from the bytes what a file is."""

from dataclasses import dataclass
from pathlib import Path

from render_core.errors import MediaError
from render_core.ingest.sniff import FileType, sniff, sniff_head
from webapp.models import AssetType

_MB = 1_000_000
_MIME_TYPES: dict[FileType, str] = {
    "mp4": "video/mp4",
    "webm": "video/webm",
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "aac": "audio/aac",
    "m4a": "audio/mp4",
}
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
        is_private: Links to it expire; those of others last as long as the asset.
    """

    words: str
    mime_types: frozenset[str]
    limit_bytes: int
    is_private: bool = False

    @property
    def limit_words(self) -> str:
        """The limit, for people."""
        return f"{self.limit_bytes // _MB} MB"


_VIDEO = AcceptedMedia(
    words="an MP4 or WebM video",
    mime_types=frozenset({"video/mp4", "video/webm"}),
    limit_bytes=100 * _MB,
)
ACCEPTED = {
    AssetType.AVATAR: _VIDEO,
    AssetType.BACKGROUND: _VIDEO,
    AssetType.COVER: AcceptedMedia(
        words="a PNG, JPEG or WebP image",
        mime_types=frozenset({"image/png", "image/jpeg", "image/webp"}),
        limit_bytes=10 * _MB,
    ),
    AssetType.MUSIC: AcceptedMedia(
        words="an MP3, WAV or AAC sound file",
        mime_types=frozenset({"audio/mpeg", "audio/wav", "audio/aac", "audio/mp4"}),
        limit_bytes=20 * _MB,
        is_private=True,
    ),
}
LARGEST_BYTES = max(accepted.limit_bytes for accepted in ACCEPTED.values())


def declared_type(content_type: str) -> str | None:
    """The MIME type that a client declared, by its usual name; None when it declared nothing of use."""
    name = content_type.partition(";")[0].strip().lower()
    return None if name in _UNTOLD else _ALIASES.get(name, name)


def wrong_format(asset_type: AssetType, what: str) -> str:
    """Why a file is none for this type of asset: ``what`` goes on after “The file”."""
    accepted = ACCEPTED[asset_type]
    return f"The file {what}: {asset_type} must be {accepted.words} of at most {accepted.limit_words}."


def mime_type_of_head(head: bytes) -> str | None:
    """The MIME type of a file by its first bytes, or None when it is none of ours."""
    found = sniff_head(head)
    return None if found is None else _MIME_TYPES[found]


def mime_type_of(path: Path) -> str | None:
    """The MIME type of a file by its bytes, or None when it is none of ours."""
    try:
        return _MIME_TYPES[sniff(path)]
    except MediaError:
        return None
