"""One line of text laid out: which stretch of it is drawn by which font, where, and in which direction."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple

from render_core.text.clusters import clusters_of, has_joining_letters
from render_core.text.direction import in_visual_order, is_right_to_left, levels_of
from render_core.text.fonts import EMOJI, can_shape, fonts_for, load_font

EMOJI_SIZE = 109.0
"""The one size at which the emoji font has its bitmaps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """What decides the widths of letters.

    Attributes:
        family: Font family; others step in for characters that it lacks.
        weight: 100–900.
        size: In pixels.
        letter_spacing: Between letters, in sizes. Letters that join (Arabic, Devanagari …) stay as they are.
    """

    family: str
    weight: int
    size: float
    letter_spacing: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Text that one font draws in one go.

    Attributes:
        text: In logical order.
        family: Of the font.
        is_rtl: Whether it runs from right to left.
        x: Of its left end, in pixels.
        y: Of its base line.
        width: In pixels.
        word: To which word it belongs, from 0 in reading order.
        letter: Which stretch of its line it is, from 0 in reading order.
    """

    text: str
    family: str
    is_rtl: bool
    x: float
    y: float
    width: float
    word: int
    letter: int

    def moved(self, right: float, down: float) -> "Stretch":
        """The same text elsewhere."""
        return replace(self, x=self.x + right, y=self.y + down)


@dataclass(frozen=True, slots=True)
class Line:
    """Stretches from left to right, the first at x = 0 on the base line y = 0; spaces are between them."""

    stretches: tuple[Stretch, ...]
    width: float

    def at(self, x: float, y: float) -> Iterator[Stretch]:
        """The stretches of a line that begins at ``x`` on the base line ``y``."""
        return (stretch.moved(x, y) for stretch in self.stretches)


class _Atom(NamedTuple):
    """A cluster, the family that draws it, its embedding level, and the word before whose end it stands."""

    cluster: str
    family: str
    level: int
    word: int


@dataclass(frozen=True, slots=True)
class _Part:
    """What becomes a stretch, or the space between two, before it has a place.

    Attributes:
        run: Parts of one run were cut from the same text, so their letters are kerned.
    """

    text: str
    family: str
    level: int
    word: int
    run: int

    @property
    def is_rtl(self) -> bool:
        return self.level % 2 == 1


@lru_cache(maxsize=1024)
def lay_line(text: str, face: Face, *, by_letter: bool = False, is_rtl: bool | None = None) -> Line:
    """Lay out one line: what of a word one font draws in one direction is a stretch.

    Args:
        text: In logical order.
        face: How wide letters are.
        by_letter: Each letter is a stretch, where letters do not join; nothing moves for that.
        is_rtl: Direction of the whole line; None for that of its first letter.
    """
    levels = levels_of(text, is_right_to_left(text) if is_rtl is None else is_rtl)
    parts = _parts(text, face, levels, is_cut=by_letter or face.letter_spacing != 0)
    letters = {index: letter for letter, index in enumerate(i for i, part in enumerate(parts) if part.text.strip())}
    x, before, stretches = 0.0, None, []
    for index in in_visual_order(range(len(parts)), [part.level for part in parts]):
        part = parts[index]
        x += _gap(before, part, face)
        width = advance(part.text, part.family, face, is_rtl=part.is_rtl)
        if index in letters:
            stretches.append(_stretch(part, x, width, letters[index]))
        x, before = x + width, part
    return Line(tuple(stretches), x)


def advance(text: str, family: str, face: Face, *, is_rtl: bool) -> float:
    """Width of a text in one font, in pixels."""
    if family == EMOJI:
        return load_font(EMOJI, EMOJI_SIZE, face.weight).getlength(text) * face.size / EMOJI_SIZE
    return load_font(family, face.size, face.weight).getlength(text, **shaping(text, is_rtl=is_rtl))


def shaping(text: str, *, is_rtl: bool) -> Mapping[str, Any]:
    """What to tell Pillow of a stretch: its direction, and no ligatures where letters may stand or move alone."""
    if not can_shape():
        return {}
    features = None if has_joining_letters(text) else ["-liga", "-clig"]
    return {"direction": "rtl" if is_rtl else "ltr", "features": features}


def _stretch(part: _Part, x: float, width: float, letter: int) -> Stretch:
    return Stretch(
        text=part.text,
        family=part.family,
        is_rtl=part.is_rtl,
        x=x,
        y=0.0,
        width=width,
        word=part.word,
        letter=letter,
    )


def _parts(text: str, face: Face, levels: Sequence[int], *, is_cut: bool) -> list[_Part]:
    """The line in logical order, cut where font, direction, or word and space change."""
    parts: list[_Part] = []
    atoms = _atoms(text, face.family, levels)
    for run, (_, group) in enumerate(groupby(atoms, key=lambda atom: (*atom[1:], atom.cluster.isspace()))):
        members = list(group)
        _, family, level, word = members[0]
        clusters = [atom.cluster for atom in members]
        is_torn = family == EMOJI or (is_cut and not has_joining_letters("".join(clusters)))
        parts.extend(_Part(piece, family, level, word, run) for piece in (clusters if is_torn else ["".join(clusters)]))
    return parts


def _atoms(text: str, family: str, levels: Sequence[int]) -> Iterator[_Atom]:
    clusters = clusters_of(text)
    start = word = 0
    for before, cluster, drawing in zip(("", *clusters), clusters, fonts_for(clusters, family), strict=False):
        word += cluster.isspace() and before.strip() != ""
        yield _Atom(cluster, drawing, levels[start], word)
        start += len(cluster)


def _gap(before: _Part | None, part: _Part, face: Face) -> float:
    """What lies between two neighbours: spacing, and kerning between letters that were cut apart."""
    if before is None:
        return 0.0
    spacing = 0.0 if has_joining_letters(before.text + part.text) else face.letter_spacing * face.size
    if before.run != part.run or part.family == EMOJI:
        return spacing
    first, second = (part.text, before.text) if part.is_rtl else (before.text, part.text)
    both, *each = (advance(text, part.family, face, is_rtl=part.is_rtl) for text in (first + second, first, second))
    return spacing + both - sum(each)
