"""The actor that workers report their progress to."""

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from typing import Any

import ray
import structlog
from ray import exceptions as ray_errors
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from cluster.progress import RenderProgress
from cluster.runtime.connection import NAMESPACE
from cluster.work import CellSnapshot

log = structlog.get_logger(__name__)

_ASK_EVERY_S = 0.4
"""A call costs the driver about 1.5 ms of CPU in all its threads."""


class Reports:
    """Snapshots of the work in the cluster, without waiting for the actor's answers.

    Args:
        on_answer: Called by one of Ray's threads when there are new ones.
    """

    def __init__(self, on_answer: Callable[[], None]) -> None:
        self.actor = _find_actor()
        self._on_answer = on_answer
        self._snapshots: dict[str, CellSnapshot] = {}
        self._ended: list[str] = []
        self._answer: Future[tuple[CellSnapshot, ...]] | None = None
        self._ask_at = 0.0

    def snapshots(self, *, is_working: bool) -> Mapping[str, CellSnapshot]:
        """Latest known progress by the key of the work. Asks for the next only while there is work."""
        now = time.monotonic()
        if self._answer is not None and self._answer.done():
            self._hear(self._answer)
            self._answer = None
        if self._answer is None and (is_working or self._ended) and now >= self._ask_at:
            self._ask()
            self._ask_at = now + _ASK_EVERY_S
        return self._snapshots

    def forget(self, keys: Iterable[str]) -> None:
        """Nobody works on these any more: the actor is told with the next question."""
        self._ended += keys

    def _ask(self) -> None:
        ended, self._ended = tuple(self._ended), []
        answer: Future[tuple[CellSnapshot, ...]] = self.actor.snapshots.remote(ended).future()
        answer.add_done_callback(lambda _: self._on_answer())
        self._answer = answer

    def _hear(self, answer: Future[tuple[CellSnapshot, ...]]) -> None:
        """Take the actor's answer. It restarts by itself; one that is gone for good is replaced."""
        try:
            self._snapshots = {snapshot.key: snapshot for snapshot in answer.result()}
        except ray_errors.ActorDiedError:
            log.warning("cluster.progress_actor_replaced")
            self.actor = _find_actor()
        except ray_errors.RayActorError:
            log.warning("cluster.progress_actor_away")


def actor_name() -> str:
    """What this process's actor is called. Another's would die with that process, and its handles become unreadable."""
    return f"progress:{ray.get_runtime_context().get_job_id()}"


def _find_actor() -> Any:  # noqa: ANN401 - Ray makes the class
    """The one of this process, or a new one beside it: there it hinders no machine from being given back."""
    actor = ray.remote(num_cpus=0, max_restarts=-1)(RenderProgress)
    return actor.options(
        name=actor_name(),
        namespace=NAMESPACE,
        get_if_exists=True,
        scheduling_strategy=NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False),
        enable_task_events=False,  # several calls a second would bury the tasks in the dashboard
    ).remote()
