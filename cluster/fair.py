"""Who is served next: stride scheduling, first among workspaces by their plan, then among the jobs of one.

Waldspurger and Weihl, "Stride Scheduling" (1995): everyone has a *pass*; the smallest is served and grows by
cost / weight. Shares follow the weights, nobody starves, and who was away comes back without a credit.
"""

from collections.abc import Container, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from cluster.jobs import JobKind, WaitingJob

PLAN_WEIGHTS = {"free": 1.0, "pro": 3.0, "enterprise": 6.0}

Key = TypeVar("Key", bound=Hashable)


def weight_of(plan: str) -> float:
    """A plan's share; an unknown plan counts as free."""
    return PLAN_WEIGHTS.get(plan, PLAN_WEIGHTS["free"])


class Stride(Generic[Key]):
    """Passes of one level."""

    def __init__(self) -> None:
        self._passes: dict[Key, float] = {}
        self._now = 0.0

    def choose(self, candidates: Sequence[Key]) -> Key:
        """The candidate with the smallest pass; among equals the first."""
        return min(candidates, key=self._pass_of)

    def charge(self, key: Key, cost: float, weight: float = 1.0) -> None:
        """``key`` was served with work that costs ``cost``."""
        self._now = self._pass_of(key)
        self._passes[key] = self._now + cost / weight
        self._passes = {other: at for other, at in self._passes.items() if at > self._now}

    def _pass_of(self, key: Key) -> float:
        return max(self._now, self._passes.get(key, 0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A job with work that could start now."""

    job_id: str
    workspace_id: str
    plan: str
    kind: JobKind = JobKind.RENDER


class FairShare:
    """Two levels of strides: workspaces weighted by their plan, and equal jobs within each."""

    def __init__(self) -> None:
        self._workspaces: Stride[str] = Stride()
        self._jobs: dict[str, Stride[str]] = {}

    def choose(self, candidates: Sequence[Candidate]) -> Candidate:
        """Whose work starts next."""
        workspace = self._workspaces.choose([candidate.workspace_id for candidate in candidates])
        mine = {candidate.job_id: candidate for candidate in candidates if candidate.workspace_id == workspace}
        return mine[self._jobs.setdefault(workspace, Stride()).choose(list(mine))]

    def charge(self, candidate: Candidate, cost: float) -> None:
        """The candidate's work was started; ``cost`` in any unit that is the same for all."""
        self._workspaces.charge(candidate.workspace_id, cost, weight_of(candidate.plan))
        self._jobs.setdefault(candidate.workspace_id, Stride()).charge(candidate.job_id, cost)

    def keep_only(self, workspace_ids: Container[str]) -> None:
        """Forget the jobs of workspaces that have none any more."""
        self._jobs = {workspace: jobs for workspace, jobs in self._jobs.items() if workspace in workspace_ids}


def claims(
    waiting: Sequence[WaitingJob], active: Mapping[str, int], room: int, *, newcomers: int = 8
) -> tuple[WaitingJob, ...]:
    """Which waiting jobs to take up, in order.

    Each goes to the workspace with the fewest active jobs for its weight, oldest job first. A workspace without any
    active job need not wait for room: else a crowd of long jobs would lock it out.

    Args:
        waiting: Oldest first.
        active: Jobs already taken up, by workspace.
        room: How many more may be active.
        newcomers: How many workspaces without an active job may come in beyond ``room``.
    """
    counts, queues = dict(active), _by_workspace(waiting)
    chosen: list[WaitingJob] = []
    while queues:
        job = min((queue[0] for queue in queues.values()), key=lambda job: _load(job, counts))
        if len(chosen) >= room + newcomers or (len(chosen) >= room and counts.get(job.workspace_id)):
            break
        chosen.append(job)
        counts[job.workspace_id] = counts.get(job.workspace_id, 0) + 1
        queues[job.workspace_id].pop(0)
        queues = {workspace: queue for workspace, queue in queues.items() if queue}
    return tuple(chosen)


def _by_workspace(waiting: Sequence[WaitingJob]) -> dict[str, list[WaitingJob]]:
    queues: dict[str, list[WaitingJob]] = {}
    for job in waiting:
        queues.setdefault(job.workspace_id, []).append(job)
    return queues


def _load(job: WaitingJob, counts: Mapping[str, int]) -> tuple[float, float, datetime]:
    weight = weight_of(job.plan)
    return counts.get(job.workspace_id, 0) / weight, -weight, job.queued_at
