"""How long a newcomer waits: `make run` in a fresh clone, `make run` again, and from Render to the first progress.

    python benchmarks/start_up.py [--runs 5]

A fresh clone is made in a temporary folder, so the first time includes the virtual environment, the installation of
all packages (from pip's cache where they are in it) and the build of the page.
"""

import argparse
import json
import os
import pty
import select
import signal
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

ROOT = Path(__file__).parents[1]
CTRL_C = b"\x03"


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="renders that are asked for")
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "reelgrove"
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        port = _free_port()
        with _running(clone, port) as first_s:
            pass
        with _running(clone, port) as second_s:
            waits = [_first_progress_s(port, number) for number in range(runs)]
    print(f"make run, fresh clone, until it answers    {first_s:7.1f} s")
    print(f"make run, second time, until it answers    {second_s:7.1f} s")
    print(f"Render pressed → first progress above 0    {statistics.median(waits):7.2f} s (median of {runs})")


@contextmanager
def _running(clone: Path, port: int) -> Iterator[float]:
    """`make run` in a terminal; gives the seconds until it said that it is ready, then presses Ctrl-C."""
    began = time.monotonic()
    pid, screen = pty.fork()
    if pid == 0:
        os.chdir(clone)
        os.execvp("make", ["make", "run", f"PORT={port}"])
    _read_until(screen, "ready: http")
    try:
        yield time.monotonic() - began
    finally:
        os.write(screen, CTRL_C)
        _read_until(screen, "Stopped")
        os.waitpid(pid, 0)
        os.close(screen)


def _read_until(screen: int, words: str, timeout_s: float = 900) -> None:
    shown, deadline = "", time.monotonic() + timeout_s
    while words not in shown:
        if time.monotonic() > deadline:
            raise TimeoutError(shown)
        if select.select([screen], [], [], 0.05)[0]:
            shown += os.read(screen, 4096).decode(errors="replace")


def _first_progress_s(port: int, number: int) -> float:
    """From the request for a render of the demo, never seen before, to an event with progress above 0."""
    browser, site = build_opener(HTTPCookieProcessor(CookieJar())), f"http://127.0.0.1:{port}"
    browser.open(f"{site}/api/auth/login?login_hint=demo&next=/api/auth/me", timeout=60).close()
    order = _demo_order(browser, site, f"Number {number}")
    with browser.open(f"{site}/api/render/live-status", timeout=60) as events:
        began = time.monotonic()
        video = _ask(browser, f"{site}/api/video/user-render", order)["video_id"]
        for line in events:
            event = json.loads(line[5:]) if line.startswith(b"data:") else {}
            if event.get("video_id") == video and event["progress"] > 0:
                break
        waited = time.monotonic() - began
    _ask(browser, f"{site}/api/video/{video}/cancel", {})
    return waited


def _demo_order(browser: OpenerDirector, site: str, headline: str) -> dict[str, Any]:
    with browser.open(f"{site}/api/assets/user-assets", timeout=20) as answer:
        assets = json.load(answer)["assets"]
    of_type = lambda kind: [asset["id"] for asset in assets if asset["asset_type"] == kind]  # noqa: E731 - used below
    chosen = {
        "lipSyncVideo": of_type("avatar")[0],
        "coverImage": of_type("cover")[0],
        "backgroundMusic": of_type("music")[0],
        "backgroundVideos": of_type("background"),
    }
    return {"template_name": "LipSyncTemplate", "user_assets": chosen, "config": {"mainText": headline}}


def _ask(browser: OpenerDirector, url: str, body: dict[str, Any]) -> dict[str, Any]:
    request = Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST")
    with browser.open(request, timeout=60) as answer:
        return dict(json.load(answer))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    main()
