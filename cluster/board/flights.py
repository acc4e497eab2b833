"""Tasks that the runtime has: since when, how far, for how long they may."""

from collections import Counter
from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from cluster.fair import Candidate, Group
from cluster.jobs import PreparedAsset
from cluster.planner import is_late
from cluster.policies import deadline_s, silence_s
from cluster.work import AssembleTask, CellSnapshot, CellsTask, Handle, PlanTask, Result, Task


@dataclass(slots=True, kw_only=True)
class Flight:
    """One submission of a task.

    Attributes:
        owner: The job for which it was started.
        since: When it was submitted.
        expected_s: CPU seconds that it should take; 0 where that is not known.
        deadline: When it is held to hang, unless it is heard of.
        running_since: When its first snapshot was seen; None while it may still be queued.
        frames: Of its keys that were begun, frames done and in all.
        twin_of: The late submission of the same task that this one is to overtake.
    """

    handle: Handle
    task: Task
    owner: Candidate
    since: float
    expected_s: float
    deadline: float
    running_since: float | None = None
    frames: dict[str, tuple[int, int]] = field(default_factory=dict)
    twin_of: Handle | None = None

    @property
    def is_between(self) -> bool:
        """Whether it is one of the short tasks between the phases of a render."""
        return isinstance(self.task, PlanTask | AssembleTask)

    def overdue_s(self, now: float) -> float:
        """For how long it has been running beyond what was expected; 0 while it may be queued."""
        return 0.0 if self.running_since is None else now - self.running_since - self.expected_s

    def is_late(self, now: float) -> bool:
        """Whether its cells should have been done long ago."""
        if self.running_since is None or not isinstance(self.task, CellsTask):
            return False
        return is_late(now - self.running_since, self.expected_s)

    @property
    def is_charged(self) -> bool:
        """Whether its job pays for it. What is begun a second time for being late was paid for already."""
        return not self.is_between and self.twin_of is None

    def took_s(self, result: Result | None, now: float) -> float:
        """For how long it had a CPU: what its results tell, else since it was first heard of."""
        if isinstance(result, tuple):
            return sum(each.seconds + each.setup_s for each in result)
        if isinstance(result, PreparedAsset):
            return result.seconds
        return 0.0 if self.running_since is None else now - self.running_since

    def unfinished(self) -> tuple[str, ...]:
        """Its keys that are not known to be finished, in order."""
        return tuple(key for key in self.task.keys if not self._is_finished(key))

    def _is_finished(self, key: str) -> bool:
        done, total = self.frames.get(key, (0, 1))
        return done >= total

    def hear(self, snapshot: CellSnapshot, now: float) -> bool:
        """A worker is at it; whether that was news. Cells that move do not hang, and hang soon when they stop."""
        heard = snapshot.frames_done, snapshot.frames_total
        if snapshot.attempt != self.task.attempt or self.frames.get(snapshot.key) == heard:
            return False
        self.frames[snapshot.key] = heard
        self.running_since = now if self.running_since is None else self.running_since
        if isinstance(self.task, CellsTask):
            self.deadline = now + silence_s(self.expected_s)
        return True


class Flights:
    """All submissions that have not ended. Times are seconds on the dispatcher's clock."""

    def __init__(self) -> None:
        self._flights: dict[Handle, Flight] = {}
        self._by_key: Counter[str] = Counter()
        self._by_group: Counter[Group] = Counter()
        self._between = 0

    def __contains__(self, key: object) -> bool:
        """Whether somebody is at a piece of work."""
        return key in self._by_key

    def count(self, *, between: bool) -> int:
        """Submissions of short tasks between the phases of a render, or of all the others."""
        return self._between if between else len(self._flights) - self._between

    def of(self, candidate: Candidate) -> int:
        """Submissions, short ones aside, of all jobs that share with a candidate."""
        return self._by_group[candidate.group]

    def add(self, flight: Flight) -> None:
        """A task was submitted."""
        self._flights[flight.handle] = flight
        self._count(flight, 1)

    def remove(self, handle: Handle) -> Flight | None:
        """A submission has ended; None when it was not known any more."""
        flight = self._flights.pop(handle, None)
        if flight is not None:
            self._count(flight, -1)
        return flight

    def _count(self, flight: Flight, step: int) -> None:
        for key in flight.task.keys:
            self._by_key[key] += step
            if not self._by_key[key]:
                del self._by_key[key]
        if flight.is_between:
            self._between += step
        else:
            self._by_group[flight.owner.group] += step

    def observe(self, snapshots: Mapping[str, CellSnapshot], now: float) -> bool:
        """Take in what workers have told; whether any of it was news."""
        told = (
            (flight, snapshots[key])
            for flight in self._flights.values()
            for key in flight.task.keys
            if key in snapshots
        )
        return sum(flight.hear(snapshot, now) for flight, snapshot in told) > 0

    def shares(self) -> dict[str, float]:
        """How much is done, 0 … 1, of every key that somebody is at."""
        best: dict[str, float] = {}
        for flight in self._flights.values():
            for key, (done, total) in flight.frames.items():
                best[key] = max(done / max(1, total), best.get(key, 0.0))
        return best

    def short_since(self, job_id: str) -> float | None:
        """Since when a job is being planned or put together; None when it is not."""
        return next((f.since for f in self._flights.values() if f.owner.job_id == job_id and f.is_between), None)

    def running_of(self, job_id: str) -> list[tuple[str, ...]]:
        """Keys of the tasks of a job that have a CPU, each task once."""
        return [
            flight.task.keys
            for flight in self._flights.values()
            if flight.owner.job_id == job_id and flight.running_since is not None and flight.twin_of is None
        ]

    def unwanted(self, wanted: Container[str]) -> tuple[Handle, ...]:
        """Submissions that make nothing of what is wanted."""
        flights = self._flights.values()
        return tuple(flight.handle for flight in flights if not any(key in wanted for key in flight.task.keys))

    def oldest_plan(self) -> float:
        """When the first of the plans that are being made was begun; later than everything where there is none."""
        flights = self._flights.values()
        return min((flight.since for flight in flights if isinstance(flight.task, PlanTask)), default=float("inf"))

    def expired(self, now: float) -> tuple[Handle, ...]:
        """Submissions beyond their deadline; of one that is being overtaken nothing more is heard or asked."""
        overtaken = self._overtaken()
        return tuple(
            flight.handle
            for flight in self._flights.values()
            if now > flight.deadline and flight.handle not in overtaken
        )

    def restart_deadlines(self, now: float) -> None:
        """Nothing could run until now."""
        for flight in self._flights.values():
            flight.deadline = now + deadline_s(flight.task)

    def without_twin(self) -> tuple[Flight, ...]:
        """Running submissions that are neither twins nor have one."""
        overtaken = self._overtaken()
        return tuple(
            flight
            for flight in self._flights.values()
            if flight.running_since is not None and flight.twin_of is None and flight.handle not in overtaken
        )

    def _overtaken(self) -> set[Handle | None]:
        return {flight.twin_of for flight in self._flights.values()}
