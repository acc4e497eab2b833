"""Who wants which work, what is in flight, what comes next. Decides; touches neither the store nor the runtime.

Work has keys, and jobs want keys: two jobs that miss the same cell wait for the same piece of work.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import structlog

from cluster.fair import FairShare
from cluster.jobs import CellResult, JobFailure, JobOutput, RenderRequest
from cluster.planner import next_chunk
from cluster.policies import Decision, Retry, deadline_s, decide, memory_factor
from cluster.running import RunningJob
from cluster.work import (
    AssembleTask,
    CellSnapshot,
    CellsTask,
    Fault,
    FaultKind,
    Handle,
    Outcome,
    PlanTask,
    RenderPlan,
    SoundTask,
    Task,
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Piece:
    """What has happened to one piece of work.

    Attributes:
        faults: Of the attempts so far.
        not_before: It waits out its back-off until then.
    """

    faults: tuple[FaultKind, ...] = ()
    not_before: float = 0.0


@dataclass(frozen=True, slots=True)
class _Submission:
    task: Task
    job_id: str
    deadline: float


class Workboard:
    """Jobs, pieces of work and submissions. Times are seconds on the dispatcher's clock."""

    def __init__(self) -> None:
        self.jobs: dict[str, RunningJob] = {}
        self._pieces: dict[str, _Piece] = {}
        self._submissions: dict[Handle, _Submission] = {}
        self._in_flight: set[str] = set()
        self._share = FairShare()

    def add(self, request: RenderRequest, deadline: float) -> None:
        """Take up a claimed job; one that runs here already goes on under the new claim."""
        job = self.jobs.setdefault(request.job_id, RunningJob(request=request, deadline=deadline))
        job.request = request

    def drop(self, job_ids: Iterable[str]) -> tuple[Handle, ...]:
        """Forget jobs. Returns submissions that nobody wants any more, to be cancelled; shared ones go on."""
        for job_id in job_ids:
            self.jobs.pop(job_id, None)
        self._share.keep_only({job.request.workspace_id for job in self.jobs.values()})
        return self.shed()

    def shed(self) -> tuple[Handle, ...]:
        """Let go of work that no open job wants; returns its submissions, to be cancelled."""
        wanted = {key for job in self.jobs.values() for key in job.wanted()}
        unwanted = tuple(h for h, submission in self._submissions.items() if wanted.isdisjoint(submission.task.keys))
        for handle in unwanted:
            self._take_off(handle)
        self._pieces = {key: piece for key, piece in self._pieces.items() if key in wanted}
        return unwanted

    def in_flight(self, *, between: bool) -> int:
        """Submissions of short tasks between the phases of a job, or of all the others."""
        return sum(isinstance(s.task, PlanTask | AssembleTask) is between for s in self._submissions.values())

    def active_by_workspace(self) -> dict[str, int]:
        """Number of jobs of each workspace."""
        counts: dict[str, int] = {}
        for job in self.jobs.values():
            counts[job.request.workspace_id] = counts.get(job.request.workspace_id, 0) + 1
        return counts

    def next_task(self, cpus: int, now: float, *, between: bool) -> tuple[str, Task] | None:
        """The job whose turn it is and its next task; None when nothing can start now."""
        ready = [job.candidate for job in self.jobs.values() if job.is_between is between and self._has_ready(job, now)]
        if not ready:
            return None
        job = self.jobs[self._share.choose(ready).job_id]
        return job.request.job_id, self._task_for(job, cpus, now)

    def submitted(self, handle: Handle, job_id: str, task: Task, now: float) -> None:
        """A task is with the runtime; its job is charged for it."""
        self._submissions[handle] = _Submission(task, job_id, now + deadline_s(task))
        self._in_flight.update(task.keys)
        job = self.jobs[job_id]
        if isinstance(task, CellsTask) and job.plan is not None:
            frames = sum(cell.stop - cell.start for cell in task.cells)
            self._share.charge(job.candidate, frames * job.plan.megapixels)

    def settle(self, outcome: Outcome, snapshots: Mapping[str, CellSnapshot], now: float) -> None:
        """A submission has ended."""
        submission = self._take_off(outcome.handle)
        if submission is None:
            return
        if outcome.fault is not None:
            self._settle_fault(submission, outcome.fault, snapshots, now)
        elif isinstance(outcome.result, RenderPlan):
            self.jobs[submission.job_id].take_plan(outcome.result, now)
        elif isinstance(outcome.result, JobOutput):
            self.jobs[submission.job_id].output = outcome.result
        else:
            self._take_results(outcome.result or ())

    def expired(self, now: float) -> tuple[Handle, ...]:
        """Submissions beyond their deadline."""
        return tuple(handle for handle, submission in self._submissions.items() if now > submission.deadline)

    def restart_deadlines(self, now: float) -> None:
        """Nothing could run until now."""
        for handle, submission in self._submissions.items():
            self._submissions[handle] = replace(submission, deadline=now + deadline_s(submission.task))

    def fail_late_jobs(self, now: float) -> None:
        """End jobs beyond their deadline."""
        message = "The render took too long and was stopped. Try a shorter or smaller video."
        for job in self.jobs.values():
            if job.is_open and now > job.deadline:
                job.failure = JobFailure(code="deadline", message=message)

    def fail_all(self, failure: JobFailure) -> None:
        """End all jobs for the same reason."""
        for job in self.jobs.values():
            if job.is_open:
                job.failure = failure

    def _take_off(self, handle: Handle) -> _Submission | None:
        submission = self._submissions.pop(handle, None)
        if submission is not None:
            self._in_flight.difference_update(submission.task.keys)
        return submission

    def _has_ready(self, job: RunningJob, now: float) -> bool:
        return any(self._is_ready(key, now) for key in job.wanted())

    def _is_ready(self, key: str, now: float) -> bool:
        piece = self._pieces.get(key)
        return key not in self._in_flight and (piece is None or piece.not_before <= now)

    def _task_for(self, job: RunningJob, cpus: int, now: float) -> Task:
        ready = [key for key in job.wanted() if self._is_ready(key, now)]
        job_id, first = job.request.job_id, ready[0]
        if job.plan is None:
            task: Task = PlanTask(spec=job.request.spec, keys=(first,), label=f"plan:{job_id}")
        elif not job.missing:
            task = _assembly(job, job.plan, first)
        elif job.missing[first] is None:
            task = SoundTask(spec=job.request.spec, keys=(first,), label=f"sound:{job_id}")
        else:
            task = self._cells_task(job, ready, cpus)
        past = self._pieces.get(first, _Piece()).faults
        megapixels = job.plan.megapixels if job.plan and isinstance(task, CellsTask) else 0.0
        return replace(task, attempt=len(past) + 1, memory_factor=memory_factor(past, megapixels))

    def _cells_task(self, job: RunningJob, ready: list[str], cpus: int) -> CellsTask:
        cells = {key: cell for key in ready if (cell := job.missing[key]) is not None}
        alone = {cell.key for key, cell in cells.items() if key in self._pieces}
        chunk = next_chunk(tuple(cells.values()), cpus, alone)
        keys = tuple(key for key, cell in cells.items() if cell in chunk)
        label = f"cell:{job.request.job_id}:{chunk[0].index}"
        return CellsTask(spec=job.request.spec, keys=keys, label=label, cells=chunk)

    def _take_results(self, results: Iterable[CellResult]) -> None:
        for result in results:
            for job in self.jobs.values():
                job.take_result(result)

    def _settle_fault(
        self, submission: _Submission, fault: Fault, snapshots: Mapping[str, CellSnapshot], now: float
    ) -> None:
        """The first unfinished piece of the task is held to be the cause; the others just go again."""
        keys = submission.task.keys
        culprit = next((key for key in keys if not _is_finished(snapshots.get(key))), keys[-1])
        wanting = [job for job in self.jobs.values() if culprit in job.wanted()]
        if not wanting:
            return
        past = self._pieces.get(culprit, _Piece()).faults
        decision = decide(fault, past, wanting[0].part(culprit))
        _log_fault(submission, culprit, fault, decision, len(past) + 1)
        for job in wanting:
            job.take_fault(fault.kind, decision)
        if isinstance(decision, Retry):
            self._pieces[culprit] = _Piece((*past, fault.kind), now + decision.after_s)


def _log_fault(submission: _Submission, key: str, fault: Fault, decision: Decision, attempt: int) -> None:
    log.warning(
        "render.task_failed",
        job_id=submission.job_id,
        task=submission.task.label,
        key=key,
        attempt=attempt,
        fault=fault.kind.value,
        reason=fault.message,
        will_retry=isinstance(decision, Retry),
    )


def _assembly(job: RunningJob, plan: RenderPlan, key: str) -> AssembleTask:
    return AssembleTask(
        spec=job.request.spec,
        keys=(key,),
        label=f"assemble:{job.request.job_id}",
        plan=plan,
        output_key=job.output_key,
        render_seconds=job.render_seconds,
    )


def _is_finished(snapshot: CellSnapshot | None) -> bool:
    return snapshot is not None and snapshot.frames_done == snapshot.frames_total
