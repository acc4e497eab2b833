import os
import threading
from datetime import timedelta
from pathlib import Path

from pydantic import ByteSize
from sqlmodel import select

from cluster.jobs import JobState
from cluster.storage import LocalObjectStore
from tests.webapp.product import Product
from webapp.db import unit_of_work
from webapp.models import RenderJob, utc_now
from webapp.renders.housekeeping import Housekeeping, holds_lease, prune_cells, retention_of, sweep_leftovers
from webapp.renders.store import SqlJobStore
from webapp.settings import CellSettings


def test_chores_are_done_regularly_and_one_that_fails_stops_no_other():
    done = threading.Semaphore(0)

    def fail() -> None:
        raise RuntimeError("not today")

    housekeeping = Housekeeping(lambda: True, [fail, done.release], first_s=0, every_s=0.001)
    assert all(done.acquire(timeout=240) for _ in range(3))
    housekeeping.close()


def test_who_is_not_the_dispatcher_does_nothing():
    asked, done = threading.Semaphore(0), []

    def is_ours() -> bool:
        asked.release()
        return False

    housekeeping = Housekeeping(is_ours, [lambda: done.append(1)], first_s=0, every_s=0.001)
    assert all(asked.acquire(timeout=240) for _ in range(3))
    housekeeping.close()
    assert not done


def test_the_lease_says_who_the_dispatcher_is(product: Product):
    engine = product.container.engine
    assert not holds_lease(engine, "host:1")
    epoch = SqlJobStore(engine).acquire_lease("host:1", 600)
    assert holds_lease(engine, "host:1")
    assert not holds_lease(engine, "host:2")
    SqlJobStore(engine).release_lease("host:1", epoch or 0)
    assert not holds_lease(engine, "host:1")


def test_cells_beyond_age_and_quota_go_and_leftovers_stay_for_a_day(product: Product, tmp_path: Path):
    store = LocalObjectStore(tmp_path / "store")
    for key in ("cells/ab/old", "cells/ab/new", "rendered-videos/v/j.mp4"):
        store.put_bytes(key, b"x")
    os.utime(store.materialise("cells/ab/old"), (1, 1))
    (tmp_path / "store" / "cells" / "ab" / ".being-written").touch()
    prune_cells(product.container.engine, store, retention_of(CellSettings(cells_max_age_days=1)))
    sweep_leftovers(store)
    assert list(store.keys("")) == ["cells/ab/new", "rendered-videos/v/j.mp4"]
    assert (tmp_path / "store" / "cells" / "ab" / ".being-written").exists()


def test_what_a_render_at_work_may_need_stays_however_long_it_takes(product: Product, tmp_path: Path):
    actor = product.user("anna")
    video = product.render(actor, product.order(product.upload(actor, product.media.avatar).id))
    began = utc_now() - timedelta(days=3)
    with unit_of_work(product.container.engine) as session:
        job = session.exec(select(RenderJob).where(RenderJob.video_id == video.id)).one()
        job.job_status, job.started_at = JobState.PROCESSING, began
    store = LocalObjectStore(tmp_path / "store")
    for name, days in (("needed", 2), ("unneeded", 4)):
        store.put_bytes(f"cells/ab/{name}", b"x")
        used_at = (utc_now() - timedelta(days=days)).timestamp()
        os.utime(store.materialise(f"cells/ab/{name}"), (used_at, used_at))
    prune_cells(product.container.engine, store, retention_of(CellSettings(cells_max_age_days=1)))
    assert list(store.keys("")) == ["cells/ab/needed"]


def test_settings_say_what_is_kept():
    policy = retention_of(CellSettings(cells_max_age_days=2, cells_max_bytes=ByteSize(7)))
    assert (policy.max_age, policy.max_bytes) == (timedelta(days=2), 7)
