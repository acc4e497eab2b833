"""What Ray raises, as facts."""

from ray import exceptions as ray_errors

from cluster.policies import fault_of
from cluster.work import Fault, FaultKind


class ClusterLostError(Exception):
    """This process's Ray is gone for good, and no task can be started any more: a new process must take over."""

    def __str__(self) -> str:
        return "this machine's Ray has ended: a new process must take over"


def fault_behind(error: ray_errors.RayError) -> Fault:
    """The fact behind what Ray raises for a task.

    Raises:
        ClusterLostError: If it means that no further task can be submitted.
    """
    match error:
        case ray_errors.LocalRayletDiedError():
            raise ClusterLostError from error
        case ray_errors.TaskCancelledError():
            return Fault(kind=FaultKind.CANCELLED, message="the task was cancelled from outside")
        case ray_errors.RayTaskError():
            return fault_of(error.cause)
        case ray_errors.OutOfMemoryError():
            kind = FaultKind.OUT_OF_MEMORY
        case ray_errors.WorkerCrashedError():
            kind = FaultKind.WORKER_DIED
        case ray_errors.NodeDiedError() | ray_errors.ObjectLostError():
            kind = FaultKind.NODE_LOST
        case _:
            kind = FaultKind.INTERNAL
    return Fault(kind=kind, message=f"{type(error).__name__}: {error}")
