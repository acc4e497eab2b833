"""Between the board and the rows of the database: the lease, claims, ends, cancellations, progress."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from cluster.board import RunningJob, Workboard
from cluster.dispatcher.errands import Errands
from cluster.dispatcher.lease import Backoff, Lease
from cluster.dispatcher.telling import Teller
from cluster.fair import Group, claims, is_short
from cluster.jobs import JobFailure, JobOutput, JobProgress, JobRequest, JobState, Product, WaitingJob
from cluster.metrics import Metrics
from cluster.policies import MOST_JOB_ATTEMPTS
from cluster.ports import JobStore

log = structlog.get_logger(__name__)

_QUEUE_SEEN = 1000
"""Queued jobs that are compared; more than anyone queues, so that no workspace hides behind another."""
LOOK_AGAIN_S = 0.1
"""The bell may ring for each job of a crowd: one look for several of them is enough."""
_CLAIMS_AT_ONCE = 8
"""A claim is a transaction; more of them in a row would keep everything else waiting."""

_OWN_REST_S = (1.0, 60.0)
"""Of a job whose rows cannot be written, first and longest: long enough for others to be written meanwhile."""

_INTERRUPTED = JobFailure(
    code="internal", message="The work was interrupted too often and has been given up. Please try again."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsOptions:
    """Rhythm and bounds. Times in seconds.

    Attributes:
        look_every_s: Longest time between two looks at cancelled and waiting jobs while the bell tells of them; it may
            have failed those who rang.
        look_deaf_every_s: The same without a bell.
        fewest_active: At least so many jobs are taken up at a time; else four a CPU. With few, a workspace whose next
            job is still being planned would lose its turn to those with smaller shares.
        job_deadline_s: After so long a job is ended.
    """

    holder: str
    lease_ttl_s: float = 15.0
    look_every_s: float = 2.0
    look_deaf_every_s: float = 0.5
    fewest_active: int = 24
    job_deadline_s: float = 7200.0


class Rows:
    """Keeps the board and the rows in step. A store that fails is given time; running work goes on meanwhile.

    Times are seconds on the dispatcher's clock.

    Attributes:
        epoch: Of the lease; None without it.
        queue: Waiting jobs as they were at the last look.
        is_rung: The bell has told of something, and the queue was not looked at since.
        failing_since: Since when the store has not answered.
    """

    def __init__(
        self,
        store: JobStore,
        board: Workboard,
        teller: Teller,
        errands: Errands,
        metrics: Metrics,
        options: RowsOptions,
    ) -> None:
        self._store = store
        self._board = board
        self._teller = teller
        self._errands = errands
        self._metrics = metrics
        self._options = options
        self._lease = Lease(store, options.holder, options.lease_ttl_s)
        self._rest = Backoff()
        self._rests: dict[str, Backoff] = {}
        self._short: set[str] = set()
        self._looked_at = float("-inf")
        self._has_room = False
        self.is_rung = False
        self.epoch: int | None = None
        self.queue: tuple[WaitingJob, ...] = ()
        self.failing_since: float | None = None

    def sync(self, now: float, cpus: int, *, is_rung: bool, is_deaf: bool) -> None:
        """Write what has ended, look for what was cancelled or asked for. Never raises for what the store does.

        Args:
            now: On the dispatcher's clock.
            cpus: There are.
            is_rung: The bell tells that there is something to look for.
            is_deaf: It could not.
        """
        self.is_rung |= is_rung
        if self._rest.is_over(now):
            with self._faults(now):
                self._sync(now, cpus, is_deaf=is_deaf)

    def release(self, now: float) -> None:
        """Give up the lease. Jobs stay in processing, to be taken over."""
        with self._faults(now):
            self._lease.release()
        self._forget(tuple(self._board.jobs))

    @contextmanager
    def _faults(self, now: float) -> Iterator[None]:
        try:
            yield
        except Exception:
            log.exception("dispatcher.store_failed")
            self._rest.failed(now)
            self.failing_since = now if self.failing_since is None else self.failing_since
        else:
            self._rest.succeeded()
            self.failing_since = None

    @contextmanager
    def _own_faults(self, job_id: str, now: float) -> Iterator[None]:
        """A job whose rows cannot be written is given time of its own, so that it is not in everyone's way."""
        try:
            yield
        except Exception:
            self._rests.setdefault(job_id, Backoff(*_OWN_REST_S)).failed(now)
            raise
        self._rests.pop(job_id, None)

    def _is_resting(self, job_id: str, now: float) -> bool:
        return job_id in self._rests and not self._rests[job_id].is_over(now)

    def _sync(self, now: float, cpus: int, *, is_deaf: bool) -> None:
        epoch = self._hold_lease(now)
        if epoch is None:
            return
        self._end_jobs(epoch, now)
        is_due = now >= self._looked_at + self._look_after_s(is_deaf=is_deaf)
        if is_due or self.is_rung:
            self._drop_cancelled(now)
        if is_due:
            self._looked_at = now
            self.is_rung = False
            self.queue = self._store.waiting(_QUEUE_SEEN)
            self._has_room = True
        if self._has_room:
            self._claim(epoch, now, cpus)

    def _look_after_s(self, *, is_deaf: bool) -> float:
        """How long after the last look it is time for the next one."""
        if not (self.is_rung or is_deaf):
            return self._options.look_every_s
        if not self._board.jobs:
            return 0.0
        return LOOK_AGAIN_S if self.is_rung else self._options.look_deaf_every_s

    def _hold_lease(self, now: float) -> int | None:
        """The epoch under which to write. With a new one the rows say which jobs are ours."""
        epoch = self._lease.keep(now)
        if epoch is None:
            self._forget(tuple(self._board.jobs))
        elif epoch != self.epoch:
            with self._doubts():
                self._reconcile(self._store.take_over(epoch), now)
        self.epoch = epoch
        return epoch

    def _reconcile(self, ours: tuple[JobRequest, ...], now: float) -> None:
        """Jobs that run here already go on under their new attempt; the others begin or end."""
        self._forget(tuple(self._board.jobs.keys() - {request.job_id for request in ours}))
        for request in ours:
            log.info("job.taken_over", job_id=request.job_id, attempt=request.attempt)
            self._accept(request, now)

    @contextmanager
    def _doubts(self) -> Iterator[None]:
        """A claim that failed may still have been written: the next epoch will tell."""
        try:
            yield
        except Exception:
            self._lease.doubt()
            raise

    def _accept(self, request: JobRequest, now: float) -> None:
        job = self._board.add(request, now, now + self._options.job_deadline_s)
        if request.attempt > MOST_JOB_ATTEMPTS:
            self._board.end(job, _INTERRUPTED)

    def _forget(self, job_ids: Iterable[str]) -> None:
        self._board.drop(job_ids)
        self._teller.forget(job_ids)

    def _end_jobs(self, epoch: int, now: float) -> None:
        ended = [job for job in self._board.jobs.values() if not job.is_open]
        for job in ended:
            job_id = job.request.job_id
            if self._is_resting(job_id, now):
                continue
            with self._own_faults(job_id, now):
                self._end(job, epoch, now)
            self._forget((job_id,))
            self._has_room = True

    def _end(self, job: RunningJob, epoch: int, now: float) -> None:
        if job.product is not None:
            self._complete(job, job.product, epoch, now)
        elif job.failure is not None:
            self._fail(job, job.failure, epoch, now)

    def _complete(self, job: RunningJob, product: Product, epoch: int, now: float) -> None:
        job_id = job.request.job_id
        if self._store.complete(job.request, product, epoch):
            log.info("job.completed", job_id=job_id, kind=job.request.kind.value, seconds=round(now - job.since, 2))
            self._tell_end(job, JobState.COMPLETED, now)
        elif job_id in self._store.cancelled((job_id,)):
            self._tell_end(job, JobState.CANCELLED, now)
            self._errands.delete(product.keys if isinstance(product, JobOutput) else (product.key,))

    def _fail(self, job: RunningJob, failure: JobFailure, epoch: int, now: float) -> None:
        log.warning("job.failed", job_id=job.request.job_id, code=failure.code, reason=failure.message)
        if self._store.fail(job.request, failure, epoch):
            self._tell_end(job, JobState.FAILED, now)

    def _tell_end(self, job: RunningJob, state: JobState, now: float) -> None:
        self._metrics.job(state, now - job.since)
        self._teller.tell_end(job.progress({}, now), state)

    def record(self, progress: Iterable[JobProgress], now: float) -> None:
        """Write how far jobs are, and when those that wait are expected to end, where that is news."""
        known = {*self._board.jobs, *(job.job_id for job in self.queue)}
        self._teller.keep_only(known)
        self._rests = {job_id: rest for job_id, rest in self._rests.items() if job_id in known}
        if self.epoch is None or not self._rest.is_over(now):
            return
        news = self._teller.worth_recording(progress, now)
        if news:
            with self._faults(now):
                self._store.record_progress(news, self.epoch)

    def _drop_cancelled(self, now: float) -> None:
        cancelled = self._store.cancelled(tuple(self._board.jobs)) if self._board.jobs else frozenset()
        for job_id in cancelled:
            log.info("job.cancelled", job_id=job_id)
            self._tell_end(self._board.jobs[job_id], JobState.CANCELLED, now)
        if cancelled:
            self._forget(cancelled)
            self._has_room = True

    def _active_short(self) -> Counter[Group]:
        """How many of the jobs of each group that are at work were short when they waited."""
        self._short &= self._board.jobs.keys()
        return Counter(self._board.jobs[job_id].candidate.group for job_id in self._short)

    def _claim(self, epoch: int, now: float, cpus: int) -> None:
        """Take up who is next of those who were seen waiting; who has been cancelled since is not there to take."""
        room = max(self._options.fewest_active, 4 * cpus) - len(self._board.jobs)
        waiting = [job for job in self.queue if not self._is_resting(job.job_id, now)]
        chosen = claims(waiting, self._board.active(), room, short=self._active_short())
        self._has_room = len(chosen) > _CLAIMS_AT_ONCE
        for job in chosen[:_CLAIMS_AT_ONCE]:
            with self._doubts(), self._own_faults(job.job_id, now):
                request = self._store.claim(job.job_id, epoch)
            if request is not None:
                log.info("job.claimed", job_id=request.job_id, kind=request.kind.value, attempt=request.attempt)
                self._accept(request, now)
                if is_short(job):
                    self._short.add(job.job_id)
        taken = {job.job_id for job in chosen[:_CLAIMS_AT_ONCE]}
        self.queue = tuple(job for job in self.queue if job.job_id not in taken)
