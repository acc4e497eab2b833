"""Words without times get times: spread by their length over a stretch, or over the speech that they are spoken in."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from render_core.text.pages import Word

LONGEST_WORD = 60
"""Characters; what is longer fits on no line."""

Interval = tuple[int, int]
"""Start and end in milliseconds."""

_SENTENCE_ENDS, _CLAUSE_ENDS = frozenset(".!?…।॥۔؟。！？"), frozenset(",;:–—،؛")
_CLOSING = "\"'»”’)]}*"
_SENTENCE, _CLAUSE, _PHRASE = 0.0, 0.25, 0.8
"""What it costs to pause after a sentence, a clause, or in the middle of a phrase: per millisecond of the pause."""
_LONGEST_COST_MS = 600
_DRIFT_COST = 12.0
"""What it costs to be a second early or late relative to an even tempo; it grows with the square."""
_REACH = 48
"""How many words a pause may lie away from where an even tempo would have it."""

_Costs = NDArray[np.float64]
_Cuts = NDArray[np.int64]
_Ranges = tuple[range, ...]


class CaptionTextError(ValueError):
    """A text that no captions can be made of.

    Args:
        line: Its line, from 1; None where all of it is meant.
        problem: A sentence for the user.
    """

    def __init__(self, line: int | None, problem: str) -> None:
        super().__init__(line, problem)
        self.line = line
        self.problem = problem

    def __str__(self) -> str:
        return self.problem if self.line is None else f"line {self.line}: {self.problem}"


@dataclass(frozen=True, slots=True)
class _Token:
    """A word of a plain text, and what a pause after it costs."""

    text: str
    pause_cost: float


def spread(text: str, speech: Sequence[Interval]) -> tuple[Word, ...]:
    """Spread a plain text over the speech.

    Every word lies within one interval; pauses fall, where the tempo allows it, at the ends of sentences and clauses.

    Args:
        text: Words with spaces between them; the end of a line counts as the end of a clause, an empty line as that
            of a sentence.
        speech: When somebody speaks, in order. Without any there are no words.

    Raises:
        CaptionTextError: For a word that is too long, naming its line.
    """
    tokens = list(_tokens(text))
    if not tokens or not speech:
        return ()
    words: list[Word] = []
    for (start, end), members in zip(speech, _shares(tokens, speech), strict=True):
        words.extend(spread_evenly([tokens[index].text for index in members], start, end))
    return tuple(words)


def spread_evenly(texts: Sequence[str], start: int, end: int) -> list[Word]:
    """The words one after the other from start to end (ms), each as long as its letters need."""
    if not texts:
        return []
    ends = np.cumsum([_effort(text) for text in texts])
    borders = [start, *(start + round((end - start) * float(at / ends[-1])) for at in ends)]
    return [Word(text, *span) for text, span in zip(texts, pairwise(borders), strict=True)]


def split_words(line: str, number: int) -> list[str]:
    """The words of a line; a dash, a quotation mark or an emoji that stands alone belongs to its neighbour.

    Raises:
        CaptionTextError: For a word that is too long.
    """
    words: list[str] = []
    for part in line.split():
        is_joined = words and not (_is_spoken(part) and _is_spoken(words[-1]))
        if is_joined and len(words[-1]) + len(part) < LONGEST_WORD:
            words[-1] += f" {part}"
        else:
            words.append(part)
    for word in words:
        if len(word) > LONGEST_WORD:
            limit = f"at most {LONGEST_WORD} are possible; divide it"
            raise CaptionTextError(number, f"the word “{word[:20]}…” has {len(word)} characters; {limit}")
    return words


def _is_spoken(part: str) -> bool:
    return any(unicodedata.category(char)[0] in "LN" or unicodedata.category(char) in {"Sc", "Sm"} for char in part)


def _effort(word: str) -> float:
    """How long a word takes to say, in letters: a figure is read out as a word, a mark as nothing."""
    kinds = [unicodedata.category(char)[0] for char in word]
    return 1.5 + kinds.count("L") + 3 * kinds.count("N")


def _tokens(text: str) -> Iterator[_Token]:
    lines = text.split("\n")
    for number, line in enumerate(lines):
        words = split_words(line, number + 1)
        for word in words[:-1]:
            yield _Token(word, _pause_cost(word))
        if words:
            is_last = number + 1 == len(lines) or not lines[number + 1].strip()
            yield _Token(words[-1], min(_pause_cost(words[-1]), _SENTENCE if is_last else _CLAUSE))


def _pause_cost(word: str) -> float:
    last = word.rstrip(_CLOSING)[-1:]
    if last in _SENTENCE_ENDS:
        return _SENTENCE
    return _CLAUSE if last in _CLAUSE_ENDS else _PHRASE


def _shares(tokens: Sequence[_Token], speech: Sequence[Interval]) -> _Ranges:
    """Which words are spoken in each interval: the cheapest way to cut the text, found by dynamic programming.

    A cut costs what a pause there costs, and its distance from where an even tempo would have it; an interval costs
    the square of the difference between the time that it has and that its words want, over the sum of both.
    """
    lengths = np.array([end - start for start, end in speech], np.float64)
    wanted = np.cumsum([0.0, *(_effort(token.text) for token in tokens)])
    wanted *= lengths.sum() / wanted[-1]
    cuts = _candidates(wanted, np.cumsum(lengths)[:-1])
    cut_costs = [*_cut_costs(tokens, speech, wanted, cuts), np.zeros(1)]
    cost, choices = np.zeros(1), []
    for index, length in enumerate(lengths):
        steps = cost[:, None] + _misfit(wanted[cuts[index + 1]] - wanted[cuts[index]][:, None], length)
        choices.append(steps.argmin(axis=0))
        cost = steps.min(axis=0) + cut_costs[index]
    return _traced(cuts, choices)


def _candidates(wanted: _Costs, spoken: _Costs) -> list[_Cuts]:
    """For each border between intervals, and both ends, the words that it may come before."""
    last = len(wanted) - 1
    middles = np.searchsorted(wanted, spoken).tolist()
    inner = [np.arange(max(0, at - _REACH), min(last, at + _REACH) + 1) for at in middles]
    return [np.array([0]), *inner, np.array([last])]


def _cut_costs(
    tokens: Sequence[_Token], speech: Sequence[Interval], wanted: _Costs, cuts: Sequence[_Cuts]
) -> Iterator[_Costs]:
    """What each candidate of each border costs."""
    pause_costs, spoken = np.array([0.0, *(token.pause_cost for token in tokens)]), 0
    pause_costs[-1] = 0
    for (before, after), words in zip(pairwise(speech), cuts[1:-1], strict=True):
        spoken += before[1] - before[0]
        pause = min(_LONGEST_COST_MS, after[0] - before[1])
        yield pause * pause_costs[words] + _DRIFT_COST * ((wanted[words] - spoken) / 1000) ** 2


def _misfit(wanted: _Costs, length: float) -> _Costs:
    costs = (wanted - length) ** 2 / (np.maximum(wanted, 0) + length + 1)
    return np.where(wanted < 0, np.inf, costs)


def _traced(cuts: Sequence[_Cuts], choices: Sequence[NDArray[np.intp]]) -> _Ranges:
    """The ranges of the cheapest way, found from its end."""
    at, borders = 0, [int(cuts[-1][0])]
    for before, chosen in zip(reversed(cuts[:-1]), reversed(choices), strict=True):
        at = int(chosen[at])
        borders.append(int(before[at]))
    borders.reverse()
    return tuple(range(*pair) for pair in pairwise(borders))
