"""What runs on a worker."""

import os
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import structlog

from cluster import tasks
from cluster.logs import configure_logging
from cluster.policies import fault_of
from cluster.ports import ObjectStore
from cluster.progress import Reporter
from cluster.work import FaultKind, Result, Task
from render_core.ingest import landlock
from render_core.process import prepare_process
from render_core.spec import AssetRef

log = structlog.get_logger(__name__)

NICENESS = 15
"""Of the thread that does the tasks and of all that it starts: web, dispatcher and database go first.

Linux keeps it by thread. Those of Ray's threads that tell results and progress and hear of cancellations go on as they
are; when they were as nice, they waited for their turn behind all who render.
"""


def carry_out(
    task: Task,
    objects: ObjectStore,
    progress: Any,  # noqa: ANN401 - an actor
    scratch: Path | None,
    needs_wall: bool,  # noqa: FBT001 - what Ray hands on has no names
) -> Result:
    """Do a task, with its names on every line that is logged meanwhile."""
    _prepare()
    report = Reporter(progress.report.remote)
    locate = _Locate(objects)
    place = tasks.Workplace(objects=objects, locate=locate, report=report, scratch=scratch, needs_wall=needs_wall)
    with structlog.contextvars.bound_contextvars(task=task.label, attempt=task.attempt, **_ids(task)):
        began = time.perf_counter()
        try:
            result = tasks.carry_out(task, place)
        except Exception as error:
            fault = fault_of(error)
            is_unknown = fault.kind is FaultKind.INTERNAL
            log.warning("task.failed", fault=fault.kind.value, reason=fault.message, exc_info=is_unknown)
            raise
        log.info("task.done", seconds=round(time.perf_counter() - began, 3))
        return result


def warm_up() -> None:
    """That this could be unpickled means that everything is imported.

    It stays a moment, so that the next one wakes another worker.
    """
    _prepare()
    time.sleep(1.0)


def _ids(task: Task) -> dict[str, str]:
    """A task's labels under the keys that they have in the dispatcher's log."""
    return {f"{name}_id" if name in {"job", "video", "asset"} else name: value for name, value in task.labels.items()}


@lru_cache(maxsize=1)
def _prepare() -> None:
    os.setpriority(os.PRIO_PROCESS, 0, max(NICENESS, os.getpriority(os.PRIO_PROCESS, 0)))
    configure_logging()
    prepare_process()
    if not landlock.is_available():
        log.warning("worker.unwalled", reason=landlock.MISSING)


@dataclass(frozen=True, slots=True)
class _Locate:
    objects: ObjectStore

    def __call__(self, asset: AssetRef) -> Path:
        return self.objects.materialise(asset.key)
