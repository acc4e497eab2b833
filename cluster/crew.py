"""Work side by side on one machine: this process and others that help it. Helpers import this module and no more."""

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Event
from pathlib import Path

from cluster import tasks
from cluster.jobs import CellResult
from cluster.ports import ObjectStore
from cluster.progress import Reporter
from cluster.work import CellSnapshot, Task
from render_core.spec import AssetRef

Report = Callable[[CellSnapshot], None]

_POLL_S = 0.1


class StoppedError(Exception):
    """The render was stopped while a helper was at it."""


@dataclass(frozen=True, slots=True)
class LocalPlace:
    """A workplace that can be sent to another process, without its way to report.

    Attributes:
        objects: Where the results go.
        paths: Files of the assets by their keys.
    """

    objects: ObjectStore
    paths: Mapping[str, Path]

    def work(self, task: Task, report: Report) -> tuple[CellResult, ...]:
        """Carry a task out in this process."""
        place = tasks.Workplace(objects=self.objects, locate=self._locate, report=report)
        result = tasks.carry_out(task, place)
        return result if isinstance(result, tuple) else ()

    def _locate(self, asset: AssetRef) -> Path:
        return self.paths[asset.key]


def carry_out_all(todo: Sequence[Task], place: LocalPlace, jobs: int, report: Report) -> Iterator[CellResult]:
    """Carry all tasks out in so many processes, of which this is one.

    When a helper dies, often for lack of memory, the rest is done here, one task after the other.
    """
    helpers = min(jobs, len(todo)) - 1
    if helpers > 0:
        with suppress(BrokenProcessPool), _pool(helpers) as (pool, reports):
            yield from _Crew(todo, place, pool, reports, helpers, report).results()
            return
    for task in todo:
        yield from place.work(task, report)


class _Crew:
    """What is to be done and who is at it. This process looks after its helpers before each frame of its own."""

    def __init__(
        self,
        todo: Sequence[Task],
        place: LocalPlace,
        pool: ProcessPoolExecutor,
        reports: "SimpleQueue[CellSnapshot]",
        helpers: int,
        report: Report,
    ) -> None:
        self._waiting = deque(todo)
        self._place = place
        self._pool = pool
        self._reports = reports
        self._helpers = helpers
        self._report = report
        self._busy: set[Future[tuple[CellResult, ...]]] = set()
        self._done: deque[CellResult] = deque()

    def results(self) -> Iterator[CellResult]:
        """All results, as they come."""
        self._look_after()
        while self._waiting or self._busy:
            if self._waiting:
                self._done.extend(self._place.work(self._waiting.popleft(), self._between_frames))
            else:
                wait(self._busy, timeout=_POLL_S, return_when=FIRST_COMPLETED)
            self._look_after()
            while self._done:
                yield self._done.popleft()

    def _between_frames(self, snapshot: CellSnapshot) -> None:
        self._report(snapshot)
        self._look_after()

    def _look_after(self) -> None:
        """Pass on what helpers tell, take what they have done, and give them more."""
        while not self._reports.empty():
            self._report(self._reports.get())
        for future in [future for future in self._busy if future.done()]:
            self._busy.remove(future)
            self._done.extend(future.result())
        while self._waiting and len(self._busy) < self._helpers:
            with _sigint_held_back():
                self._busy.add(self._pool.submit(_help, self._waiting.popleft(), self._place))


@contextmanager
def _pool(helpers: int) -> Iterator[tuple[ProcessPoolExecutor, "SimpleQueue[CellSnapshot]"]]:
    """Processes that end with the block, within a frame if it ends early (Ctrl-C, a failure)."""
    spawn = multiprocessing.get_context("spawn")
    stop, reports = spawn.Event(), spawn.SimpleQueue()
    pool = ProcessPoolExecutor(helpers, spawn, _enter, (stop, reports))
    try:
        yield pool, reports
    except BaseException:
        stop.set()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
        reports.close()


@contextmanager
def _sigint_held_back() -> Iterator[None]:
    """Processes started meanwhile never see Ctrl-C: this one tells them to stop, and nobody prints a traceback."""
    held_back = {signal.SIGINT}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, held_back)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Helper:
    """What a helping process was given when it started."""

    def __init__(self, stop: Event, reports: "SimpleQueue[CellSnapshot]") -> None:
        self._stop = stop
        self._pass_on = Reporter(reports.put)

    def report(self, snapshot: CellSnapshot) -> None:
        if self._stop.is_set():
            raise StoppedError
        self._pass_on(snapshot)


_helper: list[_Helper] = []
"""A helping process has one entry, set by its initialiser: semaphores and pipes cannot be sent with a task."""


def _enter(stop: Event, reports: "SimpleQueue[CellSnapshot]") -> None:
    _helper.append(_Helper(stop, reports))


def _help(task: Task, place: LocalPlace) -> tuple[CellResult, ...]:
    return place.work(task, _helper[0].report)
