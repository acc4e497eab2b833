"""When what is shown in NewsTemplate: the opening, the items, the closing. Frames, no pixels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import zip_longest

from render_core.spec import AssetRef
from render_core.templates.news.config import NewsConfig, NewsItem
from render_core.timing import exact

_LEAST_S = 1
"""How short an item gets where there are many."""
_NO_WORDS = NewsItem()


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A stretch of the programme. Frames may be fractions: settings are in seconds.

    Attributes:
        index: Of the item, from 0; −1 for the presenter alone.
        start: First frame.
        stop: The frame behind the last one.
        item: Its words.
        broll: Its picture, or None where the presenter stays alone.
    """

    index: int
    start: Fraction
    stop: Fraction
    item: NewsItem = _NO_WORDS
    broll: AssetRef | None = None

    @property
    def has_card(self) -> bool:
        """Whether there are words to show."""
        return bool(self.item.headline or self.item.kicker)


def phases_of(config: NewsConfig, frame_count: int, brolls: Sequence[AssetRef]) -> tuple[Phase, ...]:
    """The phases of a programme, in order, without gaps."""
    end = Fraction(frame_count)
    cut = (phase for phase in _phases(config, end, brolls) if phase.start < end)
    return tuple(
        Phase(index=one.index, start=one.start, stop=min(one.stop, end), item=one.item, broll=one.broll) for one in cut
    )


def _phases(config: NewsConfig, end: Fraction, brolls: Sequence[AssetRef]) -> Iterator[Phase]:
    pairs = tuple(zip_longest(config.items, brolls))
    items = [item or _NO_WORDS for item, _ in pairs]
    at = min(exact(config.intro_duration) * config.fps, end) if items else Fraction(0)
    if at > 0:
        yield Phase(index=-1, start=Fraction(0), stop=at)
    share = _share(config, end - at, items)
    for index, (item, (_, broll)) in enumerate(zip(items, pairs, strict=True)):
        length = share if item.duration is None else exact(item.duration) * config.fps
        yield Phase(index=index, start=at, stop=at + length, item=item, broll=broll)
        at += length
    if at < end:
        yield Phase(index=-1, start=at, stop=end)


def _share(config: NewsConfig, available: Fraction, items: Sequence[NewsItem]) -> Fraction:
    """What each item without a duration of its own gets, in frames."""
    free = sum(item.duration is None for item in items)
    fixed = sum((exact(item.duration) for item in items if item.duration is not None), Fraction(0))
    left = available - (fixed + exact(config.outro_duration)) * config.fps
    return max(_LEAST_S * config.fps, left / free) if free else Fraction(0)
