"""How soon those who watch hear of progress, and what it costs the web processes.

    python benchmarks/stream_latency.py [--jobs 100 --users 10 --subscribers 100 --tabs 1 --seconds 20 --workers 2]

Real web processes that share a port, and Redis: what happens is heard by all, through whichever process they watch.
Progress is published as the dispatcher does it: a snapshot of a job whenever its percentage has changed, and the row
once a second. Each subscriber is a stream of server-sent events of one user, each tab a page in Chromium that shows the
first user's newest videos. Measured from just before a snapshot is published until it has been received, in the tab
until it stands on the page.
"""

import argparse
import asyncio
import json
import shutil
import statistics
import sys
import threading
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Page, async_playwright
from redis import Redis

sys.path.insert(0, str(Path(__file__).parents[1]))  # what benchmarks share, when run as a program

from benchmarks.web_stage import WebStage, web_stage
from cluster.jobs import JobProgress, JobState
from webapp.accounts.service import ensure_user
from webapp.accounts.sessions import SESSION_COOKIE, open_session
from webapp.container import Container
from webapp.db import unit_of_work
from webapp.models import PlanName, RenderJob, RenderStatus, UserVideo
from webapp.renders.signals import RedisBell
from webapp.renders.store import SqlJobStore
from webapp.workspaces.service import personal_workspace

_EVERY_S = 0.6
"""A percent a job: a render of a minute."""
_READ_CARDS = """
() => {
  window.heard = [];
  const shown = {};
  const look = () => document.querySelectorAll("[data-video]").forEach(card => {
    const percent = parseInt(/(\\d+) %/.exec(card.textContent)?.[1] ?? "0");
    if (percent > (shown[card.dataset.video] ?? 0)) {
      shown[card.dataset.video] = percent;
      window.heard.push([card.dataset.video, percent, Date.now() / 1000]);
    }
  });
  new MutationObserver(look).observe(document.body, {subtree: true, childList: true, characterData: true});
}
"""


@dataclass(frozen=True)
class Job:
    """One running render."""

    video_id: str
    job_id: str


@dataclass(frozen=True)
class Cast:
    """Who takes part: a session's token for each user, their jobs, and the epoch under which rows are written."""

    tokens: list[str]
    jobs: list[Job]
    epoch: int


