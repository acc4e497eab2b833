"""The order in which a line of mixed directions is shown (Unicode Standard Annex 9, the implicit rules)."""

import unicodedata
from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

_STRONG = {"L": "L", "R": "R", "AL": "R"}
_NEUTRAL = frozenset({"B", "S", "WS", "ON"})
_UNSEEN = frozenset({"BN", "LRE", "LRO", "RLE", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
"""Explicit embeddings are left to the implicit rules: titles and captions are one line of plain words."""
_BRACKETS = dict(zip("([{（［｛「『【〈《", ")]}）］｝」』】〉》", strict=True))


def is_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction is written from right to left (rules P2 and P3)."""
    strong = (unicodedata.bidirectional(char) for char in text)
    return next((kind for kind in strong if kind in _STRONG), "L") != "L"


def levels_of(text: str, is_rtl: bool) -> tuple[int, ...]:  # noqa: FBT001 - a line's direction is what it is about
    """The embedding level of each character of a line: odd ones run from right to left."""
    base = int(is_rtl)
    seen = [index for index, char in enumerate(text) if unicodedata.bidirectional(char) not in _UNSEEN]
    chars = [text[index] for index in seen]
    kinds = _weak_resolved([unicodedata.bidirectional(char) for char in chars], "LR"[base])
    kinds = _neutral_resolved(_brackets_resolved(chars, kinds, base), base)
    levels = dict(zip(seen, (_level(kind, base) for kind in kinds), strict=True))
    found: list[int] = []
    for index in range(len(text)):
        found.append(levels.get(index, found[-1] if found else base))
    return tuple(found)


def in_visual_order(items: Sequence[T], levels: Sequence[int]) -> tuple[T, ...]:
    """Items of a line from left to right: from the highest level down, runs are turned about (rule L2)."""
    order = list(range(len(items)))
    for level in range(max(levels, default=0), 0, -1):
        for start, stop in _stretches([levels[index] >= level for index in order]):
            order[start:stop] = order[start:stop][::-1]
    return tuple(items[index] for index in order)


def _weak_resolved(kinds: list[str], start: str) -> list[str]:
    """Numbers and what stands in them (rules W1 to W7); AL becomes R."""
    kinds = _marks_resolved(kinds, start)
    strong = start
    for index, kind in enumerate(kinds):
        strong = kind if kind in _STRONG else strong
        if kind == "EN" and strong == "AL":
            kinds[index] = "AN"
    kinds = [_STRONG.get(kind, kind) for kind in kinds]
    _join_numbers(kinds)
    strong = start
    for index, kind in enumerate(kinds):
        strong = kind if kind in _STRONG else strong
        if kind in {"ES", "ET", "CS"}:
            kinds[index] = "ON"
        elif kind == "EN" and strong == "L":
            kinds[index] = "L"
    return kinds


def _marks_resolved(kinds: list[str], start: str) -> list[str]:
    """Marks take the kind of what they stand on (W1)."""
    found: list[str] = []
    for kind in kinds:
        found.append((found[-1] if found else start) if kind == "NSM" else kind)
    return found


def _join_numbers(kinds: list[str]) -> None:
    """Separators inside numbers and signs beside them become part of them (W4, W5), in place."""
    for index in range(1, len(kinds) - 1):
        before, kind, after = kinds[index - 1 : index + 2]
        if before == after and ((kind == "ES" and before == "EN") or (kind == "CS" and before in {"EN", "AN"})):
            kinds[index] = before
    for start, stop in _stretches([kind == "ET" for kind in kinds]):
        if "EN" in {*kinds[max(0, start - 1) : start], *kinds[stop : stop + 1]}:
            kinds[start:stop] = ["EN"] * (stop - start)


def _brackets_resolved(chars: list[str], kinds: list[str], base: int) -> list[str]:
    """Both brackets of a pair get one direction: that of what is inside, else of what comes before (N0)."""
    kinds = list(kinds)
    for opening, closing in _bracket_pairs(chars, kinds):
        inside = {_side(kind) for kind in kinds[opening + 1 : closing]} - {None}
        if not inside:
            continue
        side = "LR"[base]
        if side not in inside:
            before = next((_side(kind) for kind in reversed(kinds[:opening]) if _side(kind)), side)
            side = before or side
        kinds[opening] = kinds[closing] = side
    return kinds


def _bracket_pairs(chars: list[str], kinds: list[str]) -> list[tuple[int, int]]:
    open_ones: list[tuple[str, int]] = []
    pairs: list[tuple[int, int]] = []
    for index, char in enumerate(chars):
        if kinds[index] != "ON":
            continue
        if char in _BRACKETS:
            open_ones.append((_BRACKETS[char], index))
        depth = next((d for d in reversed(range(len(open_ones))) if open_ones[d][0] == char), None)
        if depth is not None:
            pairs.append((open_ones[depth][1], index))
            del open_ones[depth:]
    return sorted(pairs)


def _neutral_resolved(kinds: list[str], base: int) -> list[str]:
    """Spaces and signs go with their surroundings where both sides agree, else with the line (N1, N2)."""
    kinds, line = list(kinds), "LR"[base]
    for start, stop in _stretches([kind in _NEUTRAL for kind in kinds]):
        before = _side(kinds[start - 1]) if start else line
        after = _side(kinds[stop]) if stop < len(kinds) else line
        kinds[start:stop] = [before if before == after and before else line] * (stop - start)
    return kinds


def _side(kind: str) -> str | None:
    return {"L": "L", "R": "R", "EN": "R", "AN": "R"}.get(kind)


def _level(kind: str, base: int) -> int:
    """Rules I1 and I2."""
    if base:
        return 1 if kind == "R" else 2
    return {"L": 0, "R": 1}.get(kind, 2)


def _stretches(holds: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """(start, stop) of each longest run of true ones."""
    start = None
    for index, is_in in enumerate((*holds, False)):
        if is_in and start is None:
            start = index
        elif not is_in and start is not None:
            yield start, index
            start = None
