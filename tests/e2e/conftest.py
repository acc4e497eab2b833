"""The whole product on this machine: Redis, dispatcher with a local Ray, web server, and a browser before it."""

import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.conftest import ROOT
from tests.factories import make_clip, make_image, make_sound, tone
from tests.webapp.logins import WHO
from tests.webapp.servers import free_port, run_redis
from webapp.assets.demo import seed_demo_assets
from webapp.commands.supervisor import Program, Supervisor
from webapp.container import build_container
from webapp.db import migrate
from webapp.settings import AppSettings, Settings
from webapp.ui.build import build_frontend
from webapp.ui.serve import web_command

_CHROMIUM = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
_CHROMIUM += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]


@dataclass(frozen=True)
class Site:
    """Where the product answers."""

    url: str
    logs: Path

    def told(self) -> str:
        """The end of what its programs have printed, for a failure's message."""
        return "\n".join(f"--- {log.name}\n{log.read_text('utf-8')[-3000:]}" for log in sorted(self.logs.iterdir()))


@pytest.fixture(scope="session")
def artefacts() -> Path:
    """Where pictures of the run are kept."""
    folder = ROOT / "test-artifacts"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The product, started as its users start it, on a free port and with data of its own."""
    folder = tmp_path_factory.mktemp("site")
    build_frontend()
    _prepare(folder)
    for part in ("backend", "build"):  # of this run's own: somebody may build anew meanwhile
        shutil.copytree(ROOT / ".web" / part, folder / "page" / part)
    port = free_port()
    supervisor = Supervisor(folder / "logs", lambda program, code: None)
    with run_redis() as redis_url:
        shared = {"REELGROVE_DATA_DIR": str(folder / "data"), "REELGROVE_REDIS_URL": redis_url, "PYTHONUNBUFFERED": "1"}
        shared["REELGROVE_RAY_CPUS"] = "2"  # on many at once a render would be over before anybody saw how far it is
        argv, environment = web_command(port, redis_url=redis_url, scratch=folder / "web")
        try:
            environment |= {"REFLEX_WEB_WORKDIR": str(folder / "page")}
            supervisor.start(Program(name="web", argv=argv, environment=shared | environment))
            dispatcher = [sys.executable, "-m", "webapp.renders.dispatch"]
            supervisor.start(Program(name="dispatcher", argv=dispatcher, environment=shared, grace_s=20))
            site = Site(url=f"http://localhost:{port}", logs=folder / "logs")
            _wait_until_ready(site)
            yield site
        finally:
            supervisor.stop()


def _prepare(folder: Path) -> None:
    demo = folder / "demo"
    demo.mkdir()
    make_clip(demo / "avatar.mp4", frames=90, width=108, height=192, tone_hz=220)
    for index in (1, 2):
        make_clip(demo / f"broll{index}.mp4", frames=60 + index, width=108, height=192)
    make_image(demo / "cover.png", 108, 192)
    make_sound(demo / "music.mp3", tone(330, 2.0), "libmp3lame")
    settings = Settings(app=AppSettings(data_dir=folder / "data"))
    migrate(settings)
    container = build_container(settings)
    seed_demo_assets(container, demo)
    container.close()


def _wait_until_ready(site: Site) -> None:
    deadline = time.monotonic() + 200  # Ray takes its time on a busy machine
    while time.monotonic() < deadline:
        try:
            with urlopen(f"{site.url}/readyz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"nothing answered at {site.url}\n{site.told()}")


# One module uses it: Playwright's loop must not outlive it, or others could not run loops of their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    program = shutil.which("chromium")
    assert program, "Chromium is not installed: run `make test`, or apt-get install chromium"
    expect.set_options(timeout=60_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_CHROMIUM)
        yield browser
        browser.close()


@contextmanager
def visitor(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    """Somebody whom nobody knows, at a desk."""
    with browser.new_context(base_url=site.url, viewport={"width": 1440, "height": 900}, locale="en-GB") as context:
        context.set_default_timeout(60_000)
        yield context


@pytest.fixture
def context(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    """The visitor that a test is about."""
    with visitor(browser, site) as context:
        yield context


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """The visitor's tab."""
    return context.new_page()


def log_in(context: BrowserContext, name: str) -> None:
    """What the button on the login page does, under another name."""
    answer = context.request.get("/api/auth/login", params=WHO | {"login_hint": name})
    assert answer.ok, answer.text()
