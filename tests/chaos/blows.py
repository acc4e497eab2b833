"""How each blow is struck."""

import os
import re
import signal
import threading
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress

from tests.chaos.database_proxy import Cut, DatabaseProxy
from tests.chaos.script import Blow, Step
from tests.chaos.store_proxy import StoreProxy
from tests.processes import words
from tests.stage import Stage

_TASK = re.compile(r"(?P<kind>plan|cell|sound|assemble|prepare):(?P<job>[0-9a-f-]{36})")
_ALONE = {"plan", "assemble", "prepare"}
"""Work of one job, that it shares with nobody."""
_FROZEN_S = 1.5
LEAST_OUTAGE = 20
"""Requests that an outage of the store refuses; it may be twice as many more."""


class Striker:
    """Strikes blows at a stage.

    A part of a video may cost two workers their lives and no more, by design: so each part of a job, and all cells of
    orders that share them, are hit by one kill at most.

    Attributes:
        struck: How often each blow was struck.
        groups: Which orders share cells, by job.
        fallen: Last words of dispatchers that ended by themselves.
    """

    def __init__(self, stage: Stage, store: StoreProxy, database: DatabaseProxy) -> None:
        self._stage = stage
        self._store = store
        self._database = database
        self._hit: set[tuple[str, object]] = set()
        self.groups: dict[str, int] = {}
        self.struck: Counter[Blow] = Counter()
        self.fallen: list[str] = []

    def mend(self) -> None:
        """Start again what has ended by itself, as those would who look after it."""
        for node in self._stage.nodes:
            if not node.is_running:
                node.start()
        for dispatcher in self._stage.dispatchers:
            if not dispatcher.is_running:
                self.fallen.append(dispatcher.printed().strip()[-300:])
                dispatcher.start()

    def strike(self, step: Step) -> bool:
        """Strike, if there is something to hit now."""
        ways = {
            Blow.KILL_WORKER: self._kill_worker,
            Blow.KILL_ACTOR: self._kill_actor,
            Blow.KILL_DISPATCHER: self._kill_dispatcher,
            Blow.RESTART_REDIS: self._restart_redis,
            Blow.FREEZE_REDIS: self._freeze_redis,
            Blow.REMOVE_NODE: self._remove_node,
            Blow.CUT_DATABASE: self._cut_database,
            Blow.STORE_OUTAGE: self._store_outage,
        }
        is_struck = ways[step.blow](step.draw)
        self.struck[step.blow] += is_struck
        return is_struck

    def _kill_worker(self, draw: float) -> bool:
        """One that is at a task. It is halted first: it may have gone on to another task meanwhile."""
        at_work = sorted((title, pid) for pid, title in self._stage.tasks().items() if self._may_hit(title))
        if not at_work:
            return False
        title, pid = at_work[int(draw * len(at_work))]
        return self._kill(pid, title)

    def _may_hit(self, title: str) -> bool:
        part = self._part(title)
        return part is not None and part not in self._hit

    def _part(self, title: str) -> tuple[str, object] | None:
        found = _TASK.match(title)
        if found is None:
            return None
        kind, job = found["kind"], found["job"]
        return (kind, job) if kind in _ALONE else (kind, self.groups.get(job, job))

    def _kill(self, pid: int, title: str) -> bool:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
            if " ".join(words(pid)).strip() != f"ray::{title}":
                os.kill(pid, signal.SIGCONT)
                return False
            os.kill(pid, signal.SIGKILL)
            part = self._part(title)
            if part is not None:
                self._hit.add(part)
            return True
        return False

    def _kill_actor(self, _draw: float) -> bool:
        actors = [(pid, title) for pid, title in self._stage.tasks().items() if title.startswith("RenderProgress")]
        return sum(self._kill(pid, title) for pid, title in actors) > 0

    def _kill_dispatcher(self, _draw: float) -> bool:
        """The active one, when another waits to take over; a third is started to wait in its turn."""
        active = self._stage.active_dispatcher()
        waiting = [each for each in self._stage.dispatchers if each is not active and each.is_up]
        if active is None or not waiting or not self._stage.tasks():
            return False
        active.kill()
        self._stage.dispatchers.remove(active)
        self._stage.add_dispatcher()
        return True

    def _restart_redis(self, _draw: float) -> bool:
        self._stage.redis.restart()
        return True

    def _freeze_redis(self, _draw: float) -> bool:
        """It hears and says nothing for a while."""
        pid = self._stage.redis.pid
        os.kill(pid, signal.SIGSTOP)
        threading.Timer(_FROZEN_S, _thaw, (pid,)).start()
        return True

    def _remove_node(self, draw: float) -> bool:
        """A machine falls and another one comes; the next falls when all are up again."""
        nodes = self._stage.nodes
        if not all(node.is_up for node in nodes):
            return False
        self._stage.remove_node(nodes[int(draw * len(nodes))])
        self._stage.add_node()
        return True

    def _cut_database(self, draw: float) -> bool:
        cut = Cut.BEFORE if draw < 0.5 else Cut.AFTER
        self._database.cut(cut, after=int(draw * 100) % 10)
        return True

    def _store_outage(self, draw: float) -> bool:
        self._store.refuse(int(LEAST_OUTAGE * (1 + 2 * draw)))
        return True

    def faults(self) -> Mapping[str, int]:
        """All that went wrong by now, by kind; an outage counts as the requests that it refused."""
        struck = {blow.value: count for blow, count in self.struck.items() if blow is not Blow.STORE_OUTAGE}
        struck[Blow.CUT_DATABASE.value] = self._database.cuts
        return struck | {f"store: {fate.value}": count for fate, count in self._store.turns.given.items()}


def _thaw(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)
