"""What the dispatcher itself costs: its CPU time for each cell, with workers that only let the time pass.

    python benchmarks/dispatcher_cost.py [--cpus 25 --jobs 220 --cells 6 --cell-seconds 0.5 --profile]

The real dispatcher and the real job store on SQLite; instead of Ray a runtime whose tasks take their time and report
their frames, but do nothing. Ray's own cost for a task (0.8 ms, measured) comes on top.
"""

import argparse
import cProfile
import heapq
import pstats
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import count
from pathlib import Path

import structlog

sys.path.insert(0, str(Path(__file__).parents[1]))  # the tests' fakes, when run as a program

from cluster.dispatcher import Dispatcher, DispatcherOptions, Surroundings
from cluster.health import NodeHealth
from cluster.jobs import CellResult, JobOutput
from cluster.memory import InMemoryBell, InMemorySink
from cluster.storage import LocalObjectStore
from cluster.work import AssembleTask, CellSnapshot, CellsTask, Outcome, PlanTask, RenderPlan, Result, Task
from render_core.cells import Cell
from render_core.spec import RenderSpec
from webapp.accounts.service import ensure_user
from webapp.container import Container, build_container
from webapp.db import migrate, unit_of_work
from webapp.models import PlanName, RenderJob, UserVideo
from webapp.renders.store import SqlJobStore
from webapp.settings import AppSettings, Settings
from webapp.workspaces.service import personal_workspace

_PLANS = (PlanName.FREE, PlanName.PRO, PlanName.ENTERPRISE)
_FRAMES = 60
_SHORT_S = 0.05


