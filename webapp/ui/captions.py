"""The words of captions on a person's table: times as text, one word in two, two in one. Pure."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from render_core.text.clusters import clusters_of

MOST_WORDS = 10_000
LONGEST_WORD = 60
LATEST_MS = 86_400_000
_PAUSE_MS, _BREATH_MS = 300, 100
_COLONS = re.compile(r"(?:(\d{1,2}):)?(\d{1,4}):(\d{1,2})(?:[.,](\d{1,3}))?", re.ASCII)
_SECONDS = re.compile(r"(\d{1,5})[.,](\d{1,3})\s*s?", re.ASCII)
_WHOLE = re.compile(r"(\d{1,8})\s*(?:ms)?", re.ASCII)


class Entry(NamedTuple):
    """One word on the table; times in milliseconds.

    Attributes:
        id: Stays the same for as long as the word is there.
        revision: Grows whenever the text is changed by anything but typing.
        unread: What was typed as its start and as its end and is no time.
    """

    id: int
    text: str
    start: int
    end: int
    revision: int = 0
    unread: tuple[str, str] = ("", "")


class WordTable(NamedTuple):
    """Words in order. Every step answers with a new table; one that names a word that is gone changes nothing.

    Attributes:
        made: How many ids have been given away.
    """

    entries: tuple[Entry, ...] = ()
    made: int = 0

    @classmethod
    def of(cls, words: Iterable[tuple[str, int, int]]) -> "WordTable":
        """A table of texts with their starts and ends."""
        entries = tuple(Entry(number, *word) for number, word in enumerate(words, 1))
        return cls(entries[:MOST_WORDS], len(entries))

    def place_of(self, word_id: object) -> int | None:
        """Where a word stands."""
        return next((at for at, entry in enumerate(self.entries) if entry.id == word_id), None)

    def with_text(self, word_id: object, text: str) -> "WordTable":
        """Another text, as it was typed."""
        return self._with(word_id, lambda entry: entry._replace(text=text[: 2 * LONGEST_WORD]))

    def with_time(self, word_id: object, side: str, typed: str) -> "WordTable":
        """Another start or end; what is no time is kept as it was typed."""
        moment, is_end = parse_ms(typed), side == "end"

        def timed(entry: Entry) -> Entry:
            unread = list(entry.unread)
            unread[is_end] = "" if moment is not None else typed.strip()[:20] or "nothing"
            changed = entry._replace(unread=(unread[0], unread[1]))
            if moment is None:
                return changed
            return changed._replace(end=moment) if is_end else changed._replace(start=moment)

        return self._with(word_id, timed)

    def split(self, word_id: object) -> "WordTable":
        """A word in two: at its first space, else in the middle; a single letter stays."""
        at = self.place_of(word_id)
        parts = () if at is None else _halves(self.entries[at], self.made + 1)
        return self._replaced(at, 1, parts, made=1) if at is not None and parts else self

    def merged(self, word_id: object) -> "WordTable":
        """A word and the one behind it as one, from the start of the earlier to the end of the later."""
        at = self.place_of(word_id)
        if at is None or at + 1 >= len(self.entries):
            return self
        first, second = self.entries[at : at + 2]
        times = min(first.start, second.start), max(first.end, second.end)
        text = f"{first.text} {second.text}".strip()
        return self._replaced(at, 2, (Entry(first.id, text, *times, first.revision + 1),))

    def inserted_after(self, word_id: object) -> "WordTable":
        """A blank word behind another, or before all, in the pause there; a short one where there is no pause."""
        before = self.place_of(word_id)
        place = 0 if before is None else before + 1
        start = 0 if before is None else self.entries[before].end
        room = self.entries[place].start - start if place < len(self.entries) else _PAUSE_MS
        end = min(LATEST_MS, start + min(max(room, _BREATH_MS), _PAUSE_MS))
        return self._replaced(place, 0, (Entry(self.made + 1, "", start, end),), made=1)

    def without(self, word_id: object) -> "WordTable":
        """The table without a word."""
        at = self.place_of(word_id)
        return self if at is None else self._replaced(at, 1, ())

    def spoken_at(self, moment_ms: float) -> Entry | None:
        """The word that was last begun at a moment; the first one before all."""
        begun = [entry for entry in self.entries if entry.start <= moment_ms] or list(self.entries[:1])
        return begun[-1] if begun else None

    def sentences(self, length_ms: float | None = None) -> Iterator[str]:
        """For each word what is wrong with it, or nothing.

        Args:
            length_ms: Of the video, where it is known.
        """
        before: Entry | None = None
        for entry in self.entries:
            yield _sentence(entry, before, length_ms)
            before = entry

    def _with(self, word_id: object, change: Callable[[Entry], Entry]) -> "WordTable":
        at = self.place_of(word_id)
        return self if at is None else self._replaced(at, 1, (change(self.entries[at]),))

    def _replaced(self, at: int, count: int, parts: tuple[Entry, ...], *, made: int = 0) -> "WordTable":
        entries = self.entries[:at] + parts + self.entries[at + count :]
        return self if len(entries) > MOST_WORDS else WordTable(entries, self.made + made)


def parse_ms(typed: str) -> int | None:
    """``0:03.1``, ``1:02:03.456``, ``3.1`` (seconds) or ``3100`` (milliseconds); None for anything else."""
    text = typed.strip()
    if found := _COLONS.fullmatch(text):
        hours, minutes, seconds, rest = found.groups()
        moment = (int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)) * 1000 + _thousandths(rest)
    elif found := _SECONDS.fullmatch(text):
        moment = int(found[1]) * 1000 + _thousandths(found[2])
    elif found := _WHOLE.fullmatch(text):
        moment = int(found[1])
    else:
        return None
    return moment if moment <= LATEST_MS else None


def _thousandths(digits: str | None) -> int:
    return int((digits or "0").ljust(3, "0"))


def clock_ms(moment: int) -> str:
    """``0:03.100``."""
    seconds, rest = divmod(moment, 1000)
    return f"{seconds // 60}:{seconds % 60:02d}.{rest:03d}"


def _halves(entry: Entry, new_id: int) -> tuple[Entry, ...]:
    """Two words that share the time of one by their letters; none of a single letter."""
    first, _, second = entry.text.strip().partition(" ")
    if not second:
        letters = clusters_of(first)
        middle = (len(letters) + 1) // 2
        first, second = "".join(letters[:middle]), "".join(letters[middle:])
    if not second:
        return ()
    moment = entry.start + (entry.end - entry.start) * len(first) // (len(first) + len(second))
    return Entry(entry.id, first, entry.start, moment, entry.revision + 1), Entry(new_id, second, moment, entry.end)


def _sentence(entry: Entry, before: Entry | None, length_ms: float | None) -> str:
    if typed := entry.unread[0] or entry.unread[1]:
        return f"“{typed}” is no time: write 0:03.100, or 3100 for milliseconds."
    if not entry.text.strip():
        return "Type the word, or delete it: blank ones are left out."
    if entry.end < entry.start:
        return f"Ends ({clock_ms(entry.end)}) before it starts ({clock_ms(entry.start)})."
    if before is not None and entry.start < before.start:
        return f"Starts before the word above it ({clock_ms(before.start)}), so it is shown before it."
    if length_ms is not None and entry.start >= length_ms:
        return f"Starts after the end of the video ({clock_ms(round(length_ms))}), so nobody will see it."
    return ""
