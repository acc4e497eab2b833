"""What to do about a failure: facts in, a decision out. The dispatcher carries it out."""

import errno
from dataclasses import dataclass
from math import ceil

from cluster.jobs import JobFailure
from cluster.storage import ObjectNotFoundError, StorageError
from cluster.work import AssembleTask, CellsTask, Fault, FaultKind, PlanTask, PrepareTask, Task
from render_core.errors import InvalidInputError, MediaError, MissingEncoderError
from render_core.ingest.prepare import LONGEST_WALL_S

_ATTEMPTS = {
    FaultKind.INVALID_INPUT: 1,
    FaultKind.WORKER_DIED: 2,
    FaultKind.OUT_OF_MEMORY: 3,
    FaultKind.TIMED_OUT: 2,
    FaultKind.INTERNAL: 2,
    FaultKind.NODE_LOST: 6,
    FaultKind.CANCELLED: 6,
    FaultKind.PARTS_MISSING: 3,
    FaultKind.STORAGE: 9,
    FaultKind.DISK_FULL: 9,
}
"""Attempts a piece of work gets with faults of one kind. Nine with back-off outlast 40 s without the store."""

_HEALING = {FaultKind.STORAGE, FaultKind.DISK_FULL, FaultKind.INTERNAL}
_LONGEST_WAIT_S = 8.0

_FILE_IS_GONE = "A file that this video needs is no longer there. Upload it again and render once more."

NEEDS_PROOF = {FaultKind.WORKER_DIED, FaultKind.OUT_OF_MEMORY, FaultKind.TIMED_OUT, FaultKind.INTERNAL}
"""What soon ends a job is counted only against work that was surely the cause: when it went without company."""

MOST_JOB_ATTEMPTS = 20
"""How often a job is taken over from dispatchers that died before it is held to be the cause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Do the work again.

    Attributes:
        after_s: Not sooner than in so many seconds.
    """

    after_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUp:
    """End every job that needs this work."""

    failure: JobFailure


Decision = Retry | GiveUp


def decide(fault: Fault, past: tuple[FaultKind, ...], part: str) -> Decision:
    """What to do after ``fault``.

    Args:
        fault: What has just happened.
        past: Kinds of the earlier faults of the same piece of work.
        part: What was being made, for the message: ``the part from 4 to 6 s``.
    """
    same = past.count(fault.kind)
    if same + 1 < _ATTEMPTS[fault.kind]:
        return Retry(after_s=_wait_s(fault.kind, same))
    return GiveUp(failure=_failure(fault, part))


def _wait_s(kind: FaultKind, same: int) -> float:
    """Exponential back-off for what needs time to heal; the rest may go on at once."""
    return min(_LONGEST_WAIT_S, 0.5 * 2.0**same) if kind in _HEALING else 0.0


def _failure(fault: Fault, part: str) -> JobFailure:
    if fault.kind is FaultKind.INVALID_INPUT:
        return JobFailure(code="invalid_input", message=fault.message)
    code, reason = {
        FaultKind.WORKER_DIED: ("poison_cell", "it crashed the renderer twice. Try another clip or other settings"),
        FaultKind.OUT_OF_MEMORY: ("poison_cell", "it needs too much memory. Try a smaller size or shorter clips"),
        FaultKind.TIMED_OUT: ("deadline", "it took too long. Try a smaller size or shorter clips"),
        FaultKind.DISK_FULL: ("internal", "the server's disk is full. Free some space on it, then render again"),
        FaultKind.STORAGE: ("internal", "the file storage could not be reached. Please try again later"),
    }.get(fault.kind, ("internal", "something went wrong on our side. Please try again"))
    return JobFailure(code=code, message=f"We could not make {part}: {reason}.")


def memory_factor(past: tuple[FaultKind, ...], megapixels: float = 0.0) -> int:
    """How many times the usual memory, half a GiB, the next attempt should ask for.

    Args:
        past: Kinds of the earlier faults of the work.
        megapixels: Of a frame. Measured: a worker needs a quarter of a GiB and a tenth for each.
    """
    return ceil((0.25 + 0.1 * megapixels) / 0.5) << past.count(FaultKind.OUT_OF_MEMORY)


class PartsMissingError(StorageError):
    """A part that was there when the video was planned is gone."""


class UploadRejectedError(MediaError):
    """An upload that cannot be used as what it was sent for."""


def fault_of(error: BaseException) -> Fault:
    """The fact behind an exception that a task raised. Whether it can be cured is in its type, never in its text."""
    match error:
        case PartsMissingError():
            kind, message = FaultKind.PARTS_MISSING, str(error)
        case ObjectNotFoundError():
            kind, message = FaultKind.INVALID_INPUT, _FILE_IS_GONE
        case OSError(errno=errno.ENOSPC | errno.EDQUOT):
            kind, message = FaultKind.DISK_FULL, str(error)
        case StorageError() | OSError():
            kind, message = FaultKind.STORAGE, str(error)
        case UploadRejectedError():
            kind, message = FaultKind.INVALID_INPUT, error.problem
        case MediaError():
            kind, message = FaultKind.INVALID_INPUT, f"A file of this video cannot be used: {error.problem}"
        case MissingEncoderError() | InvalidInputError():
            kind, message = FaultKind.INVALID_INPUT, str(error)
        case MemoryError():
            kind, message = FaultKind.OUT_OF_MEMORY, "the worker ran out of memory"
        case _:
            kind, message = FaultKind.INTERNAL, f"{type(error).__name__}: {error}"
    return Fault(kind=kind, message=message)


def deadline_s(task: Task) -> float:
    """Seconds after which a submitted task is held to hang. Generous: a queue on a slow, loaded machine is normal."""
    if isinstance(task, CellsTask):
        return 180.0 + 180.0 * len(task.cells)
    if isinstance(task, PlanTask):
        return 180.0
    if isinstance(task, AssembleTask):
        return 600.0 + task.plan.frame_count / 30
    if isinstance(task, PrepareTask):
        return 300.0 + LONGEST_WALL_S
    return 900.0


def silence_s(expected_s: float) -> float:
    """Seconds without a frame after which a task that was running is held to hang. ``expected_s``: for all of it."""
    return max(60.0, 5.0 * expected_s)
