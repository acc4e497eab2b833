"""The one loop between the rows of the database and the cluster: claim, dispatch, watch, complete, cancel.

The database is the truth, the runtime is the muscle. Nothing here cannot be lost: another dispatcher takes up what
the rows say. What comes next is decided by ``Workboard``; here it is done.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import structlog

from cluster.fair import claims
from cluster.jobs import JobFailure, JobOutput, JobState, RenderRequest
from cluster.lease import Backoff, Lease
from cluster.memory import InMemoryHealth
from cluster.policies import MOST_JOB_ATTEMPTS
from cluster.ports import HealthSink, JobStore, ObjectStore, ProgressSink, Runtime, WakeUp
from cluster.progress import Throttle
from cluster.running import RunningJob
from cluster.storage import StorageError
from cluster.work import Fault, FaultKind, Outcome
from cluster.workboard import Workboard

log = structlog.get_logger(__name__)

_WAITING_SEEN = 1000
"""Queued jobs that are compared; more than anyone queues, so that no workspace hides behind another."""

_NO_CAPACITY = "There is no machine to render on at the moment. Please try again later."


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatcherOptions:
    """Rhythm and bounds. Times in seconds.

    Attributes:
        holder: Names this process in the lease.
        poll_s: Longest wait for an outcome while work is running; new jobs are seen as often.
        idle_s: Longest wait for the bell when there is nothing to do.
        lookahead: Tasks submitted beyond one a CPU, so that none stands idle between two.
        most_between: Plans and assemblies at a time, beside the former.
        fewest_active: At least so many jobs are taken up at a time; else four a CPU.
        job_deadline_s: After so long a job is ended.
        no_capacity_s: Without any CPU for so long, jobs are ended.
    """

    holder: str
    lease_ttl_s: float = 15.0
    poll_s: float = 0.05
    idle_s: float = 1.0
    watch_every_s: float = 0.25
    tell_every_s: float = 0.2
    record_every_s: float = 1.0
    lookahead: int = 1
    most_between: int = 2
    fewest_active: int = 8
    job_deadline_s: float = 7200.0
    no_capacity_s: float = 300.0
    clock: Callable[[], float] = field(default=time.monotonic)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the dispatcher has around it."""

    store: JobStore
    objects: ObjectStore
    runtime: Runtime
    sink: ProgressSink
    wake_up: WakeUp
    health: HealthSink = field(default_factory=InMemoryHealth)


