"""The fonts there are, which characters they have, and which of them draws what.

What reads font files is imported where it is used: a video without text needs none of it, and it takes 65 ms.
"""

import hashlib
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path

from PIL import ImageFont, features
from PIL.ImageFont import Axis

from render_core.errors import InvalidInputError
from render_core.text.clusters import clusters_of, has_joining_letters, is_emoji

EMOJI = "Noto Color Emoji"
"""Steps in for emoji whatever family is wanted; it has no letters, so nobody chooses it."""
_EMOJI_FILE = Path("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf")
"""Where Debian's fonts-noto-color-emoji puts it; there is no package of it for pip."""

_FALLBACKS = ("Noto Sans", "Noto Sans Arabic", "Noto Sans Devanagari", "Heebo", "Inter", "Montserrat")
"""These step in first, in this order; after them every other family, in alphabetical order."""

_INVISIBLE = frozenset("\u200b\u200c\u200d\u200e\u200f\u2060\ufe0e\ufe0f")
"""Joiners, marks of direction and variation selectors: they shape their neighbours and need no glyph."""


def font_families() -> tuple[str, ...]:
    """The installed families that text can be set in, in alphabetical order."""
    return tuple(sorted(_families()))


def fonts_for(clusters: Sequence[str], family: str) -> tuple[str, ...]:
    """For each cluster of a line the family that draws it.

    Emoji get the emoji font, each word of the rest one font where one has all of it, else each cluster its own.

    Args:
        clusters: Of one line, in logical order. What no font has goes to the wanted family.
        family: The wanted one; others step in for what it lacks.
    """
    found: list[str] = []
    for _, group in groupby(clusters, key=str.isspace):
        word = list(group)
        letters = "".join(cluster for cluster in word if not is_emoji(cluster))
        whole = next((name for name in _chain(family) if _has(name, letters)), None)
        found.extend(
            (None if is_emoji(cluster) else whole) or _font_with(cluster, family) or family for cluster in word
        )
    return tuple(found)


def check_text(text: str, family: str, field: str) -> None:
    """Refuse text that could not be drawn, so that nobody gets boxes for letters.

    Raises:
        InvalidInputError: Naming the field and the first character that no font has.
    """
    check_family(family, field)
    shapes = can_shape()
    for cluster in clusters_of(text):
        if _font_with(cluster, family) is None:
            raise InvalidInputError(field, _refusal(cluster, family))
        if not shapes and _needs_shaping(cluster):
            raise InvalidInputError(field, f"“{cluster}” needs the FriBiDi library on the server; install libfribidi0")


@cache
def can_shape() -> bool:
    """Whether HarfBuzz and FriBiDi are there: kerning, ligatures, right to left. Changes pixels, so it enters keys."""
    return bool(features.check("raqm"))


def can_draw_emoji() -> bool:
    """Whether the emoji font is installed."""
    return _EMOJI_FILE.exists()


def check_family(family: str, field: str) -> None:
    """Refuse a family that is not installed.

    Raises:
        InvalidInputError: Naming the families there are.
    """
    if family not in _families():
        raise InvalidInputError(field, f"there is no font “{family}”; known are {', '.join(font_families())}")


def font_hashes(text: str, family: str) -> tuple[str, ...]:
    """What draws a text besides its style, as part of its key: hashes of the font files, and whether it is shaped."""
    families = sorted(set(fonts_for(clusters_of(text), family)))
    return ("shaped" if can_shape() else "plain", *map(_hash, families))


@lru_cache(maxsize=128)
def load_font(family: str, size: float, weight: int) -> ImageFont.FreeTypeFont:
    """A font at a size in pixels; ``weight`` is cut to what the family has, the nearest one of static files."""
    found = min(_files(family), key=lambda file: abs((file.weight or weight) - weight), default=None)
    if found is None:
        raise LookupError(f"font family {family} is not installed")
    font = ImageFont.truetype(str(found.path), max(size, _LEAST_SIZE))
    if found.is_variable:
        wanted = {b"Weight": weight, b"Optical size": size}
        axes = [_on_axis(wanted.get(axis["name"], axis["default"]), axis) for axis in font.get_variation_axes()]
        font.set_variation_by_axes(axes)
    return font


