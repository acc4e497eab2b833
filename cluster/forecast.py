"""When jobs will end: the schedule played forward, with the dispatcher's own rule and the expected costs. Pure.

A fluid model, in which every job has its share of all CPUs at every moment, is too smooth for this: three equal parts
on two CPUs take as long as four. So pieces of work are laid on CPUs one by one (list scheduling; Graham, 1969).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush, heapreplace

from cluster.fair import Group

MOST_PIECES = 2000
"""More are joined into longer ones: a forecast of thousands of pieces is right enough with half as many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What is still to be done for a job. Times in seconds.

    Attributes:
        group: Whose share it takes.
        weight: Of that share.
        before_s: Until its pieces can begin: its plan.
        running: What its pieces on CPUs still need.
        waiting: Its other pieces, in order.
        after_s: What is left when all pieces are done: its assembly.
    """

    job_id: str
    group: Group
    weight: float
    before_s: float = 0.0
    running: Sequence[float] = ()
    waiting: Sequence[float] = ()
    after_s: float = 0.0


def forecast(courses: Sequence[Course], cpus: int, lanes: int = 2) -> dict[str, float]:
    """Seconds until each job ends, by its id; nothing when there is no CPU.

    Args:
        courses: All jobs, running and queued; those of a group in the order in which they are served.
        cpus: There are now.
        lanes: Assemblies that may run at a time, beside the pieces.
    """
    return dict(_Schedule(_coarse(courses), cpus, lanes).ends()) if cpus else {}


def _coarse(courses: Sequence[Course]) -> list[tuple[Course, list[float]]]:
    """The waiting pieces of each, joined where there are too many in all."""
    count = sum(len(course.waiting) for course in courses)
    size = -(-count // MOST_PIECES) or 1
    return [
        (course, [sum(course.waiting[at : at + size]) for at in range(0, len(course.waiting), size)])
        for course in courses
    ]


class _Queue:
    """The waiting jobs of a group, by their place in the order of service."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.places: list[int] = []


class _Schedule:
    """CPUs, what runs on them, and who is next."""

    def __init__(self, jobs: list[tuple[Course, list[float]]], cpus: int, lanes: int) -> None:
        self._jobs = jobs
        self._free = cpus - sum(len(course.running) for course, _ in jobs)
        self._lanes = [0.0] * lanes
        self._open = [len(course.running) + len(waiting) for course, waiting in jobs]
        self._begun = [0] * len(jobs)
        self._queues: dict[Group, _Queue] = {}
        self._turns: list[tuple[float, Group]] = []
        self._events = [(left_s, place) for place, (course, _) in enumerate(jobs) for left_s in course.running]
        heapify(self._events)
        self._coming = sorted((course.before_s, place) for place, (course, waiting) in enumerate(jobs) if waiting)
        self._coming.reverse()

    def ends(self) -> Iterator[tuple[str, float]]:
        """Each job with its end."""
        for place, (course, _) in enumerate(self._jobs):
            if not self._open[place]:
                yield course.job_id, course.before_s + course.after_s
        self._start(0.0)
        while self._events or self._coming:
            now, ended = self._next()
            if ended is not None and self._has_ended(ended):
                course = self._jobs[ended][0]
                yield course.job_id, self._assembled(now, course.after_s)
            self._start(now)

    def _has_ended(self, place: int) -> bool:
        """One of a job's pieces is done: whether it was the last."""
        self._free += 1
        self._open[place] -= 1
        return not self._open[place]

    def _next(self) -> tuple[float, int | None]:
        """The next moment at which something changes, and the job a piece of which has ended then."""
        if self._coming and (not self._events or self._coming[-1][0] < self._events[0][0]):
            return self._coming[-1][0], None
        return heappop(self._events)

    def _let_come(self, now: float) -> None:
        """Jobs whose plan is known by now begin to wait for CPUs."""
        while self._coming and self._coming[-1][0] <= now:
            _, place = self._coming.pop()
            group = self._jobs[place][0].group
            queue = self._queues.setdefault(group, _Queue())
            if not queue.places:
                queue.passed = max(queue.passed, self._turns[0][0] if self._turns else 0.0)
                heappush(self._turns, (queue.passed, group))
            heappush(queue.places, place)

    def _start(self, now: float) -> None:
        """Give free CPUs to who is next."""
        self._let_come(now)
        while self._free > 0 and self._turns:
            self._start_one(now, self._queues[self._turns[0][1]])

    def _start_one(self, now: float, queue: _Queue) -> None:
        place = queue.places[0]
        course, waiting = self._jobs[place]
        piece_s = waiting[self._begun[place]]
        self._begun[place] += 1
        self._free -= 1
        heappush(self._events, (now + piece_s, place))
        queue.passed += piece_s / course.weight
        if self._begun[place] == len(waiting):
            heappop(queue.places)
        heappop(self._turns)
        if queue.places:
            heappush(self._turns, (queue.passed, course.group))

    def _assembled(self, now: float, after_s: float) -> float:
        """When a job is put together whose pieces are done now."""
        end = max(now, self._lanes[0]) + after_s
        heapreplace(self._lanes, end)
        return end
