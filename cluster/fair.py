"""Who is served next: stride scheduling among workspaces by their plan, and within one the smaller job first.

Waldspurger and Weihl, "Stride Scheduling" (1995): everyone has a *pass*; the smallest is served and grows by
cost / weight. Shares follow the weights, nobody starves, and who was away comes back without a credit.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Generic, TypeVar

from cluster.jobs import JobKind, WaitingJob


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanShare:
    """What a plan gives each of its workspaces.

    The bounds hold for each kind of work. A task that runs is not taken back, and those that wait make the cluster
    grow: so they bound what a newcomer waits for and what one customer can make us spend. They are wide enough for a
    workspace that is alone to fill 32, 128 or 512 CPUs, and for short jobs, of two tasks or more, to do so too.

    Attributes:
        weight: Its share of a busy cluster relative to others.
        most_jobs: At a time; more wait in the queue.
        most_tasks: At a time.
    """

    weight: float
    most_jobs: int
    most_tasks: int


PLAN_SHARES: Mapping[str, PlanShare] = MappingProxyType(
    {
        "free": PlanShare(weight=1.0, most_jobs=16, most_tasks=32),
        "pro": PlanShare(weight=3.0, most_jobs=64, most_tasks=128),
        "enterprise": PlanShare(weight=6.0, most_jobs=256, most_tasks=512),
    }
)

PREPARE_FACTOR = 4.0
"""Preparations weigh so much more than renders: they are short, and somebody waits to go on editing."""

PATIENCE = 10.0
"""Seconds in the queue for which a second of video may be overtaken by smaller jobs of its workspace."""

SHORT_S = 20.0
"""A video of no more seconds is short: it is done before a long one is halfway."""

_SHORT_PLACES = 2
"""So many short jobs of a group are taken up whatever else it has at work; they are soon done."""

Key = TypeVar("Key", bound=Hashable)

Group = tuple[str, JobKind]
"""What shares are given to: a workspace's work of one kind."""


def share_of(plan: str) -> PlanShare:
    """What a plan gives; an unknown plan counts as free."""
    return PLAN_SHARES.get(plan, PLAN_SHARES["free"])


def weight_of(plan: str, kind: JobKind = JobKind.RENDER) -> float:
    """The share of a workspace's work of one kind."""
    return share_of(plan).weight * (PREPARE_FACTOR if kind is JobKind.PREPARE else 1.0)


