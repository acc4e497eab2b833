"""Ending tasks: asked first, by force when they linger."""

import threading
import time
from contextlib import suppress
from queue import SimpleQueue
from typing import Any

import ray
from ray import exceptions as ray_errors

_GRACE_S = 0.5
"""Between asking a task to end and ending its process: a frame is done by then, a blocking call hears nothing."""


class Endings:
    """Cancelled tasks on their way out. Its thread sees to it whatever the process does meanwhile."""

    def __init__(self) -> None:
        self._asked: SimpleQueue[tuple[Any, float] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._force, name="endings", daemon=True)
        self._thread.start()

    def ask(self, ref: Any) -> None:  # noqa: ANN401 - Ray's references have no public type
        """End a task: one that waits never starts, one that runs is interrupted."""
        ray.cancel(ref)
        self._asked.put((ref, time.monotonic() + _GRACE_S))

    def close(self) -> None:
        """Wait until the last task that was asked has ended."""
        self._asked.put(None)
        self._thread.join()

    def _force(self) -> None:
        while (asked := self._asked.get()) is not None:
            ref, deadline = asked
            with suppress(ray_errors.RayError):  # a cluster that is lost has ended it
                if not ray.wait([ref], timeout=max(0.0, deadline - time.monotonic()))[0]:
                    ray.cancel(ref, force=True)
