"""Looking at a stage from outside: what its workers are at, what Redis says, what its processes cost."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from redis import Redis
from redis.client import PubSub

from cluster.jobs import JobProgress
from tests.processes import descendants
from tests.stage import Stage
from webapp.renders.signals import PROGRESS_CHANNEL, parse_progress

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at the workers, on ``time.time``: the names of what they are at."""

    at: float
    tasks: tuple[str, ...]


@dataclass
class Watched:
    """What was seen and heard, in order.

    Attributes:
        heard: Progress with the moment at which a subscriber had it.
    """

    samples: list[Sample] = field(default_factory=list)
    heard: list[tuple[float, JobProgress]] = field(default_factory=list)


@contextmanager
def watch(stage: Stage, every_s: float = 0.1) -> Iterator[Watched]:
    """Look at the workers and listen to Redis until the end of the block."""
    watched, stop = Watched(), threading.Event()
    threads = [
        threading.Thread(target=_look, args=(stage, watched, stop, every_s)),
        threading.Thread(target=_listen, args=(stage, watched, stop)),
    ]
    for thread in threads:
        thread.start()
    try:
        yield watched
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _look(stage: Stage, watched: Watched, stop: threading.Event, every_s: float) -> None:
    while not stop.wait(every_s):
        watched.samples.append(Sample(time.time(), tuple(stage.tasks().values())))


def _listen(stage: Stage, watched: Watched, stop: threading.Event) -> None:
    with (
        closing(Redis.from_url(stage.settings.redis.redis_url)) as redis,
        closing(PubSub(redis.connection_pool)) as ear,
    ):
        ear.subscribe(PROGRESS_CHANNEL)  # type: ignore[no-untyped-call] # redis leaves it untyped
        while not stop.is_set():
            message = ear.get_message(ignore_subscribe_messages=True, timeout=0.1)
            if message is not None:
                watched.heard.append((time.time(), parse_progress(message["data"])))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cpu:
    """CPU seconds up to a moment, or, as a difference, between two.

    Attributes:
        wall: Seconds of the clock.
        nodes: Of the cluster: Ray's own processes and the workers.
        dispatcher: Of all dispatchers.
        idle: Of the whole machine, unused by anyone.
    """

    wall: float
    nodes: float
    dispatcher: float
    idle: float

    @classmethod
    def of(cls, stage: Stage) -> Self:
        """Up to now."""
        nodes = [pid for node in (stage.head, *stage.nodes) for pid in (node.pid, *descendants(node.pid))]
        dispatchers = [pid for each in stage.dispatchers for pid in (each.pid, *descendants(each.pid))]
        return cls(
            wall=time.monotonic(),
            nodes=sum(map(_cpu_s, nodes)),
            dispatcher=sum(map(_cpu_s, dispatchers)),
            idle=_idle_s(),
        )

    def __sub__(self, before: Self) -> "Cpu":
        return Cpu(
            wall=self.wall - before.wall,
            nodes=self.nodes - before.nodes,
            dispatcher=self.dispatcher - before.dispatcher,
            idle=self.idle - before.idle,
        )

    @property
    def busy(self) -> float:
        """The cluster's share of what the machine's other work left it: 1 when it never waited for anything."""
        return self.nodes / (self.nodes + self.idle)


def _cpu_s(pid: int) -> float:
    """Of a process and of those of its children that have ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(map(int, fields[11:15])) * _TICK_S


def _idle_s() -> float:
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()
    return (int(fields[4]) + int(fields[5])) * _TICK_S