class Stride(Generic[Key]):
    """Passes of everyone who was served lately."""

    def __init__(self) -> None:
        self._passes: dict[Key, float] = {}
        self._owed: dict[Key, float] = {}
        self._now = 0.0

    def choose(self, candidates: Sequence[Key]) -> Key:
        """The candidate with the smallest pass; among equals the first."""
        return min(candidates, key=self._pass_of)

    def charge(self, key: Key, cost: float, weight: float = 1.0) -> None:
        """``key`` was served with work that costs ``cost``, and what it owes is settled as well.

        Who has been charged too much is served for nothing until that is made good.
        """
        self._now = self._pass_of(key)
        due = cost + self._owed.pop(key, 0.0)
        self._passes[key] = self._now + max(0.0, due) / weight
        if due < 0:
            self._owed[key] = due
        self._passes = {other: at for other, at in self._passes.items() if at > self._now}

    def correct(self, key: Key, difference: float) -> None:
        """Work that was charged has cost so much more, or less, than was thought."""
        self._owed[key] = self._owed.get(key, 0.0) + difference

    def forget(self, key: Key) -> None:
        """It has no more work: its credit and its debt lapse; what it has had already still counts."""
        self._owed.pop(key, None)

    def _pass_of(self, key: Key) -> float:
        return max(self._now, self._passes.get(key, 0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A job with work that could start now."""

    job_id: str
    workspace_id: str
    plan: str
    kind: JobKind = JobKind.RENDER

    @property
    def group(self) -> Group:
        """Whose share it takes."""
        return self.workspace_id, self.kind


class FairShare:
    """Groups by weighted strides; within one, jobs by when they came plus what they still need.

    So a small job goes before a long one, and equal ones one after the other. Nobody starves: a job is overtaken for
    as many seconds of its group's work as it needs itself, by then it is older than any newcomer.
    """

    def __init__(self) -> None:
        self._groups: Stride[Group] = Stride()
        self._served_s: dict[Group, float] = {}
        self._came_at: dict[Group, dict[str, float]] = {}

    def choose(self, candidates: Sequence[Candidate], left_s: Mapping[str, float] = MappingProxyType({})) -> Candidate:
        """Whose work starts next.

        Args:
            candidates: Not empty.
            left_s: What jobs still need, in CPU seconds, by id; where that is unknown, the first to come is first.
        """
        group = self._groups.choose(list(dict.fromkeys(candidate.group for candidate in candidates)))
        mine = [candidate for candidate in candidates if candidate.group == group]
        return min(mine, key=lambda candidate: self.place(candidate, left_s.get(candidate.job_id, 0.0)))

    def place(self, candidate: Candidate, left_s: float) -> float:
        """Where a job stands among those of its group; the smallest is next. Seen for the first time, it has come."""
        came_at = self._came_at.setdefault(candidate.group, {})
        return came_at.setdefault(candidate.job_id, self._served_s.get(candidate.group, 0.0)) + left_s

    def charge(self, candidate: Candidate, expected_s: float) -> None:
        """The candidate's work was started, and should take so long."""
        group = candidate.group
        self._groups.charge(group, expected_s, weight_of(candidate.plan, candidate.kind))
        self._served_s[group] = self._served_s.get(group, 0.0) + expected_s

    def correct(self, candidate: Candidate, expected_s: float, took_s: float) -> None:
        """Work that was charged has ended and took so long; 0 if it never began."""
        self._groups.correct(candidate.group, took_s - expected_s)

    def keep_only(self, candidates: Iterable[Candidate]) -> None:
        """Forget all other jobs, and what groups without any are owed."""
        kept: dict[Group, set[str]] = {}
        for candidate in candidates:
            kept.setdefault(candidate.group, set()).add(candidate.job_id)
        for group in self._came_at.keys() - kept.keys():
            self._groups.forget(group)
            self._served_s.pop(group, None)
        self._came_at = {
            group: {job_id: at for job_id, at in jobs.items() if job_id in kept[group]}
            for group, jobs in self._came_at.items()
            if group in kept
        }


def claims(
    waiting: Sequence[WaitingJob],
    active: Mapping[Group, int],
    room: int,
    *,
    short: Mapping[Group, int] = MappingProxyType({}),
    newcomers: int = 8,
) -> tuple[WaitingJob, ...]:
    """Which waiting jobs to take up, in order.

    Each goes to the group with the fewest active jobs for its weight; of its jobs the oldest, but a second of video
    counts as ten of waiting, so that small ones overtake long ones for a while. No group has more than its plan
    allows. One without any active job need not wait for room: else a crowd of long jobs would lock it out. And two
    short jobs of a group need wait neither for room nor for the long ones of their own group to end.

    Args:
        waiting: In any order.
        active: Jobs already taken up, by group.
        room: How many more may be active.
        short: Short jobs already taken up, by group.
        newcomers: How many groups without an active job may come in beyond ``room``, and as many short jobs.
    """
    chosen = _in_turn(waiting, active, room, newcomers)
    beyond = room + 2 * newcomers - len(chosen)
    return *chosen, *_short_ones(waiting, chosen, short, beyond)


def is_short(job: WaitingJob) -> bool:
    """Whether it is soon done."""
    return job.size <= SHORT_S


def _short_ones(
    waiting: Sequence[WaitingJob], chosen: Sequence[WaitingJob], short: Mapping[Group, int], most: int
) -> tuple[WaitingJob, ...]:
    counts = Counter({**short}) + Counter(_group(job) for job in chosen if is_short(job))
    found: list[WaitingJob] = []
    for job in sorted(set(filter(is_short, waiting)).difference(chosen), key=_turn):
        if counts[_group(job)] < _SHORT_PLACES and len(found) < most:
            counts[_group(job)] += 1
            found.append(job)
    return tuple(found)


def _in_turn(waiting: Sequence[WaitingJob], active: Mapping[Group, int], room: int, newcomers: int) -> list[WaitingJob]:
    counts, queues = dict(active), queues_of(waiting)
    chosen: list[WaitingJob] = []
    while queues:
        group = min(queues, key=lambda group: _load(queues[group][0], counts.get(group, 0)))
        if len(chosen) >= room + newcomers or (len(chosen) >= room and counts.get(group)):
            break
        job = queues[group].pop(0)
        if counts.get(group, 0) >= share_of(job.plan).most_jobs:
            del queues[group]
            continue
        chosen.append(job)
        counts[group] = counts.get(group, 0) + 1
        if not queues[group]:
            del queues[group]
    return chosen


def queues_of(waiting: Sequence[WaitingJob]) -> dict[Group, list[WaitingJob]]:
    """The jobs of each group in the order in which they are to be taken up."""
    queues: dict[Group, list[WaitingJob]] = {}
    for job in sorted(waiting, key=_turn):
        queues.setdefault(_group(job), []).append(job)
    return queues


def _group(job: WaitingJob) -> Group:
    return job.workspace_id, job.kind


def _turn(job: WaitingJob) -> datetime:
    return job.queued_at + timedelta(seconds=PATIENCE * job.size)


def _load(job: WaitingJob, count: int) -> tuple[float, float, datetime]:
    weight = weight_of(job.plan, job.kind)
    return count / weight, -weight, job.queued_at