class Dispatcher:
    """Carries jobs from ``queued`` to their end. One thread; ``step`` never raises for what the store does."""

    def __init__(self, around: Surroundings, options: DispatcherOptions) -> None:
        self._store = store = around.store
        self._objects = around.objects
        self._runtime = around.runtime
        self._sink = around.sink
        self._wake_up = around.wake_up
        self._options = options
        self._board = Workboard()
        self._lease = Lease(store, options.holder, options.lease_ttl_s)
        self._epoch: int | None = None
        self._store_rest = Backoff()
        self._telling = Throttle(options.tell_every_s)
        self._recording = Throttle(options.record_every_s)
        self._watched_at = float("-inf")
        self._had_cpus_at = options.clock()

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set; then leave what is unfinished to the next dispatcher."""
        try:
            while not stop.is_set():
                self.step()
                if not self._board.jobs:
                    self._wake_up.wait(self._options.idle_s)
        finally:
            self.close()

    def close(self) -> None:
        """Stop the cluster's work and give up the lease. Jobs stay in processing, to be taken over."""
        with self._store_faults():
            self._lease.release()
        self._drop(tuple(self._board.jobs))

    def step(self) -> None:
        """One round."""
        self._collect()
        self._end_what_is_late()
        if self._store_rest.is_over(self._now()):
            with self._store_faults():
                self._sync()
        self._dispatch()
        self._tell()

    def _now(self) -> float:
        return self._options.clock()

    def _collect(self) -> None:
        """Outcomes change the board; the store hears of it later, so that a failing store loses none."""
        outcomes = self._runtime.poll(self._options.poll_s if self._board.jobs else 0.0)
        for outcome in outcomes:
            self._board.settle(outcome, self._runtime.snapshots(), self._now())

    def _end_what_is_late(self) -> None:
        now = self._now()
        timed_out = Fault(kind=FaultKind.TIMED_OUT, message="no result before the deadline")
        for handle in self._board.expired(now):
            self._runtime.cancel(handle)
            self._board.settle(Outcome(handle=handle, fault=timed_out), self._runtime.snapshots(), now)
        self._board.fail_late_jobs(now)

    @contextmanager
    def _store_faults(self) -> Iterator[None]:
        """A store that fails is given time; running work goes on meanwhile."""
        try:
            yield
        except Exception:
            log.exception("dispatcher.store_failed")
            self._store_rest.failed(self._now())
        else:
            self._store_rest.succeeded()

    def _sync(self) -> None:
        epoch = self._hold_lease()
        if epoch is None:
            return
        self._end_jobs(epoch)
        self._record(epoch)
        if not self._board.jobs or self._now() >= self._watched_at + self._options.watch_every_s:
            self._watched_at = self._now()
            self._drop_cancelled()
            self._claim(epoch)

    def _hold_lease(self) -> int | None:
        """The epoch under which to write. With a new one the rows say which jobs are ours."""
        epoch = self._lease.keep(self._now())
        if epoch is None:
            self._drop(tuple(self._board.jobs))
        elif epoch != self._epoch:
            with self._doubts():
                self._reconcile(self._store.take_over(epoch))
        self._epoch = epoch
        return epoch

    def _reconcile(self, ours: tuple[RenderRequest, ...]) -> None:
        """Jobs that run here already go on under their new attempt; the others begin or end."""
        self._drop(tuple(self._board.jobs.keys() - {request.job_id for request in ours}))
        for request in ours:
            log.info("render.taken_over", job_id=request.job_id, attempt=request.attempt)
            self._accept(request)

    @contextmanager
    def _doubts(self) -> Iterator[None]:
        """A claim that failed may still have been written: the next epoch will tell."""
        try:
            yield
        except Exception:
            self._lease.doubt()
            raise

    def _accept(self, request: RenderRequest) -> None:
        self._board.add(request, self._now() + self._options.job_deadline_s)
        if request.attempt > MOST_JOB_ATTEMPTS:
            message = "The render was interrupted too often and has been given up. Please try again."
            self._board.jobs[request.job_id].failure = JobFailure(code="internal", message=message)

    def _end_jobs(self, epoch: int) -> None:
        ended = [job for job in self._board.jobs.values() if not job.is_open]
        for job in ended:
            if job.output is not None:
                self._complete(job, job.output, epoch)
            elif job.failure is not None:
                self._fail(job, job.failure, epoch)
            self._drop((job.request.job_id,))

    def _complete(self, job: RunningJob, output: JobOutput, epoch: int) -> None:
        job_id = job.request.job_id
        if self._store.complete(job.request, output, epoch):
            log.info("render.completed", job_id=job_id, render_seconds=round(output.render_seconds, 2))
            self._publish_end(job, JobState.COMPLETED)
        elif job_id in self._store.cancelled((job_id,)):
            self._publish_end(job, JobState.CANCELLED)
            for key in output.keys:
                self._delete(key)

    def _delete(self, key: str) -> None:
        """Remove a file that nobody will ask for. One that stays costs space and nothing else."""
        try:
            self._objects.delete(key)
        except StorageError as error:
            log.warning("render.output_left", key=key, reason=str(error))

    def _fail(self, job: RunningJob, failure: JobFailure, epoch: int) -> None:
        log.warning("render.failed", job_id=job.request.job_id, code=failure.code, reason=failure.message)
        if self._store.fail(job.request, failure, epoch):
            self._publish_end(job, JobState.FAILED)

    def _record(self, epoch: int) -> None:
        snapshots, now = self._runtime.snapshots(), self._now()
        for job_id, job in self._board.jobs.items():
            progress = job.progress(snapshots, now)
            if self._recording.is_due(job_id, progress.percent, now):
                self._store.record_progress((progress,), epoch)

    def _drop_cancelled(self) -> None:
        cancelled = self._store.cancelled(self._board.jobs) if self._board.jobs else frozenset()
        for job_id in cancelled:
            log.info("render.cancelled", job_id=job_id)
            self._publish_end(self._board.jobs[job_id], JobState.CANCELLED)
        self._drop(cancelled)

    def _claim(self, epoch: int) -> None:
        most_active = max(self._options.fewest_active, 4 * self._runtime.capacity())
        room = most_active - len(self._board.jobs)
        for job in claims(self._store.waiting(_WAITING_SEEN), self._board.active_by_workspace(), room):
            with self._doubts():
                request = self._store.claim(job.job_id, epoch)
            if request is not None:
                log.info("render.claimed", job_id=request.job_id, attempt=request.attempt)
                self._accept(request)

    def _drop(self, job_ids: Iterable[str]) -> None:
        for job_id in job_ids:
            self._telling.forget(job_id)
            self._recording.forget(job_id)
        for handle in self._board.drop(job_ids):
            self._runtime.cancel(handle)

    def _dispatch(self) -> None:
        cpus = self._runtime.capacity()
        self._watch_capacity(cpus)
        self._fill(cpus, self._options.most_between, between=True)
        self._fill(cpus, cpus + self._options.lookahead, between=False)

    def _fill(self, cpus: int, bound: int, *, between: bool) -> None:
        now = self._now()
        while self._board.in_flight(between=between) < bound:
            turn = self._board.next_task(cpus, now, between=between)
            if turn is None:
                return
            job_id, task = turn
            self._board.submitted(self._runtime.submit(task), job_id, task, now)

    def _watch_capacity(self, cpus: int) -> None:
        now = self._now()
        if cpus or not self._board.jobs:
            self._had_cpus_at = now
            return
        self._board.restart_deadlines(now)
        if now > self._had_cpus_at + self._options.no_capacity_s:
            log.error("cluster.no_capacity", jobs=len(self._board.jobs))
            self._board.fail_all(JobFailure(code="no_capacity", message=_NO_CAPACITY))

    def _tell(self) -> None:
        snapshots, now = self._runtime.snapshots(), self._now()
        for job_id, job in self._board.jobs.items():
            progress = job.progress(snapshots, now)
            if job.is_open and self._telling.is_due(job_id, progress.percent, now):
                self._sink.publish(progress)

    def _publish_end(self, job: RunningJob, state: JobState) -> None:
        progress = job.progress({}, self._now())
        percent = 100 if state is JobState.COMPLETED else progress.percent
        self._sink.publish(replace(progress, state=state, percent=percent, eta_s=None))
