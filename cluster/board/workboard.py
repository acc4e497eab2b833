"""Jobs, the work they want, what is in flight, what comes next. Decides; touches neither the store nor the runtime."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from cluster.board.blame import Blame
from cluster.board.flights import Flight, Flights
from cluster.board.foresight import Foresight
from cluster.board.pieces import Made, Pieces
from cluster.board.preparing import RunningPreparation
from cluster.board.queue import expectations
from cluster.board.ready import ReadyWork
from cluster.board.rendering import RunningRender
from cluster.board.running import Outlook, RunningJob
from cluster.board.wishes import Wishes
from cluster.cost import CostModel
from cluster.fair import Candidate, FairShare, Group, share_of
from cluster.jobs import CellResult, JobFailure, JobProgress, JobRequest, RenderRequest, WaitingJob
from cluster.metrics import Metrics
from cluster.policies import deadline_s, memory_factor
from cluster.scaling import Demand
from cluster.work import (
    SOUND_INDEX,
    CellSnapshot,
    CellsTask,
    Handle,
    Outcome,
    RenderPlan,
    Result,
    Task,
)

log = structlog.get_logger(__name__)

_PATIENCE = 10.0
"""A job may take so many times the seconds that one CPU would need for it, and in any case its first deadline."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What is to be started now.

    Attributes:
        owner: The job whose turn it is. Of a twin the one that the late submission was made for, gone or not: the task
            was made from its settings.
        expected_s: CPU seconds that it should take.
        twin_of: The late submission that this one is to overtake.
    """

    owner: Candidate
    task: Task
    expected_s: float
    twin_of: Handle | None = None


class Workboard:
    """All that is under way. Times are seconds on the dispatcher's clock.

    Attributes:
        jobs: By their ids.
        has_news: Whether any of them may be further than when this was last set to False.
    """

    def __init__(self, costs: CostModel, metrics: Metrics) -> None:
        self.jobs: dict[str, RunningJob] = {}
        self.has_news = False
        self._costs = costs
        self._metrics = metrics
        self._wishes = Wishes()
        self._pieces = Pieces()
        self._made = Made()
        self._flights = Flights()
        self._share = FairShare()
        self._foresight = Foresight(costs, self._wishes, self._flights, self._share)
        self._ready = ReadyWork(self.jobs, self._wishes, self._flights, self._pieces)
        self._blame = Blame(self.jobs, self._wishes, self._pieces, metrics)
        self._left_s: dict[str, float] = {}
        self._may_shed = False

    def add(self, request: JobRequest, now: float, deadline: float) -> RunningJob:
        """Take up a claimed job; one that runs here already goes on under the new claim."""
        job = self.jobs.get(request.job_id)
        if job is not None:
            job.request = request
            return job
        if isinstance(request, RenderRequest):
            job = RunningRender(request=request, costs=self._costs, since=now, deadline=deadline)
        else:
            job = RunningPreparation(request=request, costs=self._costs, since=now, deadline=deadline)
        self.jobs[request.job_id] = job
        self._has_changed(job)
        return job

    def drop(self, job_ids: Iterable[str]) -> None:
        """Forget jobs. What nobody else wants is ``shed``."""
        for job_id in job_ids:
            self.jobs.pop(job_id, None)
            self._left_s.pop(job_id, None)
            self._wishes.update(job_id, ())
        self._may_shed = True
        self._share.keep_only(job.candidate for job in self.jobs.values())

    def end(self, job: RunningJob, failure: JobFailure) -> None:
        """A job has failed."""
        job.failure = failure
        self._has_changed(job)

    def shed(self, now: float) -> tuple[Handle, ...]:
        """Let go of work that no open job wants; returns its submissions, to be cancelled."""
        if not self._may_shed:
            return ()
        self._may_shed = False
        unwanted = self._flights.unwanted(self._wishes)
        for handle in unwanted:
            self._land(handle, None, now)
        self._pieces.keep_only(self._wishes)
        self._made.forget_before(self._flights.oldest_plan())
        return unwanted

    def in_flight(self, *, between: bool) -> int:
        """Submissions of short tasks between the phases of a render, or of all the others."""
        return self._flights.count(between=between)

    def next_turn(self, cpus: int, now: float, *, between: bool) -> Turn | None:
        """What to start next; None when nothing can start now."""
        self._ready.look_again(now)
        ready = self._ready.of(between=between)
        candidates = [job.candidate for job_id in ready if self._has_room(job := self.jobs[job_id], between=between)]
        if not candidates:
            return None
        job = self.jobs[self._share.choose(candidates, self._left_s).job_id]
        keys = ready[job.request.job_id]
        others_s = sum(self._left_s.values()) - self._left_s[job.request.job_id]
        task = job.next_task(keys, Outlook(cpus=cpus, others_s=others_s, alone=self._pieces.alone(keys)))
        return Turn(job.candidate, self._numbered(task, job), job.expected_s(task))

    def next_twin(self, now: float) -> Turn | None:
        """The latest of the late tasks, to be begun a second time: for when CPUs have nothing else to do."""
        late = [flight for flight in self._flights.without_twin() if flight.is_late(now)]
        if not late:
            return None
        flight = max(late, key=lambda flight: flight.overdue_s(now))
        task, owner = replace(flight.task, attempt=self._pieces.begin(flight.task.keys)), flight.owner
        log.info(
            "cluster.task_is_late", task=task.label, job_id=owner.job_id, overdue_s=round(flight.overdue_s(now), 1)
        )
        return Turn(owner, task, flight.expected_s, flight.handle)

    def submitted(self, handle: Handle, turn: Turn, now: float) -> None:
        """A task is with the runtime; its job is charged for it."""
        flight = Flight(
            handle=handle,
            task=turn.task,
            owner=turn.owner,
            since=now,
            expected_s=turn.expected_s,
            deadline=now + deadline_s(turn.task),
            twin_of=turn.twin_of,
        )
        self._flights.add(flight)
        self._wishes.touch(turn.task.keys)
        if flight.is_charged:
            self._share.charge(turn.owner, turn.expected_s)

    def observe(self, snapshots: Mapping[str, CellSnapshot], now: float) -> None:
        """Take in what workers have told."""
        self.has_news |= self._flights.observe(snapshots, now)

    def settle(self, outcome: Outcome, now: float) -> None:
        """A submission has ended."""
        flight = self._land(outcome.handle, outcome.result, now)
        if flight is None:
            return
        if outcome.fault is not None:
            for job in self._blame.settle(flight, outcome.fault, now):
                self._has_changed(job)
        elif outcome.result is not None:
            self._settle_result(flight, outcome.result, now)

    def _settle_result(self, flight: Flight, result: Result, now: float) -> None:
        owner = self.jobs.get(flight.owner.job_id)
        if owner is not None:
            owner.learn(flight.task, result)
        if isinstance(result, tuple):
            self._take_cells(result, now)
        elif owner is not None:
            owner.take(self._brought_up_to_date(result, flight.since) if isinstance(result, RenderPlan) else result)
            owner.deadline = max(owner.deadline, now + _PATIENCE * owner.left_s)
            self._has_changed(owner)

    def _land(self, handle: Handle, result: Result | None, now: float) -> Flight | None:
        """A submission is no more. What it took counts, not what it was expected to take."""
        flight = self._flights.remove(handle)
        if flight is not None:
            self._wishes.touch(flight.task.keys)
            if flight.is_charged:
                self._share.correct(flight.owner, flight.expected_s, flight.took_s(result, now))
        return flight

    def _brought_up_to_date(self, plan: RenderPlan, since: float) -> RenderPlan:
        """A plan with what was made while it was being made itself."""
        plan = replace(plan, present=plan.present | self._made.since(since))
        for _ in plan.present.intersection(plan.distinct_cells()):
            self._metrics.cell("cached", 0.0)
        return plan

    def expired(self, now: float) -> tuple[Handle, ...]:
        """Submissions beyond their deadline."""
        return self._flights.expired(now)

    def restart_deadlines(self, now: float) -> None:
        """Nothing could run until now."""
        self._flights.restart_deadlines(now)

    def end_late_jobs(self, now: float) -> None:
        """End jobs beyond their deadline."""
        for job in self._open_jobs():
            if now > job.deadline:
                self.end(job, JobFailure(code="deadline", message=job.too_long))

    def end_all(self, failure: JobFailure) -> None:
        """End all jobs for the same reason."""
        for job in self._open_jobs():
            log.error("cluster.job_ended", job_id=job.request.job_id, code=failure.code)
            self.end(job, failure)

    def weigh(self) -> None:
        """Look again at what all work will cost, for the model has learnt."""
        for job in self._open_jobs():
            job.weigh()
            self._left_s[job.request.job_id] = job.left_s

    def progress(self, now: float) -> tuple[JobProgress, ...]:
        """Where every open job is, unfinished work included."""
        shares = self._foresight.shares()
        return tuple(job.progress(shares.get(job.request.job_id, {}), now) for job in self._open_jobs())

    def foresee(self, queue: Sequence[WaitingJob], cpus: int, lanes: int, now: float) -> tuple[JobProgress, ...]:
        """Find out when every job will end; says so of those that are not claimed yet."""
        ends = self._foresight.ends(self._open_jobs(), queue, cpus, lanes)
        for job in self._open_jobs():
            since = self._flights.short_since(job.request.job_id)
            left_s = ends.get(job.request.job_id)
            job.ends_at = None if left_s is None else (now if since is None else since) + left_s
        return expectations(queue, ends)

    def demand(self, queued: int, now: float) -> Demand:
        """What there is to do: how busy CPUs are, and what could begin now.

        A plan is the herald of cells, and an assembly needs the machine that it runs on: they count as well.

        Args:
            queued: Jobs not yet claimed.
            now: On the dispatcher's clock.
        """
        self._ready.look_again(now)
        ready = self._ready.count() + self.in_flight(between=True) + queued
        return Demand(busy=self.in_flight(between=False), ready=ready, backlog_s=self.backlog_s)

    @property
    def backlog_s(self) -> float:
        """CPU seconds that all claimed jobs are expected to need."""
        return sum(self._left_s.values())

    def active(self) -> Mapping[Group, int]:
        """Number of jobs of each workspace and kind."""
        return Counter(job.candidate.group for job in self.jobs.values())

    def _open_jobs(self) -> list[RunningJob]:
        return [job for job in self.jobs.values() if job.is_open]

    def _has_changed(self, job: RunningJob) -> None:
        """What a job wants may be something else now."""
        self._wishes.update(job.request.job_id, job.wanted())
        self.has_news = self._may_shed = True
        self._left_s[job.request.job_id] = job.left_s if job.is_open else 0.0

    def _has_room(self, job: RunningJob, *, between: bool) -> bool:
        """Whether its workspace may have one task more."""
        return between or self._flights.of(job.candidate) < share_of(job.request.plan).most_tasks

    def _numbered(self, task: Task, job: RunningJob) -> Task:
        megapixels = job.megapixels if isinstance(task, CellsTask) else 0.0
        factor = memory_factor(self._pieces[task.keys[0]].faults, megapixels)
        return replace(task, attempt=self._pieces.begin(task.keys), memory_factor=factor)

    def _take_cells(self, results: Iterable[CellResult], now: float) -> None:
        for result in results:
            self._made.add(result.key, now)
            if result.index != SOUND_INDEX:
                self._metrics.cell("cached" if result.is_cached else "rendered", result.seconds)
            for job_id in self._wishes.wanting(result.key):
                self.jobs[job_id].take_cell(result)
                self._has_changed(self.jobs[job_id])