@dataclass
class PacedRuntime:
    """Tasks that take their time: each on the first CPU that is free, short ones beside them."""

    cpus: int
    cell_s: float
    begun: dict[str, tuple[Task, float]] = field(default_factory=dict)
    _ends: list[tuple[float, str]] = field(default_factory=list)
    _free: list[float] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self._free = [0.0] * self.cpus

    def submit(self, task: Task) -> str:
        """Find out when it will end."""
        handle, now = f"h{next(self._numbers)}", time.monotonic()
        if isinstance(task, CellsTask):
            begins = max(now, heapq.heappop(self._free))
            ends = begins + self.cell_s * len(task.cells)
            heapq.heappush(self._free, ends)
        else:
            begins, ends = now, now + _SHORT_S
        self.begun[handle] = task, begins
        heapq.heappush(self._ends, (ends, handle))
        return handle

    def poll(self, timeout_s: float) -> tuple[Outcome, ...]:
        """Wait for the next end."""
        first = self._ends[0][0] if self._ends else float("inf")
        time.sleep(max(0.0, min(timeout_s, first - time.monotonic())))
        ended = []
        while self._ends and self._ends[0][0] <= time.monotonic():
            handle = heapq.heappop(self._ends)[1]
            if handle in self.begun:
                ended.append(Outcome(handle=handle, result=self._result(self.begun.pop(handle)[0])))
        return tuple(ended)

    def _result(self, task: Task) -> Result:
        if isinstance(task, PlanTask):
            cells = tuple(
                Cell(index=n, start=_FRAMES * n, stop=_FRAMES * (n + 1), key=f"{task.keys[0][-12:]}{n:04}")
                for n in range(task.spec.config["cells"])
            )
            return RenderPlan(cells=cells, sound=None, present=frozenset(), fps=Fraction(30), megapixels=0.1)
        if isinstance(task, AssembleTask):
            facts = {"key": task.output_key, "size_bytes": 1, "sha256": "0" * 64, "render_seconds": 1.0}
            return JobOutput(**facts, frame_count=task.plan.frame_count, duration_s=12.0)
        assert isinstance(task, CellsTask)  # noqa: S101 - videos here have no sound
        pairs = zip(task.keys, task.cells, strict=True)
        return tuple(CellResult(index=c.index, key=key, size_bytes=1, seconds=self.cell_s) for key, c in pairs)

    def cancel(self, handle: str) -> None:
        """Its end is not reported."""
        self.begun.pop(handle, None)

    def snapshots(self) -> dict[str, CellSnapshot]:
        """Where every task is by now."""
        now, found = time.monotonic(), {}
        for task, begins in self.begun.values():
            for n, key in enumerate(task.keys if isinstance(task, CellsTask) else ()):
                done = int(_FRAMES * min(1.0, (now - begins) / self.cell_s - n))
                if done >= 0:
                    found[key] = CellSnapshot(key=key, attempt=task.attempt, frames_done=done, frames_total=_FRAMES)
        return found

    def capacity(self) -> int:
        """As many as were given."""
        return self.cpus

    def nodes(self) -> tuple[NodeHealth, ...]:
        """One machine."""
        return (NodeHealth(node_id="n", name="n", cpus=self.cpus),)

    def request(self, cpus: int) -> None:
        """There are no others."""

    def close(self) -> None:
        """Nothing is left."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cpus", type=int, default=25, help="four jobs are active for each")
    parser.add_argument("--jobs", type=int, default=220)
    parser.add_argument("--cells", type=int, default=6)
    parser.add_argument("--cell-seconds", type=float, default=0.5)
    parser.add_argument("--profile", action="store_true")
    arguments = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(app=AppSettings(data_dir=Path(folder)))
        migrate(settings)
        container = build_container(settings)
        _enqueue(container, arguments.jobs, arguments.cells)
        _measure(container, arguments)
        container.close()


def _enqueue(container: Container, jobs: int, cells: int) -> None:
    """Jobs of six workspaces on three plans."""
    spec = RenderSpec(template="Paced", assets={}, config={"cells": cells}).model_dump(mode="json")
    with unit_of_work(container.engine) as session:
        actors = [ensure_user(session, "benchmark", f"user{n}") for n in range(6)]
        workspaces = [personal_workspace(session, actor) for actor in actors]
        for number, workspace in enumerate(workspaces):
            workspace.plan = PlanName.ENTERPRISE
            session.flush()
            workspace.plan = _PLANS[number % 3]
        for number in range(jobs):
            actor, workspace = actors[number % 6], workspaces[number % 6]
            owned = {"user_id": actor.user_id, "workspace_id": workspace.id}
            video = UserVideo(**owned, video_title=f"Video {number}", duration=12.0)
            session.add(video)
            session.flush()
            session.add(RenderJob(video_id=video.id, workspace_id=workspace.id, spec=spec))


def _measure(container: Container, arguments: argparse.Namespace) -> None:
    runtime, sink = PacedRuntime(arguments.cpus, arguments.cell_seconds), InMemorySink()
    around = Surroundings(
        store=SqlJobStore(container.engine),
        objects=LocalObjectStore(container.settings.app.data_dir / "benchmark"),
        runtime=runtime,
        sink=sink,
        wake_up=InMemoryBell(),
    )
    dispatcher = Dispatcher(around, DispatcherOptions(holder="benchmark"))
    profile, steps = cProfile.Profile(), 0
    if arguments.profile:
        profile.enable()
    began, cpu = time.monotonic(), time.process_time()
    while sum(each.state.is_terminal for each in sink.published) < arguments.jobs:
        dispatcher.step()
        steps += 1
    took_s, cpu_s = time.monotonic() - began, time.process_time() - cpu
    profile.disable()
    dispatcher.close()
    cells = arguments.jobs * arguments.cells
    print(f"{arguments.jobs} jobs, {cells} cells on {arguments.cpus} CPUs in {took_s:.1f} s, {steps} rounds")
    print(f"CPU of the dispatcher   {1e3 * cpu_s / cells:.2f} ms a cell   {100 * cpu_s / took_s:.1f} % of one core")
    if arguments.profile:
        pstats.Stats(profile).sort_stats("cumulative").print_stats(60)


if __name__ == "__main__":
    main()
