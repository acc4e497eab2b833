"""Subtitles to words with times: SRT (as players read it) and WebVTT (https://www.w3.org/TR/webvtt1/)."""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby, pairwise

from render_core.text.pages import Word
from render_core.text.spread import CaptionTextError, Interval, split_words, spread, spread_evenly

MOST_WORDS = 10_000
LATEST_MS = 86_400_000
ANY_SPEECH = ((0, 1),)
"""For who asks whether a text can be read at all, or which words it has."""

_SUBTITLES = re.compile(r"\d:\d\d\S{0,20}[ \t]{0,20}-->|-->[ \t]{0,20}\d+:\d\d|\d[ \t]{0,20}-->[ \t]{0,20}\d")
"""Bounded, because a search with open ends takes minutes for what somebody may have made for that."""
_FOREIGN = (
    ("ASS or SSA", re.compile(r"\[Script Info\]", re.IGNORECASE)),
    ("TTML", re.compile(r"<\?xml|<tt[ >]")),
    ("LRC", re.compile(r"\[(\d+:\d\d[.:]\d+|(ar|ti|al|by|length):[^\]]*)\]")),
    ("SBV", re.compile(r"\d+:\d\d:\d\d\.\d{3},\d+:\d\d:\d\d\.\d{3}$", re.MULTILINE)),
)
_TIMING = re.compile(r"(\S+)\s*-->\s*(\S+)(\s.*)?")
_STAMP = re.compile(r"(?:(\d{1,4}):)?([0-5]?\d):([0-5]?\d)(?:[.,](\d{1,9}))?", re.ASCII)
_TAG = re.compile(r"<(/?[A-Za-z][^<>]*|[\d:.,]+)>|\{\\[^{}]*\}")
_VTT_TAG = re.compile(r"<([^<>]*)>")
_ASS_SPACE = re.compile(r"\\[Nnh]")
_ENTITY = re.compile(r"&#?\w+;")
_READING = re.compile(r"<rt[ .>].*?(</rt>|$)")
_ROLLED_LINES = 4
_SKIPPED = re.compile(r"(NOTE|STYLE|REGION)(\s|$)")

