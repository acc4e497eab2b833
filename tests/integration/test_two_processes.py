"""Two web processes on one product: what one does is heard by those who listen to the other."""

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Self
from urllib.error import URLError
from urllib.request import urlopen

import httpx
import pytest
from playwright.sync_api import Page, expect, sync_playwright
from redis import Redis

from cluster.jobs import JobProgress, JobState
from tests.factories import make_clip, make_image, make_sound, tone
from tests.processes import until
from tests.programs import Program
from tests.webapp.logins import come_in
from tests.webapp.servers import free_port, run_redis
from webapp.assets.demo import seed_demo_assets
from webapp.container import build_container
from webapp.db import migrate
from webapp.renders.signals import RedisBell
from webapp.settings import AppSettings, Settings
from webapp.ui.build import build_frontend
from webapp.ui.serve import web_command

_CHROMIUM = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]


@dataclass(frozen=True)
class Pair:
    """Two web processes, by their addresses, and the Redis between them."""

    here: str
    there: str
    redis_url: str


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("pair")
    build_frontend()
    prepare(folder)
    with run_redis() as redis_url, ExitStack() as ending:
        ports = [free_port() for _ in range(2)]
        programs = [web(folder, port, redis_url) for port in ports]
        for program in programs:
            ending.callback(program.kill_all)
            program.start()
        for program in programs:
            program.until_ready()
        here, there = (f"http://localhost:{port}" for port in ports)
        yield Pair(here, there, redis_url)


def prepare(folder: Path) -> None:
    demo = folder / "demo"
    demo.mkdir()
    make_clip(demo / "avatar.mp4", frames=45, width=108, height=192, tone_hz=220)
    make_clip(demo / "broll1.mp4", frames=40, width=108, height=192)
    make_image(demo / "cover.png", 108, 192)
    make_sound(demo / "music.mp3", tone(330, 1.0), "libmp3lame")
    settings = Settings(app=AppSettings(data_dir=folder / "data"))
    migrate(settings)
    container = build_container(settings)
    seed_demo_assets(container, demo)
    container.close()


def web(folder: Path, port: int, redis_url: str) -> Program:
    argv, environment = web_command(port, redis_url=redis_url, scratch=folder / f"web-{port}")
    shared = {"REELGROVE_DATA_DIR": str(folder / "data"), "REELGROVE_REDIS_URL": redis_url}
    return Program(
        f"web-{port}",
        argv,
        environment=shared | environment,
        folder=folder,
        is_ready=lambda _program: answers(f"http://localhost:{port}/readyz"),
    )


def answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except (URLError, OSError):
        return False


@pytest.fixture
def ann(pair: Pair, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    """A new Ann for each test, at the first process."""
    with httpx.Client(base_url=pair.here, timeout=240) as client:
        come_in(client, f"ann {request.node.name}"[:50])
        yield client


@pytest.fixture
def page(pair: Pair, ann: httpx.Client) -> Iterator[Page]:
    """Ann's tab, which the second process serves."""
    program = shutil.which("chromium")
    assert program, "Chromium is not installed: run `make test`, or apt-get install chromium"
    expect.set_options(timeout=120_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_CHROMIUM)
        context = browser.new_context(base_url=pair.there, viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": name, "value": value, "url": pair.there} for name, value in ann.cookies.items()])
        context.set_default_timeout(120_000)
        yield context.new_page()
        browser.close()


class Ear:
    """What a program hears of the events of the second process, in a thread of its own."""

    def __init__(self, pair: Pair, cookies: httpx.Cookies) -> None:
        self.events: list[dict[str, object]] = []
        self.is_open = False
        self._client = httpx.Client(base_url=pair.there, cookies=dict(cookies), timeout=240)
        self._thread = Thread(target=self._listen, daemon=True)

    def _listen(self) -> None:
        with self._client.stream("GET", "/api/render/live-status") as answer:
            answer.raise_for_status()
            self.is_open = True
            for line in answer.iter_lines():
                if line.startswith("data:"):
                    self.events.append(json.loads(line.removeprefix("data:")))
                if self.events and self.events[-1].get("status") == "cancelled":
                    return

    def __enter__(self) -> Self:
        self._thread.start()
        until(lambda: self.is_open)
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(30)
        self._client.close()

    def has_heard(self, **wanted: object) -> bool:
        return any(wanted.items() <= event.items() for event in list(self.events))

    def hears(self, **wanted: object) -> None:
        until(lambda: self.has_heard(**wanted))


def order(client: httpx.Client) -> str:
    asset = client.get("/api/assets/user-assets", params={"type": "avatar"}).json()["assets"][0]
    body = {
        "template_name": "LipSyncTemplate",
        "user_assets": {"lipSyncVideo": asset["id"]},
        "config": {"width": 90, "height": 160, "duration": 1},
        "video_title": "Heard elsewhere",
    }
    answer = client.post("/api/video/user-render", json=body)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["video_id"])


@pytest.mark.browser
def test_an_update_made_by_one_process_reaches_programs_and_tabs_of_the_other(
    pair: Pair, ann: httpx.Client, page: Page
):
    page.goto("/")
    expect(page.locator("#videos")).to_contain_text("No videos yet")
    with Ear(pair, ann.cookies) as ear:
        video_id = order(ann)
        ear.hears(video_id=video_id, status="pending")
        expect(page.locator("#videos .card")).to_contain_text("Heard elsewhere")
        assert ann.post(f"/api/video/{video_id}/cancel").status_code == 200
        ear.hears(video_id=video_id, status="cancelled")
        expect(page.locator("#videos .card")).to_contain_text("Cancelled")


def test_progress_that_no_row_holds_comes_through_redis(pair: Pair, ann: httpx.Client):
    with Ear(pair, ann.cookies) as ear, Redis.from_url(pair.redis_url) as redis:
        video_id = order(ann)
        ear.hears(video_id=video_id, status="pending")
        said = JobProgress(
            job_id=video_id,
            video_id=video_id,
            attempt=1,
            state=JobState.PROCESSING,
            percent=37,
            cells_done=3,
            cells_total=8,
            cells_cached=0,
        )
        bell = RedisBell(redis)
        until(lambda: bell.publish(said) or ear.has_heard(video_id=video_id, status="rendering", progress=37))
        assert ann.get("/api/video/render-status", params={"video_id": video_id}).json()["progress"] == 0
        ann.post(f"/api/video/{video_id}/cancel")
        ear.hears(video_id=video_id, status="cancelled")
