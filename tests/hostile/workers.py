"""A runtime on this machine: processes that prepare one upload after the other, and tell what each has cost."""

import resource
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from queue import Empty, SimpleQueue

from cluster.health import NodeHealth
from cluster.policies import fault_of
from cluster.ports import ObjectStore
from cluster.preparation import prepare_asset
from cluster.tasks import Workplace
from cluster.work import CellSnapshot, Handle, Outcome, PrepareTask, Task


@dataclass(frozen=True, slots=True)
class Cost:
    """What the confined child of a preparation has used: its processor time, and the most memory of any so far."""

    cpu_s: float
    memory_bytes: int


class Workers:
    """Carries preparations out, and nothing else.

    Args:
        objects: Where uploads are.
        on_cost: Told of each preparation once it has ended, from a thread.
        count: Processes.
    """

    def __init__(self, objects: ObjectStore, on_cost: Callable[[Cost], None], count: int) -> None:
        self._objects, self._on_cost, self._count = objects, on_cost, count
        self._pool = ProcessPoolExecutor(count, get_context("spawn"))
        self._ended: SimpleQueue[Outcome] = SimpleQueue()
        self._submitted = 0

    def submit(self, task: Task) -> Handle:
        assert isinstance(task, PrepareTask)
        self._submitted += 1
        handle = str(self._submitted)
        self._pool.submit(_prepared, task, handle, self._objects).add_done_callback(partial(self._note, handle))
        return handle

    def _note(self, handle: Handle, done: "Future[tuple[Outcome, Cost]]") -> None:
        if done.cancelled():
            return
        if (error := done.exception()) is not None:  # a worker has died
            self._ended.put(Outcome(handle=handle, fault=fault_of(error)))
            return
        outcome, cost = done.result()
        self._on_cost(cost)
        self._ended.put(outcome)

    def poll(self, timeout_s: float) -> tuple[Outcome, ...]:
        found = list[Outcome]()
        try:
            found.append(self._ended.get(timeout=timeout_s))
            while True:
                found.append(self._ended.get_nowait())
        except Empty:
            return tuple(found)

    def cancel(self, handle: Handle) -> None:
        """What has begun goes on to its end, and nobody waits for it."""

    def snapshots(self) -> Mapping[str, CellSnapshot]:
        return {}

    def capacity(self) -> int:
        return self._count

    def nodes(self) -> tuple[NodeHealth, ...]:
        return (NodeHealth(node_id="here", name="here", cpus=self._count),)

    def request(self, cpus: int) -> None:
        """There are no more."""

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)


def _prepared(task: PrepareTask, handle: Handle, objects: ObjectStore) -> tuple[Outcome, Cost]:
    place = Workplace(objects=objects, locate=lambda ref: objects.materialise(ref.key), report=lambda _: None)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        outcome = Outcome(handle=handle, result=prepare_asset(task, place))
    except Exception as error:  # noqa: BLE001 - the dispatcher judges it, as it does with any worker's
        outcome = Outcome(handle=handle, fault=fault_of(error))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return outcome, Cost(round(cpu_s, 3), after.ru_maxrss * 1024)
