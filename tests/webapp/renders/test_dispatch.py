import json
import signal
from pathlib import Path

import pytest
from redis import Redis

from cluster.keys import QUARANTINE
from render_core.media.probe import probe
from tests.webapp.product import Product
from tests.webapp.renders.dispatching import dispatcher, until_ended, until_prepared, until_shown
from tests.webapp.servers import run_redis
from webapp.models import RenderStatus, UsageEntry, UsageState
from webapp.renders.files import open_download


@pytest.mark.ray
def test_the_process_prepares_and_renders_what_is_queued_and_ends_cleanly(small_product: Product, tmp_path: Path):
    ann, log = small_product.user("ann"), tmp_path / "log"
    avatar = small_product.send(ann, small_product.media.avatar)
    with run_redis() as url, dispatcher(small_product, log, url) as process:
        until_prepared(small_product, ann, avatar, log)
        queued = small_product.render(ann, small_product.order(avatar.id, mainText="Привет"))
        ended = until_ended(small_product, ann, queued, log)
        health = until_shown(Redis.from_url(url), lambda health: "cells_rendered" in health.counts)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert Redis.from_url(url).keys() == [], "nothing is left in Redis"
    assert (health.holder.endswith(f":{process.pid}"), health.cpus, len(health.nodes)) == (True, 1, 1)
    assert (ended.status, ended.progress, ended.error) == (RenderStatus.COMPLETED, 100, None)
    file = small_product.do(lambda session: open_download(session, ann, queued.id))
    info = probe(small_product.container.objects.materialise(file.key))
    assert (info.width, info.height, info.frame_count, info.has_audio) == (90, 160, 40, True)
    assert not [key for key in small_product.stored_keys() if key.startswith(QUARANTINE)]
    [entry] = small_product.rows(UsageEntry)
    assert entry.state is UsageState.SETTLED
    assert entry.render_seconds > 0
    events = [json.loads(line)["event"] for line in log.read_text().splitlines() if line.startswith("{")]
    assert events[0] == "dispatcher.started"
    assert events[-1] == "dispatcher.stopped"