@dataclass
class Measured:
    """When each snapshot was published, and how long each took to be received, in seconds."""

    published: dict[tuple[str, int], float] = field(default_factory=dict)
    sse: list[float] = field(default_factory=list)
    tabs: list[float] = field(default_factory=list)
    cpu_s: float = 0.0
    """Of the web processes."""
    idle_cpu_s: float = 0.0
    """The same with everybody connected and nothing said."""

    def heard(self, into: list[float], video_id: str, percent: int, at: float) -> None:
        """Note a receipt; what was not published (a row that was read) does not count."""
        sent = self.published.get((video_id, percent))
        if sent is not None:
            into.append(at - sent)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=100)
    parser.add_argument("--users", type=int, default=10)
    parser.add_argument("--subscribers", type=int, default=100)
    parser.add_argument("--tabs", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--workers", type=int, default=2, help="web processes")
    parser.add_argument("--postgres", action="store_true", help="instead of SQLite")
    arguments = parser.parse_args()
    with web_stage(is_postgres=arguments.postgres, workers=arguments.workers) as stage:
        cast = _seed(stage.container, arguments.users, arguments.jobs)
        measured = asyncio.run(_measure(stage, cast, arguments))
    _print(measured, arguments.seconds)


def _print(measured: Measured, seconds: float) -> None:
    print(f"published {len(measured.published)} snapshots in {seconds:.0f} s")
    for name, waits in (("server-sent events", measured.sse), ("on the page of a tab", measured.tabs)):
        if waits:
            cuts = statistics.quantiles(waits, n=100)
            line = (
                f"median {1e3 * cuts[49]:5.0f} ms   p95 {1e3 * cuts[94]:5.0f} ms   longest {1e3 * max(waits):5.0f} ms"
            )
            print(f"{name:22} {len(waits):6} received   {line}")
    print(f"CPU of the web processes  {100 * measured.cpu_s / seconds:5.1f} % of one core", end="")
    print(f" ({100 * measured.idle_cpu_s / seconds:.1f} % with nothing said)")


def _seed(container: Container, users: int, count: int) -> Cast:
    """Users with their session tokens, and running jobs, which belong to them in turn."""
    epoch = SqlJobStore(container.engine).acquire_lease("benchmark", 3600) or 0
    tokens, jobs = [], []
    with unit_of_work(container.engine) as session:
        actors = []
        for number in range(users):
            name = f"user{number}"
            actor = ensure_user(session, "benchmark", name, PlanName.PRO)
            token = open_session(session, actor)
            actors.append((actor, personal_workspace(session, actor).id))
            tokens.append(token)
        for number in range(count):
            actor, workspace_id = actors[number % users]
            owned = {"user_id": actor.user_id, "workspace_id": workspace_id}
            video = UserVideo(**owned, video_title=f"Video {number}", render_status=RenderStatus.RENDERING)
            session.add(video)
            session.flush()
            state = {"job_status": JobState.PROCESSING, "epoch": epoch, "attempt": 1}
            job = RenderJob(video_id=video.id, workspace_id=workspace_id, spec={}, **state)
            session.add(job)
            jobs.append(Job(str(video.id), str(job.id)))
    return Cast(tokens, jobs, epoch)


async def _measure(stage: WebStage, cast: Cast, arguments: argparse.Namespace) -> Measured:
    measured = Measured()
    async with AsyncExitStack() as open_things:
        pages = await _open_tabs(open_things, stage.site, cast.tokens[0], arguments.tabs)
        watchers = [
            asyncio.create_task(_watch(stage.site, cast.tokens[number % len(cast.tokens)], measured))
            for number in range(arguments.subscribers)
        ]
        await asyncio.sleep(3)  # until everybody is connected and has got the first snapshots
        began = stage.cpu_s()
        await asyncio.sleep(arguments.seconds)
        measured.idle_cpu_s, began = stage.cpu_s() - began, stage.cpu_s()
        await asyncio.to_thread(_publish, stage.container, cast, measured, arguments.seconds)
        await asyncio.sleep(1)
        measured.cpu_s = stage.cpu_s() - began
        for page in pages:
            for video_id, percent, at in await page.evaluate("window.heard"):
                measured.heard(measured.tabs, video_id, percent, at)
        for watcher in watchers:
            watcher.cancel()
        await asyncio.gather(*watchers, return_exceptions=True)
    return measured


async def _watch(site: str, token: str, measured: Measured) -> None:
    """A stream read line by line, each event being a chunk of its own: as little as possible of our own work."""
    host = site.removeprefix("http://")
    reader, writer = await asyncio.open_connection("localhost", int(host.rpartition(":")[2]))
    cookie = f"Cookie: {SESSION_COOKIE}={token}"
    writer.write(f"GET /api/render/live-status HTTP/1.1\r\nHost: {host}\r\n{cookie}\r\n\r\n".encode())
    status = (await reader.readline()).split(b" ", 2)[1]
    if status != b"200":
        raise ConnectionRefusedError(status)
    async for line in reader:
        if line.startswith(b"data:"):
            update = json.loads(line[5:])
            measured.heard(measured.sse, update["video_id"], update["progress"], time.time())


async def _open_tabs(open_things: AsyncExitStack, site: str, token: str, count: int) -> list[Page]:
    if not count:
        return []
    playwright = await open_things.enter_async_context(async_playwright())
    flags = ["--headless", "--no-sandbox", "--disable-gpu"]
    browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
    open_things.push_async_callback(browser.close)
    context = await browser.new_context(base_url=site)
    await context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": site}])
    pages = [await context.new_page() for _ in range(count)]
    for page in pages:
        await page.goto("/")
        await page.locator("[data-video]").first.wait_for()
        await page.evaluate(_READ_CARDS)
    return pages


def _publish(container: Container, cast: Cast, measured: Measured, seconds: float) -> None:
    """Each job moves on by a percent every so often, all of them evenly spread."""
    bell, began = RedisBell(Redis.from_url(container.settings.redis.redis_url)), time.monotonic()
    stop = threading.Event()
    recorder = threading.Thread(target=_record, args=(container, cast, measured, stop))
    recorder.start()
    steps = [(percent, job) for percent in range(2, 2 + int(seconds / _EVERY_S)) for job in cast.jobs]
    for number, (percent, job) in enumerate(steps):
        time.sleep(max(0.0, began + number * _EVERY_S / len(cast.jobs) - time.monotonic()))
        measured.published[job.video_id, percent] = time.time()
        bell.publish(_snapshot(job, percent))
    stop.set()
    recorder.join()


def _record(container: Container, cast: Cast, measured: Measured, stop: threading.Event) -> None:
    """What the rows say lags behind by a second."""
    store, began = SqlJobStore(container.engine), time.monotonic()
    while not stop.wait(1.0):
        percent = 1 + int((time.monotonic() - began) / _EVERY_S)
        told = [_snapshot(job, percent) for job in cast.jobs if (job.video_id, percent) in measured.published]
        store.record_progress(told, cast.epoch)


def _snapshot(job: Job, percent: int) -> JobProgress:
    return JobProgress(
        job_id=job.job_id,
        video_id=job.video_id,
        attempt=1,
        state=JobState.PROCESSING,
        percent=percent,
        cells_done=percent,
        cells_total=100,
        cells_cached=0,
        eta_s=(100 - percent) * _EVERY_S,
    )


if __name__ == "__main__":
    main()
