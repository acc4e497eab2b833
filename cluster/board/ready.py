"""Work that could start now: wanted, nobody is at it, and it does not rest."""

from collections.abc import Mapping

from cluster.board.flights import Flights
from cluster.board.pieces import Pieces
from cluster.board.running import RunningJob
from cluster.board.wishes import Wishes


class ReadyWork:
    """Keys by job, short tasks between the phases of a render apart. Only what has changed is looked at again."""

    def __init__(self, jobs: Mapping[str, RunningJob], wishes: Wishes, flights: Flights, pieces: Pieces) -> None:
        self._jobs = jobs
        self._wishes = wishes
        self._flights = flights
        self._pieces = pieces
        self._keys: dict[bool, dict[str, tuple[str, ...]]] = {False: {}, True: {}}

    def look_again(self, now: float) -> None:
        """Bring it up to date, where something has changed."""
        self._wishes.touch(self._pieces.rested(now))
        for job_id in self._wishes.take_touched():
            for table in self._keys.values():
                table.pop(job_id, None)
            keys = tuple(key for key in self._wishes.of(job_id) if self._is_ready(key, now))
            if keys:
                self._keys[self._jobs[job_id].is_between][job_id] = keys

    def of(self, *, between: bool) -> Mapping[str, tuple[str, ...]]:
        """Keys of the jobs that have any, as of the last look."""
        return self._keys[between]

    def count(self) -> int:
        """Keys in all."""
        return sum(len(keys) for table in self._keys.values() for keys in table.values())

    def _is_ready(self, key: str, now: float) -> bool:
        return key not in self._flights and not self._pieces.is_resting(key, now)
