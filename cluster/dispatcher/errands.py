"""What the dispatcher has done in the object store: off its loop, for a store that is slow must not stop the work."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor

import structlog

from cluster.cost import CostModel
from cluster.ports import ObjectStore
from cluster.storage import StorageError

log = structlog.get_logger(__name__)

_COSTS = "cluster/cost-model.json"


class Errands:
    """One thread that does what may fail without harm, in order."""

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="errands")

    def delete(self, keys: Iterable[str]) -> None:
        """Remove files that nobody will ask for. One that stays costs space and nothing else."""
        for key in keys:
            self._send(self._objects.delete, key)

    def known_costs(self) -> CostModel:
        """What earlier dispatchers have learnt; a new model where there is none."""
        try:
            size = self._objects.size(_COSTS)
            return CostModel() if size is None else CostModel.load(self._objects.read(_COSTS))
        except (StorageError, OSError) as error:
            log.warning("cluster.costs_not_read", reason=str(error))
            return CostModel()

    def keep_costs(self, costs: CostModel) -> None:
        """Write down what was learnt."""
        self._send(self._objects.put_bytes, _COSTS, costs.dump())

    def close(self) -> None:
        """Finish what was begun."""
        self._thread.shutdown()

    def _send(self, work: Callable[..., object], *args: object) -> None:
        self._thread.submit(work, *args).add_done_callback(_tell_failure)


def _tell_failure(done: Future[object]) -> None:
    if error := done.exception():
        log.warning("cluster.errand_failed", reason=str(error))
