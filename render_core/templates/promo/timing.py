"""When the cards of PromoTemplate change: evenly, or on the beat of the music. Seconds, no pixels."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from render_core.spec import AssetRef, Beat
from render_core.templates.promo.config import PromoConfig
from render_core.timing import exact

_CROSSFADE_S = Fraction(1, 4)
"""By so much the looped music overlaps its own beginning."""


def length_of(config: PromoConfig, cards: int) -> Fraction:
    """The length of the video in seconds: what is set, else that of all cards and the end card."""
    if config.duration is not None:
        return exact(config.duration)
    whole = exact(config.card_duration) * cards + exact(config.end_duration)
    return whole or exact(config.card_duration)


def starts_of(config: PromoConfig, cards: int, music: AssetRef | None) -> tuple[Fraction, ...]:
    """When each card begins, and after them the end card where there is one; in seconds, ascending from 0.

    The end card never takes more than half of a video in which there are others.
    """
    length = length_of(config, cards)
    end = min(exact(config.end_duration), length / 2 if cards else length)
    each = (length - end) / cards if cards else length
    wanted = tuple(each * index for index in range(cards + (1 if end > 0 else 0)))
    beat = music.info.beat if music is not None and config.cut_on_beat else None
    if beat is None or music is None:
        return wanted
    return tuple(_on_beat(wanted, beat, music.info.duration_s, length))


def _on_beat(wanted: tuple[Fraction, ...], beat: Beat, music_s: Fraction, length: Fraction) -> Iterator[Fraction]:
    """Each moment moved to the nearest beat, but the first; where beats are rare, to parts of them."""
    each = min((b - a for a, b in pairwise(wanted)), default=length)
    period = beat.period_s
    while period > each:
        period /= 2
    loop = music_s - _CROSSFADE_S if _CROSSFADE_S < music_s < length else None
    for at in wanted:
        yield _nearest_beat(at, beat.first_s, period, loop) if at > 0 else at


def _nearest_beat(at: Fraction, first: Fraction, period: Fraction, loop: Fraction | None) -> Fraction:
    """The beat nearest to a moment, in music that plays again from its start every ``loop`` seconds."""
    begun = at // loop * loop if loop else Fraction(0)
    beats = (at - begun - first) / period
    return max(period, begun + first + int((beats + Fraction(1, 2)) // 1) * period)
