"""Who answers for a task that has failed: its owner, the one piece that was being made, or nobody yet."""

from collections.abc import Iterable, Iterator, Mapping

import structlog

from cluster.board.flights import Flight
from cluster.board.pieces import Pieces
from cluster.board.running import RunningJob
from cluster.board.wishes import Wishes
from cluster.metrics import Metrics
from cluster.policies import NEEDS_PROOF, Retry, decide
from cluster.work import CellsTask, Fault, FaultKind

log = structlog.get_logger(__name__)


class Blame:
    """Has failed work tried again, or its jobs end."""

    def __init__(self, jobs: Mapping[str, RunningJob], wishes: Wishes, pieces: Pieces, metrics: Metrics) -> None:
        self._jobs = jobs
        self._wishes = wishes
        self._pieces = pieces
        self._metrics = metrics

    def settle(self, flight: Flight, fault: Fault, now: float) -> Iterable[RunningJob]:
        """Bad input is its owner's; the rest is blamed on the one piece that was being made, if that is certain.

        Returns:
            Jobs that may want something else now.
        """
        if isinstance(flight.task, CellsTask):
            self._metrics.cell("failed", 0.0)
        wanted = [key for key in flight.unfinished() if key in self._wishes]
        if fault.kind is FaultKind.INVALID_INPUT:
            return tuple(self._end_owner(flight, fault))
        if fault.kind in NEEDS_PROOF and len(wanted) > 1:
            self._pieces.suspect(wanted)
            self._metrics.retry(fault.kind)
            _log_fault(flight, wanted, fault, will_retry=True)
            return ()
        culprit = wanted[0] if wanted else flight.task.keys[-1]
        return self._charge(flight, culprit, fault, now) if culprit in self._wishes else ()

    def _end_owner(self, flight: Flight, fault: Fault) -> Iterator[RunningJob]:
        """Others who want the same have settings of their own."""
        job = self._jobs.get(flight.owner.job_id)
        if job is not None and job.is_open:
            job.take_fault(fault.kind, decide(fault, (), job.part(flight.task.keys[0])))
            _log_fault(flight, flight.task.keys, fault, will_retry=False)
            yield job

    def _charge(self, flight: Flight, key: str, fault: Fault, now: float) -> tuple[RunningJob, ...]:
        past = self._pieces[key].faults
        jobs = tuple(self._jobs[job_id] for job_id in self._wishes.wanting(key))
        decision = decide(fault, past, jobs[0].part(key))
        _log_fault(flight, (key,), fault, will_retry=isinstance(decision, Retry))
        for job in jobs:
            job.take_fault(fault.kind, decision)
        if isinstance(decision, Retry):
            self._pieces.blame(key, fault.kind, now + decision.after_s)
            self._metrics.retry(fault.kind)
        return jobs


def _log_fault(flight: Flight, keys: Iterable[str], fault: Fault, *, will_retry: bool) -> None:
    log.warning(
        "cluster.task_failed",
        job_id=flight.owner.job_id,
        task=flight.task.label,
        keys=list(keys),
        attempt=flight.task.attempt,
        fault=fault.kind.value,
        reason=fault.message,
        will_retry=will_retry,
    )
