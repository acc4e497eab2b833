"""The dispatcher's process, for tests of whole renders."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis

from cluster.health import ClusterHealth
from cluster.runtime.connection import remove_left_behind
from tests.processes import until
from tests.webapp.product import Product
from webapp.accounts.service import Actor
from webapp.assets.service import get_asset
from webapp.assets.views import AssetView
from webapp.models import AssetStatus, PreparationJob
from webapp.renders.outbox import HEALTH_KEY, Outbox, RedisHealth, read_health
from webapp.renders.service import get_video
from webapp.renders.views import VideoView

_ROOT = Path(__file__).parents[3]


@contextmanager
def dispatcher(product: Product, log: Path, redis_url: str = "") -> Iterator["subprocess.Popen[bytes]"]:
    data_dir = str(product.container.settings.app.data_dir)
    environment = {
        **os.environ,
        "REELGROVE_DATA_DIR": data_dir,
        "REELGROVE_RAY_CPUS": "1",
        "REELGROVE_RAY_DASHBOARD": "false",
        "REELGROVE_REDIS_URL": redis_url,
    }
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "webapp.renders.dispatch"], env=environment, cwd=_ROOT, stderr=stream, stdout=stream
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        remove_left_behind()  # some of Ray's processes would be there for a minute


def until_ended(product: Product, actor: Actor, view: VideoView, log: Path) -> VideoView:
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline:
        current = product.do(lambda session: get_video(session, actor, view.id))
        if current.status.is_terminal:
            return current
        time.sleep(0.2)
    pytest.fail(f"the render did not end: {log.read_text()[-3000:]}")


def until_prepared(product: Product, actor: Actor, view: AssetView, log: Path) -> None:
    """Wait until an upload is ready, and gone from quarantine."""
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline:
        current = product.do(lambda session: get_asset(session, actor, view.id))
        cleared = [job.cleared_at for job in product.rows(PreparationJob) if job.asset_id == view.id]
        if current.status is AssetStatus.READY and all(cleared):
            return
        assert current.status is not AssetStatus.REJECTED, current.reject_reason
        time.sleep(0.2)
    pytest.fail(f"the upload did not get ready: {log.read_text()[-3000:]}")


def show(redis: Redis, health: ClusterHealth, dashboard: str = "") -> None:
    """What a dispatcher would show, there for as long as somebody takes to look at it."""
    redis.delete(HEALTH_KEY)
    outbox = Outbox(redis)
    RedisHealth(outbox, dashboard).publish(health)
    until(lambda: redis.persist(HEALTH_KEY))
    outbox.close()


def until_shown(redis: Redis, is_so: Callable[[ClusterHealth], bool]) -> ClusterHealth:
    """What the dispatcher shows of the cluster, as soon as it shows that."""
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline:
        health = read_health(redis)
        if health is not None and is_so(health):
            return health
        time.sleep(0.05)
    pytest.fail("it was not shown")
