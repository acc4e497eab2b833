"""Words with times become pages of captions: which words stand together, where, and from when to when."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import inf

from render_core.text.direction import is_right_to_left
from render_core.text.line import Face, lay_line

LONGEST_PAGE_MS = 1200
PAUSE_MS = 800
LINES = 2


@dataclass(frozen=True, slots=True)
class Word:
    """One spoken word; times in milliseconds."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Page:
    """Words that are shown together.

    Attributes:
        words: In the order they are spoken.
        lines: How many of them stand on each line.
        start: When the page appears, in milliseconds.
        end: When it is gone.
    """

    words: tuple[Word, ...]
    lines: tuple[int, ...]
    start: int
    end: int

    def spoken_at(self, time_ms: float) -> int | None:
        """Index of the word that is being spoken; between two words the earlier one stays lit."""
        begun = [index for index, word in enumerate(self.words) if word.start <= time_ms]
        return begun[-1] if begun else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """How wide words are and how wide a line may be, in pixels."""

    family: str
    weight: int
    size: float
    width: float

    @property
    def face(self) -> Face:
        """What letters are measured in."""
        return Face(family=self.family, weight=self.weight, size=self.size)

    def of(self, text: str) -> float:
        """Width of a text."""
        return _width(text, self.face)

    @property
    def space(self) -> float:
        """Width of the space between two words."""
        return self.of("n n") - 2 * self.of("n")


def pages_of(words: Sequence[Word], measure: Measure) -> tuple[Page, ...]:
    """Group words into pages.

    A page ends when the next word starts more than 1.2 s after the page began, or after a pause of 0.8 s. Words that
    overflow two lines are shared out among several pages in its place, so that the text of a word moves no other page.
    A page is seen until the next one begins, but no longer than a pause after its last word.
    """
    groups = list(_groups(sorted(words, key=lambda word: word.start), measure))
    starts = [group[0][0].start for group in groups][1:]
    pages = []
    for index, (members, lines) in enumerate(groups):
        last = max(word.end for word in members) + PAUSE_MS
        end = min(last, starts[index]) if index < len(starts) else last
        pages.append(Page(tuple(members), tuple(lines), members[0].start, end))
    return tuple(pages)


def _groups(words: Sequence[Word], measure: Measure) -> Iterator[tuple[Sequence[Word], list[int]]]:
    for members in _spoken_together(words):
        for part in _shared_out(members, measure):
            yield part, _lines(part, measure)


def _spoken_together(words: Sequence[Word]) -> Iterator[list[Word]]:
    members: list[Word] = []
    spoken_until = 0
    for word in words:
        if members and _is_over(members[0].start, spoken_until, word):
            yield members
            members = []
        spoken_until = max(spoken_until, word.end) if members else word.end
        members.append(word)
    if members:
        yield members


def _shared_out(words: Sequence[Word], measure: Measure) -> list[Sequence[Word]]:
    """As few parts as fit on a page each: of as many words if that goes, else filled one after the other."""
    lines = _lines(words, measure)
    count = -(-len(lines) // LINES)
    parts = _cut(words, [-(-len(words) * at // count) for at in range(count + 1)])
    if all(len(_lines(part, measure)) <= LINES for part in parts):
        return parts
    return _cut(words, [sum(lines[: LINES * at]) for at in range(count + 1)])


def _cut(words: Sequence[Word], borders: Sequence[int]) -> list[Sequence[Word]]:
    return [words[start:stop] for start, stop in pairwise(borders)]


def _is_over(start: int, spoken_until: int, word: Word) -> bool:
    return word.start - start > LONGEST_PAGE_MS or word.start - spoken_until >= PAUSE_MS


def _lines(words: Sequence[Word], measure: Measure) -> list[int]:
    """How many words stand on each line when lines are filled one after the other."""
    counts: list[int] = []
    space, end = measure.space, 0.0
    for word in words:
        width = measure.of(word.text)
        if not counts or end + space + width > measure.width:
            counts.append(1)
            end = width
        else:
            counts[-1] += 1
            end += space + width
    return counts


def word_places(page: Page, measure: Measure) -> tuple[tuple[float, int], ...]:
    """For each word its left end relative to the middle of the block, in pixels, and its line."""
    places: list[tuple[float, int]] = []
    is_rtl = is_right_to_left(" ".join(word.text for word in page.words))
    first = 0
    for row, count in enumerate(page.lines):
        words = page.words[first : first + count]
        places.extend((x, row) for x in _places_in_line([word.text for word in words], measure, is_rtl=is_rtl))
        first += count
    return tuple(places)


@lru_cache(maxsize=16_384)
def _width(text: str, face: Face) -> float:
    """Words come again and again, and laying out is dear: half a millisecond each."""
    return lay_line(text, face).width


def _places_in_line(texts: Sequence[str], measure: Measure, *, is_rtl: bool) -> list[float]:
    """Left ends of a line's words, in the order in which its directions show them."""
    line = lay_line(" ".join(texts), measure.face, is_rtl=is_rtl)
    ends = [inf] * len(texts)
    owners = [index for index, text in enumerate(texts) for _ in text.split()]
    for stretch in line.stretches:
        owner = owners[stretch.word]
        ends[owner] = min(ends[owner], stretch.x - line.width / 2)
    return ends