_Segment = tuple[str | None, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cue:
    """What is said between two moments.

    Attributes:
        start: In milliseconds.
        end: In milliseconds.
        lines: Each with its number in the file, tags included.
    """

    start: int
    end: int
    lines: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    """Words that begin to be spoken at a moment, in milliseconds."""

    start: int
    words: tuple[str, ...]


@lru_cache(maxsize=16)
def timed_words(text: str, speech: tuple[Interval, ...]) -> tuple[Word, ...]:
    """The words of SRT, WebVTT or plain text, recognised by its form; plain text is spread over the speech.

    Raises:
        CaptionTextError: Naming the line and what is wrong with it.
    """
    bare = text.removeprefix("\ufeff")
    _refuse_foreign(bare)
    words = parse_subtitles(bare) if is_subtitles(bare) else spread(bare, speech)
    if len(words) > MOST_WORDS:
        raise CaptionTextError(None, f"has {len(words)} words; at most {MOST_WORDS} are possible; shorten it")
    return words


def is_subtitles(text: str) -> bool:
    """Whether a text brings its own times: a WebVTT header, or a line such as ``00:00:01,000 --> 00:00:02,000``."""
    return _has_header(text) or _SUBTITLES.search(text) is not None


def parse_subtitles(text: str) -> tuple[Word, ...]:
    """The words of an SRT or WebVTT file, in the order they are spoken.

    Word times within a cue (``<00:00:01.000>``) are used; otherwise its words share its time by their letters. A cue
    ends where the next one begins; cues that begin together are one.

    Raises:
        CaptionTextError: Naming the line and what is wrong with it.
    """
    bare = text.removeprefix("\ufeff")
    lines, is_vtt = bare.splitlines(), _has_header(bare)
    cues = list(_cues(_without_blocks(lines) if is_vtt else lines, is_vtt=is_vtt))
    if any(_is_stamp(tag) for cue in cues for _, line in cue.lines for tag in _VTT_TAG.findall(line)):
        cues = list(_unrolled(cues))
    spoken = [(cue, _pieces(cue, is_vtt=is_vtt)) for cue in sorted(cues, key=lambda cue: cue.start)]
    words = tuple(_timed([pair for pair in spoken if pair[1]]))
    if not words:
        raise CaptionTextError(None, "has times but no words; write what is said below each time, or leave it empty")
    return words


def _has_header(text: str) -> bool:
    return re.match(r"WEBVTT(\s|$)", text) is not None


def _refuse_foreign(text: str) -> None:
    for name, pattern in _FOREIGN:
        if pattern.match(text.lstrip()):
            raise CaptionTextError(None, f"looks like {name} subtitles; save them as SRT or WebVTT")


def _without_blocks(lines: Sequence[str]) -> list[str]:
    """The lines of a WebVTT file with its header, notes, styles and regions emptied, so that numbers stay."""
    kept, is_skipped = [], True
    for index, line in enumerate(lines):
        begins = index > 0 and not lines[index - 1].strip()
        is_skipped = (
            bool(line.strip())
            and not _SUBTITLES.search(line)
            and (is_skipped or (begins and bool(_SKIPPED.match(line))))
        )
        kept.append("" if is_skipped else line)
    return kept


def _cues(lines: Sequence[str], *, is_vtt: bool) -> Iterator[_Cue]:
    times = [index for index, line in enumerate(lines) if _SUBTITLES.search(line)]
    first = times[0] if times else len(lines)
    _refuse_strays(lines[: first - _name_length(lines, first, 0, is_vtt=is_vtt)])
    for count, (at, stop) in enumerate(pairwise([*times, len(lines)])):
        start, end = _timing(lines[at], at + 1)
        named = 0 if stop == len(lines) else _name_length(lines, stop, count + 1, is_vtt=is_vtt)
        said = tuple((index + 1, lines[index]) for index in range(at + 1, stop - named) if lines[index].strip())
        yield _Cue(start=start, end=end, lines=said)


def _name_length(lines: Sequence[str], stop: int, count: int, *, is_vtt: bool) -> int:
    """How many lines right before the times of cue ``count`` (from 0) hold its number or name."""
    at = next((index for index in range(stop - 1, -1, -1) if lines[index].strip()), None)
    if at is None:
        return 0
    name, is_adjacent = lines[at].strip(), at == stop - 1
    if is_vtt:
        is_name = is_adjacent and (at == 0 or not lines[at - 1].strip())
    else:
        is_name = name.isdecimal() and (is_adjacent or int(name) == count + 1)
    return stop - at if is_name else 0


def _refuse_strays(lines: Sequence[str]) -> None:
    for index, line in enumerate(lines):
        if line.strip():
            raise CaptionTextError(index + 1, f"“{line.strip()[:40]}” stands before the first times; remove it")


def _timing(line: str, number: int) -> tuple[int, int]:
    match = _TIMING.fullmatch(line.strip())
    if match is None:
        example = "write 00:00:01,000 --> 00:00:02,500"
        raise CaptionTextError(number, f"“{line.strip()[:60]}” are no times of a cue; {example}")
    start, end = _milliseconds(match[1], number), _milliseconds(match[2], number)
    if end < start:
        raise CaptionTextError(number, f"the cue ends ({match[2]}) before it starts ({match[1]}); correct its times")
    return start, end


def _milliseconds(stamp: str, number: int) -> int:
    match = _STAMP.fullmatch(stamp)
    if match is None:
        raise CaptionTextError(number, f"“{stamp[:40]}” is no time; write hours:minutes:seconds as in 00:00:01,000")
    hours, minutes, seconds, fraction = match.groups(default="0")
    total = (int(hours) * 60 + int(minutes)) * 60_000 + int(seconds) * 1000 + int(fraction.ljust(3, "0")[:3])
    if total > LATEST_MS:
        raise CaptionTextError(number, f"{stamp} is later than 24 hours; correct the time")
    return total


def _is_stamp(tag: str) -> bool:
    return _STAMP.fullmatch(tag) is not None


def _unrolled(cues: Sequence[_Cue]) -> Iterator[_Cue]:
    """Captions that roll up show the line before once more; what has been said already is left out."""
    before: list[str] = []
    for cue in cues:
        plain = [" ".join(_VTT_TAG.sub("", line).split()) for _, line in cue.lines]
        most = min(len(plain), len(before), _ROLLED_LINES)
        said = next(n for n in range(most, -1, -1) if plain[:n] == before[len(before) - n :])
        before = plain or before
        yield replace(cue, lines=cue.lines[said:])


def _pieces(cue: _Cue, *, is_vtt: bool) -> list[_Piece]:
    """The words of a cue, with the moments at which they begin as far as it says so."""
    pieces, start = [], cue.start
    for number, line in cue.lines:
        for stamp, text in _segments(line, is_vtt=is_vtt):
            if stamp is not None:
                start = min(max(start, _milliseconds(stamp, number)), cue.end)
            pieces.append(_Piece(start, tuple(split_words(text, number))))
    return [piece for piece in pieces if piece.words]


def _segments(line: str, *, is_vtt: bool) -> list[_Segment]:
    """Stretches of a line without tags, each with the time that stands before it."""
    parts = _VTT_TAG.split(_READING.sub("", line)) if is_vtt else _TAG.split(_ASS_SPACE.sub(" ", line))
    segments: list[_Segment] = [(None, parts[0])]
    for tag, text in zip(parts[1::2], parts[2::2], strict=True):
        if tag is not None and _is_stamp(tag):
            segments.append((tag, text))
        else:
            segments[-1] = (segments[-1][0], segments[-1][1] + text)
    return _with_whole_words([(stamp, _ENTITY.sub(_sign, text)) for stamp, text in segments])


def _sign(entity: re.Match[str]) -> str:
    return html.unescape(entity[0])


def _with_whole_words(segments: Sequence[_Segment]) -> list[_Segment]:
    """The same with no word divided: a time within a word counts for the next one."""
    whole = [segments[0]]
    for stamp, text in segments[1:]:
        earlier, before = whole[-1]
        behind = text.lstrip() if not before or before[-1].isspace() else text.partition(" ")[2]
        begun = text[: len(text) - len(behind)]
        whole[-1] = (earlier, before + begun)
        if behind:
            whole.append((stamp, behind))
    return whole


def _timed(spoken: Sequence[tuple[_Cue, list[_Piece]]]) -> Iterator[Word]:
    """Words of cues in the order of their starts."""
    groups = [list(group) for _, group in groupby(spoken, key=lambda pair: pair[0].start)]
    starts = [group[0][0].start for group in groups]
    for group, after in zip(groups, [*starts, LATEST_MS][1:], strict=True):
        pieces = sorted((piece for _, own in group for piece in own), key=lambda piece: piece.start)
        yield from _shared(pieces, min(after, max(cue.end for cue, _ in group)))


def _shared(pieces: Sequence[_Piece], end: int) -> Iterator[Word]:
    """Pieces that begin together share their time up to the next one's beginning."""
    groups = [(start, list(group)) for start, group in groupby(pieces, key=lambda piece: min(piece.start, end))]
    stops = [start for start, _ in groups[1:]]
    for (start, group), stop in zip(groups, [*stops, end], strict=True):
        yield from spread_evenly([word for piece in group for word in piece.words], start, stop)
