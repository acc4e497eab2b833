import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from render_core.media.probe import probe
from tests.webapp.product import Product
from webapp.accounts.service import Actor
from webapp.models import RenderStatus, UsageEntry, UsageState
from webapp.renders.service import get_video, open_download
from webapp.renders.views import VideoView

_ROOT = Path(__file__).parents[3]


@contextmanager
def _dispatcher(product: Product, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
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


def _until_ended(product: Product, actor: Actor, view: VideoView, log: Path) -> VideoView:
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        current = product.do(lambda session: get_video(session, actor, view.id))
        if current.status.is_terminal:
            return current
        time.sleep(0.2)
    pytest.fail(f"the render did not end: {log.read_text()[-3000:]}")


@pytest.mark.ray
def test_the_process_renders_what_is_queued_and_ends_cleanly(small_product: Product, tmp_path: Path):
    ann, log = small_product.user("ann"), tmp_path / "log"
    avatar = small_product.upload(ann, small_product.media.avatar)
    queued = small_product.render(ann, small_product.order(avatar.id, mainText="Привет"))
    with _dispatcher(small_product, log) as process:
        ended = _until_ended(small_product, ann, queued, log)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert (ended.status, ended.progress, ended.error) == (RenderStatus.COMPLETED, 100, None)
    file = small_product.do(lambda session: open_download(session, ann, queued.id))
    info = probe(small_product.container.objects.materialise(file.key))
    assert (info.width, info.height, info.frame_count, info.has_audio) == (90, 160, 40, True)
    [entry] = small_product.rows(UsageEntry)
    assert entry.state is UsageState.SETTLED
    assert entry.render_seconds > 0
    events = [json.loads(line)["event"] for line in log.read_text().splitlines() if line.startswith("{")]
    assert events[0] == "dispatcher.started"
    assert events[-1] == "dispatcher.stopped"
