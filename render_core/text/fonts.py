"""The fonts there are, which characters they have, and which of them draws what."""

import hashlib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from fontTools.ttLib import TTFont
from PIL import ImageFont, features
from PIL.ImageFont import Axis

from render_core.errors import InvalidInputError

_PACKAGES = {
    "Inter": "fontpkg_inter",
    "Montserrat": "fontpkg_montserrat",
    "Noto Sans": "fontpkg_noto_sans",
    "Noto Sans Arabic": "fontpkg_noto_sans_arabic",
    "Noto Sans Devanagari": "fontpkg_noto_sans_devanagari",
}
_FALLBACKS = ("Noto Sans", "Noto Sans Arabic", "Noto Sans Devanagari", "Inter", "Montserrat")

_INVISIBLE = frozenset("\u200b\u200c\u200d\u200e\u200f\u2060\ufe0e\ufe0f")
"""Joiners, marks of direction and variation selectors: they shape their neighbours and need no glyph."""

_SHAPED = range(0x0590, 0x1100)
"""Scripts from Hebrew to Myanmar: drawn right only when they are shaped."""


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text that one font draws."""

    text: str
    family: str


def font_families() -> tuple[str, ...]:
    """The installed families, in alphabetical order."""
    return tuple(family for family in sorted(_PACKAGES) if _file(family) is not None)


def font_runs(text: str, family: str) -> tuple[Run, ...]:
    """The text cut where the font changes: each word in one font where one has all of it, else each character.

    Args:
        text: One line, in logical order. Characters that no font has go to the wanted family.
        family: The wanted one; others step in for what it lacks.
    """
    runs: list[Run] = []
    for word in _pieces(text):
        for part in _word_runs(word, family):
            if runs and (runs[-1].family == part.family or not part.text.strip()):
                runs[-1] = Run(runs[-1].text + part.text, runs[-1].family)
            else:
                runs.append(part)
    return tuple(runs)


def check_text(text: str, family: str, field: str) -> None:
    """Refuse text that could not be drawn, so that nobody gets boxes for letters.

    Raises:
        InvalidInputError: Naming the field and the first character that no font has.
    """
    check_family(family, field)
    for char in text:
        if _font_for(char, family) is None:
            name = unicodedata.name(char, "without a name")
            raise InvalidInputError(field, f"no font has “{char}” (U+{ord(char):04X}, {name.lower()}); remove it")
    if not can_shape() and any(ord(char) in _SHAPED for char in text):
        raise InvalidInputError(field, "this script needs the FriBiDi library on the server; install libfribidi0")


def can_shape() -> bool:
    """Whether HarfBuzz and FriBiDi are there: kerning, ligatures, right to left. Changes pixels, so it enters keys."""
    return bool(features.check("raqm"))


def check_family(family: str, field: str) -> None:
    """Refuse a family that is not installed.

    Raises:
        InvalidInputError: Naming the families there are.
    """
    if family not in font_families():
        raise InvalidInputError(field, f"there is no font “{family}”; known are {', '.join(font_families())}")


def font_hashes(text: str, family: str) -> tuple[str, ...]:
    """What draws a text besides its style, as part of its key: hashes of the font files, and whether it is shaped."""
    families = sorted({run.family for run in font_runs(text, family)})
    return ("shaped" if can_shape() else "plain", *map(_hash, families))


@lru_cache(maxsize=128)
def load_font(family: str, size: float, weight: int) -> ImageFont.FreeTypeFont:
    """A font at a size in pixels; ``weight`` is cut to what the family has."""
    file = _file(family)
    if file is None:
        raise LookupError(f"font family {family} is not installed")
    font = ImageFont.truetype(str(file), size)
    wanted = {b"Weight": weight, b"Optical size": size}
    axes = [_on_axis(wanted.get(axis["name"], axis["default"]), axis) for axis in font.get_variation_axes()]
    font.set_variation_by_axes(axes)
    return font


def _on_axis(value: float | None, axis: Axis) -> float:
    return min(max(float(value or 0), float(axis["minimum"] or 0)), float(axis["maximum"] or 0))


def is_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction is written from right to left (Unicode bidi rules P2 and P3)."""
    strong = (unicodedata.bidirectional(char) for char in text)
    return next((kind for kind in strong if kind in {"L", "R", "AL"}), "L") != "L"


def _pieces(text: str) -> list[str]:
    """Words and the spaces between them, in order."""
    pieces: list[str] = []
    for char in text:
        if pieces and pieces[-1][-1].isspace() == char.isspace():
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces


def _word_runs(word: str, family: str) -> tuple[Run, ...]:
    whole = next((name for name in _chain(family) if all(_has(name, char) for char in word)), None)
    if whole is not None:
        return (Run(word, whole),)
    runs: list[Run] = []
    for char in word:
        name = _font_for(char, family) or family
        is_mark = char in _INVISIBLE or unicodedata.combining(char) > 0
        if runs and (runs[-1].family == name or is_mark):
            runs[-1] = Run(runs[-1].text + char, runs[-1].family)
        else:
            runs.append(Run(char, name))
    return tuple(runs)


def _font_for(char: str, family: str) -> str | None:
    return next((name for name in _chain(family) if _has(name, char)), None)


def _chain(family: str) -> tuple[str, ...]:
    return (family, *(name for name in _FALLBACKS if name != family))


def _has(family: str, char: str) -> bool:
    if char in _INVISIBLE:
        return True
    # In the private use area every font has icons of its own.
    return ord(char) in _coverage(family) and unicodedata.category(char) != "Co"


@lru_cache(maxsize=32)
def _coverage(family: str) -> frozenset[int]:
    file = _file(family)
    if file is None:
        return frozenset()
    with TTFont(file, lazy=True) as font:
        return frozenset(font.getBestCmap())


@lru_cache(maxsize=32)
def _hash(family: str) -> str:
    file = _file(family)
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16] if file else ""


@lru_cache(maxsize=32)
def _file(family: str) -> Path | None:
    """The upright variable font of a family's package."""
    spec = find_spec(_PACKAGES.get(family, "")) if family in _PACKAGES else None
    if spec is None or not spec.submodule_search_locations:
        return None
    files = sorted((Path(spec.submodule_search_locations[0]) / "files").glob("*.ttf"))
    return next((file for file in files if "Italic" not in file.name), None)
