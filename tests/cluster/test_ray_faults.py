import pytest
from ray import exceptions as ray_errors

from cluster.runtime.faults import ClusterLostError, fault_behind
from cluster.storage import StorageError
from cluster.work import FaultKind
from render_core.errors import InvalidInputError

NODE_DIED = ray_errors.NodeDiedError("the node died")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ray_errors.TaskCancelledError(), FaultKind.CANCELLED),
        (ray_errors.WorkerCrashedError(), FaultKind.WORKER_DIED),
        (ray_errors.OutOfMemoryError("the monitor ended it"), FaultKind.OUT_OF_MEMORY),
        (NODE_DIED, FaultKind.NODE_LOST),
        (ray_errors.ObjectLostError("00", "owner", "here"), FaultKind.NODE_LOST),
        (ray_errors.RaySystemError("something else"), FaultKind.INTERNAL),
        (ray_errors.RayTaskError("f", "", MemoryError()), FaultKind.OUT_OF_MEMORY),
        (ray_errors.RayTaskError("f", "", InvalidInputError("size", "too large")), FaultKind.INVALID_INPUT),
        (ray_errors.RayTaskError("f", "", StorageError("cells/key", "no answer")), FaultKind.STORAGE),
    ],
)
def test_what_ray_raises_is_a_fact(error: ray_errors.RayError, kind: FaultKind):
    assert fault_behind(error).kind is kind


def test_without_its_ray_a_process_is_of_no_use():
    with pytest.raises(ClusterLostError, match="a new process"):
        fault_behind(ray_errors.LocalRayletDiedError())
