"""What happens to a request to the object store: decided by a seed and the request, never by the clock."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Fate(StrEnum):
    """Ways in which a request goes wrong."""

    BUSY = "503"
    BROKEN = "500"
    NO_ANSWER = "time-out"
    CUT = "cut before the answer"
    CUT_WITHIN = "cut within the answer"
    ANSWER_LOST = "done, answer lost"


_WEIGHTS = {
    Fate.BUSY: 8,
    Fate.BROKEN: 6,
    Fate.CUT: 5,
    Fate.CUT_WITHIN: 5,
    Fate.ANSWER_LOST: 5,
    Fate.NO_ANSWER: 1,  # each costs a whole time-out of a worker
}


def request_name(method: str, path: str) -> str:
    """What a request is known by: identifiers of rows differ from run to run, so they do not count."""
    return f"{method} {_UUID.sub('*', path.partition('?')[0])}"


@dataclass(frozen=True, slots=True)
class StorePlan:
    """The same seed gives the same fate to the same request, whenever and by whomever it is made.

    Attributes:
        share: Of the requests that go wrong, 0–1.
    """

    seed: int
    share: float

    def fate(self, name: str, turn: int) -> Fate | None:
        """What happens when ``name`` is asked for the ``turn``-th time; None: it is answered."""
        digest = hashlib.blake2b(f"{self.seed} {name} {turn}".encode(), digest_size=8).digest()
        drawn = int.from_bytes(digest, "big") / 2**64
        if drawn >= self.share:
            return None
        ladder = [fate for fate, weight in _WEIGHTS.items() for _ in range(weight)]
        return ladder[int(drawn / self.share * len(ladder))]


Chooser = Callable[[str, int], Fate | None]
"""The fate of a request by its name and how often it was made, as ``StorePlan.fate``."""


class Turns:
    """Gives each request its fate, in the order in which equal ones come. Not for several threads at once.

    During an outage all requests fail, so many of them as it was ordered for.
    """

    def __init__(self, choose: Chooser) -> None:
        self._choose = choose
        self._turns: Counter[str] = Counter()
        self._refused = 0
        self.given: Counter[Fate] = Counter()

    def refuse(self, requests: int) -> None:
        """An outage: the next so many requests are refused."""
        self._refused += requests

    def next_fate(self, method: str, path: str) -> Fate | None:
        """What happens to this request."""
        fate = self._fate(request_name(method, path))
        if fate is not None:
            self.given[fate] += 1
        return fate

    def _fate(self, name: str) -> Fate | None:
        if self._refused:
            self._refused -= 1
            return Fate.BUSY
        self._turns[name] += 1
        return self._choose(name, self._turns[name])
