"""How well the end of a render is foretold: alone on the cluster, and among others.

    python benchmarks/eta.py [--cpus 2 --alone 3 --crowd 12 --scale 0.25]

Real renders of the demo's orders through a local Ray, by the real dispatcher, its rows in memory. Whenever progress is
told, the expected end is compared with what came: errors once a fifth of the time has passed, as a share of the job's
whole time, and of the time that was left. The first render of a fresh cluster is shown apart: nothing was learnt yet.
"""

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import fmean

import structlog

sys.path.insert(0, str(Path(__file__).parents[1]))  # the tests' small media, when run as a program

from cluster.dispatcher import Dispatcher, DispatcherOptions, Surroundings
from cluster.jobs import JobProgress, JobState, RenderRequest
from cluster.memory import InMemoryBell, InMemoryJobStore
from cluster.runtime import RayRuntime, RaySettings
from cluster.storage import LocalObjectStore
from render_core.spec import AssetRef, RenderSpec
from render_core.templates import make_spec
from tests.factories import asset, stored

_DEMO = Path(__file__).parents[1] / "demo"
_PLANS = {"a": "free", "b": "free", "c": "pro", "d": "pro", "e": "enterprise", "f": "enterprise"}
_SETTLED = 0.2
"""Share of a job's time after which its end should be known."""


@dataclass(frozen=True, slots=True)
class Said:
    """What was told at one moment: seconds on the clock, and seconds to go."""

    at: float
    eta_s: float


class Listener:
    """A sink that remembers when it was told what."""

    def __init__(self) -> None:
        self.said: dict[str, list[Said]] = {}

    def publish(self, progress: JobProgress) -> None:
        """Take a message."""
        if progress.state is JobState.PROCESSING and progress.eta_s is not None:
            self.said.setdefault(progress.job_id, []).append(Said(time.monotonic(), progress.eta_s))


class Cluster:
    """A dispatcher in a thread, and what it told."""

    def __init__(self, objects: LocalObjectStore, runtime: RayRuntime) -> None:
        self._objects = objects
        self._rows, self._bell, self._listener = InMemoryJobStore(), InMemoryBell(), Listener()
        around = Surroundings(
            store=self._rows, objects=objects, runtime=runtime, sink=self._listener, wake_up=self._bell
        )
        self._stop = threading.Event()
        dispatcher = Dispatcher(around, DispatcherOptions(holder="eta"))
        self._thread = threading.Thread(target=dispatcher.run, args=(self._stop,))
        self._thread.start()

    def close(self) -> None:
        """End the dispatcher."""
        self._stop.set()
        self._bell.ring()
        self._thread.join()

    def render(self, name: str, specs: Sequence[RenderSpec]) -> str:
        """Render all at the same time, each of them anew; a line of the table."""
        for key in (*self._objects.keys("cells/"), *self._objects.keys("sounds/")):
            self._objects.delete(key)
        began = time.monotonic()
        jobs = [self._ask(f"{name}-{n}", spec, workspace) for n, (spec, workspace) in enumerate(_spread(specs))]
        ended: dict[str, float] = {}
        while len(ended) < len(jobs):
            time.sleep(0.02)
            for job_id in jobs:
                if job_id not in ended and self._rows.row(job_id).state.is_terminal:
                    ended[job_id] = time.monotonic()
        of_all, of_rest = self._errors(began, ended)
        seconds = max(ended.values()) - began
        return f"{name:<12}{len(jobs):>5}{seconds:>9.1f} s{len(of_all):>9}{fmean(of_all):>10.1%}{fmean(of_rest):>10.1%}"

    def _ask(self, job_id: str, spec: RenderSpec, workspace: str) -> str:
        request = RenderRequest(
            job_id=job_id, video_id=job_id, workspace_id=workspace, plan=_PLANS[workspace], attempt=0, spec=spec
        )
        self._rows.enqueue(request)
        self._bell.ring()
        return job_id

    def _errors(self, began: float, ended: dict[str, float]) -> tuple[list[float], list[float]]:
        of_all, of_rest = [], []
        for job_id, end in ended.items():
            for said in self._listener.said.get(job_id, ()):
                left_s, whole_s = end - said.at, end - began
                if said.at - began >= _SETTLED * whole_s and left_s > 0:
                    of_all.append(abs(said.eta_s - left_s) / whole_s)
                    of_rest.append(abs(said.eta_s - left_s) / max(left_s, 0.5))
        return of_all, of_rest


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cpus", type=int, default=2)
    parser.add_argument("--alone", type=int, default=3, help="renders that have the cluster for themselves")
    parser.add_argument("--crowd", type=int, default=12, help="renders at a time, from six workspaces on three plans")
    parser.add_argument("--scale", type=float, default=0.25, help="of the templates' full size")
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    with tempfile.TemporaryDirectory() as folder:
        objects = LocalObjectStore(Path(folder))
        specs = [stored(spec, objects) for spec in _specs(options.scale)]
        with _cluster(objects, options.cpus) as cluster:
            print(f"{'':<12}{'jobs':>5}{'time':>11}{'moments':>9}{'of all':>10}{'of rest':>10}")
            for n, spec in enumerate(islice(cycle(specs), options.alone + 1)):
                print(cluster.render("first" if n == 0 else f"alone-{n}", [spec]), flush=True)
            print(cluster.render("crowd", list(islice(cycle(specs), options.crowd))), flush=True)


@contextmanager
def _cluster(objects: LocalObjectStore, cpus: int) -> Iterator[Cluster]:
    runtime = RayRuntime(objects, RaySettings(num_cpus=cpus))
    try:
        cluster = Cluster(objects, runtime)
        try:
            yield cluster
        finally:
            cluster.close()
    finally:
        runtime.close()


def _specs(scale: float) -> list[RenderSpec]:
    """The demo's clips in three templates, of different lengths."""
    avatar, cover, music = _asset("avatar.mp4"), _asset("cover.jpg"), _asset("music.mp3")
    broll = tuple(_asset(f"broll{n}.mp4") for n in (1, 2, 3))
    lip_sync = {"lipSyncVideo": (avatar,), "coverImage": (cover,), "backgroundVideos": broll}
    news = {"presenterVideo": (avatar,), "backgroundVideos": broll, "backgroundMusic": (music,)}
    promo = {"backgroundVideos": broll, "backgroundMusic": (music,)}
    return [
        make_spec("LipSyncTemplate", lip_sync, {}, scale=scale),
        make_spec("PromoTemplate", promo, {"endTitle": "The end"}, scale=scale),
        make_spec("NewsTemplate", news, {}, scale=scale),
    ]


def _asset(name: str) -> AssetRef:
    return asset(_DEMO / name)


def _spread(specs: Sequence[RenderSpec]) -> Iterator[tuple[RenderSpec, str]]:
    """Each with its workspace; what is the same video gets a title of its own, else its cells would be made once."""
    for n, (spec, workspace) in enumerate(zip(specs, cycle(_PLANS), strict=False)):
        config = {**spec.config, "mainText": f"Number {n}"} if "mainText" in spec.config else spec.config
        yield spec.model_copy(update={"config": config, "scale": spec.scale * (1 + n / 200)}), workspace


if __name__ == "__main__":
    main()
