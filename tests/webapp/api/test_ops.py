"""What is told to those who run it."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import text as sql
from sqlmodel import select

from cluster.health import Alarm, AlarmCode, ClusterHealth
from cluster.jobs import JobState
from tests.webapp.product import Product, settings_for
from tests.webapp.renders.dispatching import show
from webapp.api.app import build_api
from webapp.container import Container, build_container
from webapp.metrics import exposition
from webapp.models import PreparationJob
from webapp.renders.outbox import HEALTH_KEY
from webapp.renders.store import SqlJobStore
from webapp.settings import AppSettings, WebSettings

TOKEN = "0123456789abcdef0123456789abcdef"


def local(container: Container) -> TestClient:
    return TestClient(build_api(container), client=("127.0.0.1", 50000))


def remote(container: Container, **headers: str) -> TestClient:
    return TestClient(build_api(container), client=("203.0.113.7", 50000), headers=headers)


def counted(series: str) -> float:
    """The value of a series of this process; 0 before its first."""
    found = re.search(rf"^{re.escape(series)} (\S+)$", exposition(), re.MULTILINE)
    return float(found.group(1)) if found else 0.0


def test_a_ready_product_says_so(nobody: TestClient):
    assert nobody.get("/healthz").json() == {"status": "ok"}
    answer = nobody.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert answer.json()["services"].items() >= {"database": "ok", "migrations": "ok", "storage": "ok"}.items()


def test_a_product_without_its_tables_is_alive_but_not_ready(tmp_path):
    container = build_container(settings_for(tmp_path))
    client = TestClient(build_api(container))
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["services"]["database"]) == (503, "unavailable")
    container.close()


def test_without_redis_all_is_slower_but_ready(small_product: Product, tmp_path):
    settings = settings_for(small_product.container.settings.app.data_dir, redis_url="redis://127.0.0.1:1/0")
    container = build_container(settings)
    answer = TestClient(build_api(container)).get("/readyz")
    assert (answer.status_code, answer.json()["services"]["redis"]) == (200, "unavailable")
    container.close()


def test_figures_are_told_in_the_text_format(nobody: TestClient):
    text = nobody.get("/metrics").text
    assert 'reelgrove_render_jobs{state="queued"} 0.0\n' in text
    assert 'reelgrove_queue_age_seconds{kind="render",plan="free"} 0.0\n' in text
    assert "reelgrove_dispatcher_up 0.0\n" in text
    assert "reelgrove_cluster_cpus" not in text


def test_figures_of_the_cluster_are_those_that_its_dispatcher_shows(small_product: Product, redis_url: str):
    settings = settings_for(small_product.container.settings.app.data_dir, redis_url=redis_url)
    container = build_container(settings)
    assert container.redis
    alarm = Alarm(code=AlarmCode.DISK_LOW, message="full", since=datetime.now(UTC))
    show(
        container.redis,
        ClusterHealth(at=alarm.since, holder="h", epoch=1, cpus=4, tasks_in_flight=5, alarms=(alarm,)),
    )
    assert SqlJobStore(container.engine).acquire_lease("h", 600)
    text = local(container).get("/metrics").text
    told = {"dispatcher_up 1.0", "cluster_cpus 4.0", "tasks_in_flight 5.0", 'alarm{code="disk_low"} 1.0'}
    assert {f"reelgrove_{line}" for line in told} <= set(text.splitlines())
    container.redis.delete(HEALTH_KEY)
    container.close()


def test_a_database_at_an_older_revision_is_not_ready_and_one_at_a_newer_is(small_product: Product, nobody: TestClient):
    def set_revision(revision: str):
        with small_product.container.engine.begin() as connection:
            connection.execute(sql("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})

    set_revision("0001")
    answer = nobody.get("/readyz")
    assert (answer.status_code, answer.json()["services"]["migrations"]) == (503, "unavailable")
    set_revision("of tomorrow")  # the new release migrates while the old one still serves
    assert nobody.get("/readyz").status_code == 200


def with_token(product: Product, token: str, *, env: str = "development") -> Container:
    settings = product.container.settings
    app = AppSettings(data_dir=settings.app.data_dir, env=env)  # type: ignore[arg-type] # one of the two
    web = WebSettings(metrics_token=SecretStr(token))
    return replace(product.container, settings=replace(settings, app=app, web=web))


def test_figures_are_for_this_machine_alone_until_there_is_a_token(small_product: Product):
    assert local(small_product.container).get("/metrics").status_code == 200
    assert remote(small_product.container).get("/metrics").status_code == 401
    through_a_proxy = local(small_product.container).get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"})
    assert through_a_proxy.status_code == 401


@pytest.mark.parametrize("env", ["development", "production"])
def test_figures_are_for_those_who_hold_the_token(small_product: Product, env: str):
    container = with_token(small_product, TOKEN, env=env)
    assert remote(container, Authorization=f"Bearer {TOKEN}").get("/metrics").status_code == 200
    assert remote(container, Authorization="Bearer something").get("/metrics").status_code == 401
    assert local(container).get("/metrics").status_code == 401


def test_production_without_a_token_tells_nobody(small_product: Product):
    container = with_token(small_product, "", env="production")
    assert local(container).get("/metrics").status_code == 401
    assert local(container).get("/metrics", headers={"Authorization": "Bearer "}).status_code == 401


def test_rejected_uploads_are_told_by_reason(small_product: Product, ann: TestClient, nobody: TestClient):
    media = small_product.media.silent.read_bytes()
    assert ann.post("/api/assets/upload?type=avatar", files={"file": ("a.mp4", media, "video/mp4")}).status_code == 201

    def fail(session):
        job = session.exec(select(PreparationJob)).one()
        job.job_status, job.error_code = JobState.FAILED, "unsupported_media"

    small_product.do(fail)
    assert 'reelgrove_uploads_rejected{reason="unsupported_media"} 1.0\n' in nobody.get("/metrics").text


def test_uploads_refused_at_the_door_are_counted_by_reason(ann: TestClient):
    series = 'reelgrove_uploads_refused_total{reason="unsupported_media"}'
    before = counted(series)
    answer = ann.post("/api/assets/upload?type=avatar", files={"file": ("a.mp4", b"no film at all", "video/mp4")})
    assert answer.status_code == 415
    assert counted(series) == before + 1


def test_answers_are_timed_by_the_pattern_of_their_route(ann: TestClient):
    series = 'reelgrove_http_seconds_count{method="GET",route="/api/assets/{asset_id}",status="4xx"}'
    before = counted(series)
    for asset_id in ("3f2504e0-4f89-41d3-9a0c-0305e82c3301", "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"):
        ann.get(f"/api/assets/{asset_id}")
    assert counted(series) == before + 2


def test_addresses_and_methods_that_people_make_up_are_no_series_of_their_own(nobody: TestClient):
    for number in range(3):
        nobody.request(f"MADE{number}", f"/api/made-up-{number}")
    assert "made-up" not in exposition()
    assert "MADE" not in exposition()


def test_several_processes_tell_the_sum_of_what_each_has_counted(tmp_path):
    """Each writes to a file of its own; what a dead one had under way is gone, what it has counted stays."""
    program = """
from webapp.metrics import LIMITED, WATCHERS
LIMITED.labels("reads").inc()
WATCHERS.inc()
"""
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for more in ("", "", "from webapp.metrics import exposition\nprint(exposition())"):
        done = subprocess.run(
            [sys.executable, "-c", program + more], env=environment, capture_output=True, text=True, check=True
        )
    assert 'reelgrove_rate_limited_total{quota="reads"} 3.0\n' in done.stdout
    assert "reelgrove_stream_watchers 1.0\n" in done.stdout
