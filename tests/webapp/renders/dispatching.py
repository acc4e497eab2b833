"""The dispatcher's process, for tests of whole renders."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.webapp.product import Product
from webapp.accounts.service import Actor
from webapp.renders.service import get_video
from webapp.renders.views import VideoView

_ROOT = Path(__file__).parents[3]


@contextmanager
def dispatcher(product: Product, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    data_dir = str(product.container.settings.app.data_dir)
    environment = {**os.environ, "REELGROVE_DATA_DIR": data_dir, "REELGROVE_RAY_CPUS": "1", "REELGROVE_REDIS_URL": ""}
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "webapp.renders.dispatch"], env=environment, cwd=_ROOT, stderr=stream, stdout=stream
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until_ended(product: Product, actor: Actor, view: VideoView, log: Path) -> VideoView:
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        current = product.do(lambda session: get_video(session, actor, view.id))
        if current.status.is_terminal:
            return current
        time.sleep(0.2)
    pytest.fail(f"the render did not end: {log.read_text()[-3000:]}")
