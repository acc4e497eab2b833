"""The one loop between the rows of the database and the cluster: claim, dispatch, watch, complete, cancel.

The database is the truth, the runtime is the muscle. Nothing here cannot be lost: another dispatcher takes up what
the rows say. What comes next is decided by ``Workboard``; here it is done.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from cluster.board import Turn, Workboard
from cluster.dispatcher.capacity import Capacity
from cluster.dispatcher.errands import Errands
from cluster.dispatcher.overview import Overview
from cluster.dispatcher.rows import LOOK_AGAIN_S, Rows, RowsOptions
from cluster.dispatcher.telling import Teller
from cluster.jobs import JobFailure
from cluster.memory import InMemoryHealth
from cluster.metrics import CountingMetrics, Metrics, SilentMetrics
from cluster.ports import HealthSink, JobStore, ObjectStore, ProgressSink, Runtime, WakeUp
from cluster.scaling import ScalingPolicy
from cluster.work import Fault, FaultKind, Outcome

_NO_CAPACITY = JobFailure(
    code="no_capacity", message="There is no machine to do the work at the moment. Please try again later."
)
_TIMED_OUT = Fault(kind=FaultKind.TIMED_OUT, message="no result before the deadline")
_SURVEY_EVERY_S = 1.0
_KEEP_EVERY_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatcherOptions(RowsOptions):
    """Rhythm and bounds. Times in seconds.

    Attributes:
        holder: Names this process in the lease.
        poll_s: Longest wait for news while work is running.
        idle_s: Longest wait for the bell when there is nothing to do.
        lookahead: Tasks submitted beyond one a CPU, so that none stands idle between two.
        fewest_between: Plans and assemblies at a time, beside the former; else one for four CPUs.
        no_capacity_s: Without any CPU for so long, jobs are ended; a new machine may take minutes to come.
        scaling: When the autoscaler is asked for CPUs.
    """

    poll_s: float = 0.1
    idle_s: float = 1.0
    tell_every_s: float = 0.2
    record_every_s: float = 2.0
    lookahead: int = 1
    fewest_between: int = 2
    no_capacity_s: float = 600.0
    scaling: ScalingPolicy = field(default_factory=ScalingPolicy)
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
    metrics: Metrics = field(default_factory=SilentMetrics)


class Dispatcher:
    """Carries jobs from ``queued`` to their end. One thread; ``step`` never raises for what the store does."""

    def __init__(self, around: Surroundings, options: DispatcherOptions) -> None:
        self._runtime = around.runtime
        self._wake_up = around.wake_up
        self._health = around.health
        self._options = options
        self._errands = Errands(around.objects)
        self._costs = self._errands.known_costs()
        metrics = CountingMetrics(around.metrics)
        self._teller = Teller(around.sink, tell_every_s=options.tell_every_s, record_every_s=options.record_every_s)
        self._board = Workboard(self._costs, metrics)
        self._rows = Rows(around.store, self._board, self._teller, self._errands, metrics, options)
        self._capacity = Capacity(around.runtime, options.scaling, self._now())
        self._overview = Overview(
            holder=options.holder,
            board=self._board,
            rows=self._rows,
            capacity=self._capacity,
            runtime=around.runtime,
            metrics=metrics,
        )
        self._tell_at = self._survey_at = float("-inf")
        self._keep_at = self._now() + _KEEP_EVERY_S

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set; then leave what is unfinished to the next dispatcher."""
        try:
            is_rung = True
            while not stop.is_set():
                self.step(is_rung=is_rung)
                is_rung = self._wake_up.wait(0.0 if self._board.jobs else self._options.idle_s)
        finally:
            self.close()

    def close(self) -> None:
        """Stop the cluster's work and give up the lease. Jobs stay in processing, to be taken over."""
        if self._rows.epoch is not None:
            self._capacity.release()
            self._errands.keep_costs(self._costs)
        self._rows.release(self._now())
        self._cancel_unwanted()
        self._errands.close()

    def step(self, *, is_rung: bool = False) -> None:
        """One round. ``is_rung``: the bell has told of new or cancelled jobs since the last one."""
        self._collect()
        self._end_what_is_late()
        self._dispatch()
        self._rows.sync(self._now(), self._capacity.cpus, is_rung=is_rung, is_deaf=not self._wake_up.hears)
        self._dispatch()
        self._tell()
        self._survey()

    def _now(self) -> float:
        return self._options.clock()

    def _collect(self) -> None:
        """Outcomes change the board; the store hears of it later, so that a failing store loses none."""
        outcomes = self._runtime.poll(self._patience_s() if self._board.jobs else 0.0)
        now = self._now()
        self._board.observe(self._runtime.snapshots(), now)
        for outcome in outcomes:
            self._board.settle(outcome, now)

    def _patience_s(self) -> float:
        """How long to wait for outcomes: what there is to tell or to look at does not wait for them."""
        longest_s = LOOK_AGAIN_S if self._rows.is_rung else self._options.poll_s
        until_told_s = self._tell_at - self._now() if self._board.has_news else longest_s
        return max(0.0, min(longest_s, until_told_s))

    def _end_what_is_late(self) -> None:
        now = self._now()
        self._capacity.look(now, has_work=bool(self._board.jobs))
        if not self._capacity.cpus:
            self._board.restart_deadlines(now)
        for handle in self._board.expired(now):
            self._runtime.cancel(handle)
            self._board.settle(Outcome(handle=handle, fault=_TIMED_OUT), now)
        self._board.end_late_jobs(now)
        if self._capacity.without_s(now) > self._options.no_capacity_s:
            self._board.end_all(_NO_CAPACITY)

    def _dispatch(self) -> None:
        self._cancel_unwanted()
        cpus = self._capacity.cpus
        self._fill(self._lanes, between=True)
        self._fill(cpus + self._options.lookahead if cpus else 0, between=False)
        while self._board.in_flight(between=False) < cpus:
            twin = self._board.next_twin(self._now())
            if twin is None:
                return
            self._submit(twin)

    @property
    def _lanes(self) -> int:
        """Plans and assemblies that may run at a time."""
        return max(self._options.fewest_between, self._capacity.cpus // 4)

    def _fill(self, bound: int, *, between: bool) -> None:
        while self._board.in_flight(between=between) < bound:
            turn = self._board.next_turn(self._capacity.cpus, self._now(), between=between)
            if turn is None:
                return
            self._submit(turn)

    def _submit(self, turn: Turn) -> None:
        self._board.submitted(self._runtime.submit(turn.task), turn, self._now())

    def _cancel_unwanted(self) -> None:
        for handle in self._board.shed(self._now()):
            self._runtime.cancel(handle)

    def _tell(self) -> None:
        now = self._now()
        if now < self._tell_at or not self._board.has_news:
            return
        self._tell_at = now + self._options.tell_every_s
        self._board.has_news = False
        self._teller.tell(self._board.progress(now), now)

    def _survey(self) -> None:
        """What need not be looked at in every round. Who waits for the lease has nothing to say."""
        if self._rows.epoch is None:
            return
        now = self._now()
        if self._capacity.is_ask_due(now):
            self._capacity.ask(self._board.demand(len(self._rows.queue), now), now)
        if now < self._survey_at:
            return
        self._survey_at = now + _SURVEY_EVERY_S
        self._board.weigh()
        expected = self._board.foresee(self._rows.queue, self._capacity.cpus, self._lanes, now)
        self._rows.record((*self._board.progress(now), *expected), now)
        self._keep_costs(now)
        self._overview.count_queues()
        self._health.publish(self._overview.health(now))

    def _keep_costs(self, now: float) -> None:
        if now >= self._keep_at:
            self._keep_at = now + _KEEP_EVERY_S
            self._errands.keep_costs(self._costs)
