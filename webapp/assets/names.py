"""Names of assets: people's own, shown and looked for, never used as a path."""

import unicodedata

from webapp.models import AssetType, VideoAsset
from webapp.plain import folded, plain_line

LONGEST_NAME = 200
_UNSHOWN = frozenset({"Cc", "Cs", "Zl", "Zp"})
_TURNS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Directions of writing (Unicode, Annex 9): with them `gpj.exe` shows as `exe.jpg`."""


def name_of_file(file_name: str, asset_type: AssetType) -> str:
    """A name to show for a file, made of the one it was sent under: without folders, and never refused."""
    last = _showable(file_name.replace("\\", "/").rpartition("/")[2])
    return " ".join(last.split())[:LONGEST_NAME].strip() or str(asset_type)


def checked_name(name: str) -> str:
    """A name that somebody has chosen.

    Raises:
        InvalidError: Empty, too long, or with characters that cannot be stored.
    """
    return plain_line(_showable(plain_line(name, "asset_name", LONGEST_NAME)), "asset_name", LONGEST_NAME)


def give_name(asset: VideoAsset, name: str) -> None:
    """Name an asset, so that it is shown and found under it."""
    asset.asset_name, asset.search_text = name, folded(name)


def _showable(text: str) -> str:
    spaced = text.replace("\t", " ").replace("\n", " ")
    return "".join(char for char in spaced if unicodedata.category(char) not in _UNSHOWN and char not in _TURNS)
