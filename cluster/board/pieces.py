"""What has happened to each piece of work: its faults, its rests, and whether it goes without company."""

import heapq
from collections.abc import Container, Iterable
from dataclasses import dataclass, replace

from cluster.work import FaultKind


@dataclass(frozen=True, slots=True)
class Piece:
    """The past of one piece of work. One that has a past goes alone, so that a failure speaks of it only.

    Attributes:
        faults: Of the attempts so far that it is to blame for.
        not_before: It waits out its back-off until then.
        attempts: How often it was given to a worker.
    """

    faults: tuple[FaultKind, ...] = ()
    not_before: float = float("-inf")
    attempts: int = 0
    is_alone: bool = False


_NEW = Piece()


class Made:
    """What was made lately: a plan that was begun before does not know of it yet."""

    def __init__(self) -> None:
        self._at: dict[str, float] = {}

    def add(self, key: str, now: float) -> None:
        """An object is in the store."""
        self._at[key] = now

    def since(self, moment: float) -> frozenset[str]:
        """What was made then or later."""
        return frozenset(key for key, at in self._at.items() if at >= moment)

    def forget_before(self, moment: float) -> None:
        """Nobody will ask for what is older."""
        self._at = {key: at for key, at in self._at.items() if at >= moment}


class Pieces:
    """Pieces of work by key. Times are seconds on the dispatcher's clock."""

    def __init__(self) -> None:
        self._pieces: dict[str, Piece] = {}
        self._rests: list[tuple[float, str]] = []

    def __getitem__(self, key: str) -> Piece:
        return self._pieces.get(key, _NEW)

    def is_resting(self, key: str, now: float) -> bool:
        """Whether it waits out its back-off."""
        return self[key].not_before > now

    def alone(self, keys: Iterable[str]) -> frozenset[str]:
        """Those of ``keys`` that go without company."""
        return frozenset(key for key in keys if self[key].is_alone)

    def begin(self, keys: Iterable[str]) -> int:
        """A worker is given these together; the number of this attempt, new to each of them."""
        keys = tuple(keys)
        attempt = 1 + max(self[key].attempts for key in keys)
        for key in keys:
            self._pieces[key] = replace(self[key], attempts=attempt)
        return attempt

    def blame(self, key: str, kind: FaultKind, not_before: float) -> None:
        """A piece has failed and is to be tried again, after a rest."""
        piece = self[key]
        self._pieces[key] = replace(piece, faults=(*piece.faults, kind), not_before=not_before, is_alone=True)
        heapq.heappush(self._rests, (not_before, key))

    def suspect(self, keys: Iterable[str]) -> None:
        """One of these has failed, nobody knows which."""
        for key in keys:
            self._pieces[key] = replace(self[key], is_alone=True)

    def rested(self, now: float) -> Iterable[str]:
        """Pieces whose rest has ended since the last call."""
        while self._rests and self._rests[0][0] <= now:
            yield heapq.heappop(self._rests)[1]

    def keep_only(self, keys: Container[str]) -> None:
        """Forget what nobody wants any more."""
        self._pieces = {key: piece for key, piece in self._pieces.items() if key in keys}
