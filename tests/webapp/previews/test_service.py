"""Stills painted in a process of their own."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from cluster.storage import LocalObjectStore
from render_core.spec import RenderSpec
from tests.conftest import ROOT
from tests.factories import lip_sync_spec, stored
from tests.processes import descendants, until_ended, words
from webapp.previews.cache import StillCache
from webapp.previews.service import PreviewError, StillService

_PARENT = """
import asyncio, sys, time
from functools import partial
from pathlib import Path
from cluster.storage import LocalObjectStore
from render_core.spec import RenderSpec
from webapp.previews.cache import StillCache
from webapp.previews.service import StillService
if __name__ == "__main__":
    folder = Path(sys.argv[1])
    service = StillService(partial(LocalObjectStore, folder / "objects"), StillCache())
    spec = RenderSpec.model_validate_json((folder / "spec.json").read_text())
    asyncio.run(service.still("me", spec, 1))
    print("painted", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def spec(tmp_path: Path) -> RenderSpec:
    """Two seconds at 108×192."""
    return stored(lip_sync_spec(tmp_path, seconds=2), LocalObjectStore(tmp_path / "objects"))


class StuckStore(LocalObjectStore):
    """A store that never answers."""

    def materialise(self, key: str) -> Path:
        time.sleep(600)
        return super().materialise(key)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[StillService]:
    """One painting process."""
    service = StillService(partial(LocalObjectStore, tmp_path / "objects"), StillCache())
    yield service
    service.close()


def painters_of(pid: int) -> set[int]:
    return {child for child in descendants(pid) if any("spawn_main" in word for word in words(child))}


def opened(jpeg: bytes | None) -> Image.Image:
    assert jpeg is not None
    return Image.open(BytesIO(jpeg))


def test_a_still_says_where_it_stands_and_is_kept_for_its_owner_alone(service: StillService, spec: RenderSpec):
    still = asyncio.run(service.still("me", spec, 30))
    assert (still.frame, still.frame_count, still.fps) == (30, 60, 30.0)
    assert opened(service.jpeg("me", still.digest)).size == (still.width, still.height) == (108, 192)
    assert service.jpeg("somebody", still.digest) is None


@pytest.mark.parametrize(("asked", "shown"), [(-5, 0), (59, 59), (10_000, 59)])
def test_a_frame_outside_the_video_is_its_nearest_one(service: StillService, spec: RenderSpec, asked: int, shown: int):
    assert asyncio.run(service.still("me", spec, asked)).frame == shown


def test_what_was_painted_once_needs_no_process(service: StillService, spec: RenderSpec):
    before = painters_of(os.getpid())
    first = asyncio.run(service.still("me", spec, 1))
    painters = painters_of(os.getpid()) - before
    service.close()
    until_ended(painters)
    assert asyncio.run(service.still("me", spec, 1)) == first
    assert painters_of(os.getpid()) <= before | painters


def test_other_settings_give_another_still(service: StillService, spec: RenderSpec):
    plain = spec.model_copy(update={"config": spec.config | {"vignetteStrength": 0.0}})
    stills = [asyncio.run(service.still("me", each, 30)) for each in (spec, plain)]
    pictures = [service.jpeg("me", still.digest) for still in stills]
    assert pictures[0] != pictures[1]


def test_a_dead_process_is_said_and_replaced(service: StillService, spec: RenderSpec):
    before = painters_of(os.getpid())
    asyncio.run(service.still("me", spec, 1))

    async def killed_meanwhile() -> None:
        waiting = asyncio.create_task(service.still("me", spec, 2))
        for pid in painters_of(os.getpid()) - before:
            os.kill(pid, signal.SIGKILL)
        await waiting

    with pytest.raises(PreviewError, match="try again"):
        asyncio.run(killed_meanwhile())
    assert asyncio.run(service.still("me", spec, 3)).frame == 3


def test_a_picture_that_takes_too_long_costs_its_process_and_nobody_elses_time(tmp_path: Path, spec: RenderSpec):
    stuck = StillService(partial(StuckStore, tmp_path / "objects"), StillCache(), limit_s=0.2)
    before = painters_of(os.getpid())
    with pytest.raises(PreviewError, match="try again"):
        asyncio.run(stuck.still("me", spec, 1))
    until_ended(painters_of(os.getpid()) - before)
    stuck.close()


def test_painters_end_with_the_process_that_started_them(tmp_path: Path, spec: RenderSpec):
    (tmp_path / "spec.json").write_text(spec.model_dump_json())
    script = tmp_path / "parent.py"
    script.write_text(_PARENT)
    parent = subprocess.Popen(
        [sys.executable, script, tmp_path],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"painted\n"
    painters = painters_of(parent.pid)
    assert painters
    parent.kill()
    parent.wait()
    parent.stdout.close()
    until_ended(painters)


def test_a_thumbnail_is_small(service: StillService, spec: RenderSpec):
    (avatar,) = spec.assets["lipSyncVideo"]
    picture = opened(asyncio.run(service.thumbnail(avatar)))
    assert max(picture.size) <= 240
    assert picture.size[0] < picture.size[1]