_LEAST_SIZE = 1.0
"""Pixels: FreeType knows no smaller letters."""


def _on_axis(value: float | None, axis: Axis) -> float:
    return min(max(float(value or 0), float(axis["minimum"] or 0)), float(axis["maximum"] or 0))


@lru_cache(maxsize=16_384)
def _font_with(cluster: str, family: str) -> str | None:
    """The first font that has all of a cluster: for emoji theirs is asked first, for all else last."""
    chain = (EMOJI, *_chain(family)) if is_emoji(cluster) else (*_chain(family), EMOJI)
    return next((name for name in chain if _has(name, cluster)), None)


def _refusal(cluster: str, family: str) -> str:
    """What is missing for a cluster that no font has, and what to do."""
    base = next((name for name in (*_chain(family), EMOJI) if _has(name, cluster[0])), family)
    char = next((char for char in cluster if not _has(base, char)), cluster[0])
    name = unicodedata.name(char, "without a name").lower()
    if is_emoji(cluster) and not can_draw_emoji():
        return f"“{cluster}” ({name}) needs an emoji font on the server; install fonts-noto-color-emoji or remove it"
    return f"no font has “{char}” (U+{ord(char):04X}, {name}); remove it"


def _needs_shaping(cluster: str) -> bool:
    return (is_emoji(cluster) and len(cluster) > 1) or has_joining_letters(cluster) or "\u0590" <= cluster < "\u0600"


def _chain(family: str) -> Iterator[str]:
    yield family
    yield from (name for name in _all_fallbacks() if name != family)


@lru_cache(maxsize=1)
def _all_fallbacks() -> tuple[str, ...]:
    first = [name for name in _FALLBACKS if name in _families()]
    return (*first, *(name for name in font_families() if name not in first))


def _has(family: str, text: str) -> bool:
    return all(char in _INVISIBLE or (ord(char) in _coverage(family) and _is_drawable(char)) for char in text)


def _is_drawable(char: str) -> bool:
    """Fonts have glyphs for control characters and ends of paragraphs too, and of their own for private characters."""
    return unicodedata.category(char) not in {"Cc", "Co", "Zl", "Zp"} and char != _TOO_FINE


_TOO_FINE = "\ufdfd"
"""A whole sentence in one character: FreeType 2.14 gives up on its bold outline (“raster overflow”)."""


@dataclass(frozen=True, slots=True)
class _File:
    """An upright font file; ``weight`` is None where an axis makes it."""

    path: Path
    weight: int | None
    is_variable: bool


@lru_cache(maxsize=1)
def _families() -> dict[str, tuple[_File, ...]]:
    """Upright files of every installed font package, by the family's name."""
    import fontpkg

    found = {}
    for family in fontpkg.families().values():
        upright = (file for file in family.files if file.style == "normal")
        found[family.name] = tuple(_File(file.path, file.weight, file.variable) for file in upright)
    return {name: files for name, files in found.items() if files}


def _files(family: str) -> tuple[_File, ...]:
    if family == EMOJI:
        return (_File(_EMOJI_FILE, 400, is_variable=False),) if can_draw_emoji() else ()
    return _families().get(family, ())


@lru_cache(maxsize=64)
def _coverage(family: str) -> frozenset[int]:
    """Characters that all files of a family have."""
    from fontTools.ttLib import TTFont

    cut: frozenset[int] | None = None
    for file in _files(family):
        with TTFont(file.path, lazy=True) as font:
            here = frozenset(font.getBestCmap())
        cut = here if cut is None else cut & here
    return cut or frozenset()


@lru_cache(maxsize=64)
def _hash(family: str) -> str:
    digest = hashlib.sha256()
    for file in _files(family):
        digest.update(file.path.read_bytes())
    return digest.hexdigest()[:16]
