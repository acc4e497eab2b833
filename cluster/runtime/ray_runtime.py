"""The cluster's muscle: submits tasks, hears how they ended, ends them."""

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import ray
from ray import exceptions as ray_errors

from cluster.health import NodeHealth
from cluster.ports import ObjectStore
from cluster.runtime import worker
from cluster.runtime.connection import Connection, RaySettings
from cluster.runtime.endings import Endings
from cluster.runtime.faults import ClusterLostError, fault_behind
from cluster.runtime.nodes import Nodes
from cluster.runtime.reports import Reports
from cluster.work import AssembleTask, CellSnapshot, Handle, Outcome, PlanTask, Result, Task


@dataclass(frozen=True, slots=True)
class _Submission:
    ref: Any
    keys: tuple[str, ...]


class RayRuntime:
    """A ``Runtime`` on Ray. This process must live long: it owns the tasks. Not for several threads at once."""

    def __init__(self, objects: ObjectStore, settings: RaySettings) -> None:
        self._objects = objects
        self._settings = settings
        self._connection = Connection(settings)
        self._run = ray.remote(max_retries=0)(worker.carry_out)
        self._nodes = Nodes()
        self._has_news = threading.Event()
        self._reports = Reports(self.wake)
        self._endings = Endings()
        self._submissions: dict[Handle, _Submission] = {}
        self._ended: deque[tuple[Handle, Future[Result]]] = deque()
        self._requested: int | None = None
        self._warming = self._warm_up()

    @property
    def dashboard(self) -> str:
        """Address of Ray's dashboard; empty where there is none."""
        return self._connection.dashboard

    def submit(self, task: Task) -> Handle:
        """Start a task as soon as a CPU is free; plans and assemblies are short and do not wait for one."""
        ref = self._run.options(name=_title(task), **self._needs(task)).remote(
            task, self._objects, self._reports.actor, self._connection.scratch, self._settings.needs_wall
        )
        handle: Handle = ref.hex()
        self._submissions[handle] = _Submission(ref, task.keys)
        ref.future().add_done_callback(partial(self._note_end, handle))
        return handle

    def poll(self, timeout_s: float) -> tuple[Outcome, ...]:
        """Submissions that have ended since the last call; waits up to ``timeout_s`` for the first, or for any news.

        Raises:
            ClusterLostError: If nothing can be submitted any more.
        """
        self._has_news.wait(timeout_s)
        self._has_news.clear()
        return tuple(self._outcomes())

    def wake(self) -> None:
        """End the wait of ``poll``, from any thread: something else is to be seen to."""
        self._has_news.set()

    def cancel(self, handle: Handle) -> None:
        """Ask a task to end, and end it by force soon after."""
        submission = self._take_off(handle)
        if submission is not None:
            self._endings.ask(submission.ref)

    def snapshots(self) -> Mapping[str, CellSnapshot]:
        """Latest known progress by the key of the work; asks the actor without waiting for its answer."""
        return self._reports.snapshots(is_working=bool(self._submissions))

    def capacity(self) -> int:
        """CPUs there are now, looked up once a second."""
        return self._nodes.cpus()

    def nodes(self) -> tuple[NodeHealth, ...]:
        """The machines there are, looked up once a second."""
        return self._nodes.all()

    def request(self, cpus: int) -> None:
        """Ask Ray's autoscaler for so many CPUs in all: that holds until the next call, whoever dies meanwhile.

        Raises:
            ClusterLostError: If the head of the cluster does not answer.
        """
        if cpus == self._requested or self._connection.is_local:
            return
        from ray.autoscaler.sdk import request_resources  # loads much that workers, who import this too, never need

        try:
            request_resources(bundles=[{"CPU": 1}] * cpus)
        except ray_errors.RayError as error:
            raise ClusterLostError from error
        self._requested = cpus

    def close(self) -> None:
        """End all tasks, take the request for CPUs back and leave the cluster."""
        for submission in self._submissions.values():
            ray.cancel(submission.ref, force=True)
        self._submissions.clear()
        self._endings.close()
        with suppress(ClusterLostError):
            self.request(0)
        self._connection.close()

    def _needs(self, task: Task) -> dict[str, int]:
        if isinstance(task, PlanTask | AssembleTask):
            return {"num_cpus": 0, "memory": 0}
        wanted = self._settings.task_memory_bytes * task.memory_factor
        return {"num_cpus": 1, "memory": min(wanted, self._nodes.largest_memory() or wanted)}

    def _note_end(self, handle: Handle, ended: "Future[Result]") -> None:
        """In one of Ray's threads."""
        self._ended.append((handle, ended))
        self.wake()

    def _outcomes(self) -> Iterator[Outcome]:
        """Of what nobody has cancelled meanwhile."""
        while self._ended:
            handle, ended = self._ended.popleft()
            if self._take_off(handle) is not None:
                yield _outcome(handle, ended)

    def _take_off(self, handle: Handle) -> _Submission | None:
        submission = self._submissions.pop(handle, None)
        if submission is not None:
            self._reports.forget(submission.keys)
        return submission

    def _warm_up(self) -> list[Any]:
        """Wake a worker for each CPU and one for short tasks; the references keep the tasks alive."""
        return [ray.remote(num_cpus=n, max_retries=0)(_warming_up()).remote() for n in (*[1] * self.capacity(), 0)]


def _warming_up() -> Callable[[], None]:
    """What wakes a worker. It is sent itself, not by name, so that the worker is nice before it loads anything."""
    niceness = worker.NICENESS

    def warm_up() -> None:
        os.setpriority(os.PRIO_PROCESS, 0, max(niceness, os.getpriority(os.PRIO_PROCESS, 0)))
        from cluster.runtime import worker

        worker.warm_up()

    return warm_up


def _outcome(handle: Handle, ended: "Future[Result]") -> Outcome:
    try:
        return Outcome(handle=handle, result=ended.result())
    except ray_errors.RayError as error:
        return Outcome(handle=handle, fault=fault_behind(error))


def _title(task: Task) -> str:
    """What the dashboard, ``ray list tasks`` and ``ps`` show: there is no other place for a task's labels."""
    shown = (f"{name}={value}" for name, value in task.labels.items() if name != "job")  # its label has that
    return " ".join((task.label, *shown))
