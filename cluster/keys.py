"""Keys of objects: made here, never from the names of users' files."""

import re

from render_core.spec import Output

_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_LONGEST_KEY = 512
INCOMING = "incoming/"
"""What the keys of uploads begin with that clients send to the store themselves, and may still change."""
POSTERS = "asset-posters/"
"""What the keys of pictures begin with that stand for uploads."""
QUARANTINE = "quarantine/"
"""What the keys of uploads begin with that nothing has looked into yet."""
ASSET_FOLDERS = {
    "avatar": "user-avatars",
    "cover": "user-covers",
    "background": "user-backgrounds",
    "music": "user-music",
}
_POSTER_ENDINGS = {"avatar": "jpg", "cover": "webp", "background": "jpg", "music": "webp"}


class InvalidKeyError(ValueError):
    """A key that no function of this module makes: a fault in the caller, or an attack.

    Args:
        key: What was asked for.
    """

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key

    def __str__(self) -> str:
        return f"object {self.key}: is not a valid key"


def asset_key(kind: str, name: str) -> str:
    """Where an upload lives. ``kind``: avatar, cover, background or music; ``name``: its id or content hash."""
    return checked_key(f"{ASSET_FOLDERS[kind]}/{name}")


def poster_key(kind: str, name: str) -> str:
    """Where the picture lives that stands for a prepared upload; its ending tells its format: ``jpg`` or ``webp``."""
    return checked_key(f"{POSTERS}{name}.{_POSTER_ENDINGS[kind]}")


def incoming_key(name: str) -> str:
    """Where a client puts an upload itself, until it says that all of it is there."""
    return checked_key(f"{INCOMING}{name}")


def quarantine_key(name: str) -> str:
    """Where an upload lies as it came, until it is prepared; nothing but its preparation reads it."""
    return checked_key(f"{QUARANTINE}{name}")


def cell_key(digest: str, output: Output = "mp4") -> str:
    """Where a rendered cell lives; two characters of the digest spread the folders."""
    return checked_key(f"cells/{digest[:2]}/{digest}.{output}")


def sound_key(digest: str, output: Output = "mp4") -> str:
    """Where an encoded sound track lives."""
    return checked_key(f"sounds/{digest[:2]}/{digest}.{'m4a' if output == 'mp4' else output}")


def render_key(video_id: str, job_id: str, output: Output = "mp4") -> str:
    """Where a finished video lives."""
    return checked_key(f"rendered-videos/{video_id}/{job_id}.{output}")


def beside(key: str, name: str) -> str:
    """Where something that goes with a finished video lives: ``poster.jpg``, ``sprites.jpg``."""
    return checked_key(f"{key.rpartition('.')[0]}.{name}")


def picture_key(digest: str) -> str:
    """Where the picture of a template lives."""
    return checked_key(f"template-pictures/{digest}.jpg")


def checked_key(key: str) -> str:
    """The key itself: no empty part, none that begins with a dot, nothing but letters, digits, ``._-`` and slashes.

    Raises:
        InvalidKeyError: For anything else.
    """
    if len(key) > _LONGEST_KEY or not _KEY.fullmatch(key):
        raise InvalidKeyError(key)
    return key
