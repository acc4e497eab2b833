import re
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from cluster.health import Alarm, AlarmCode, ClusterHealth
from tests.webapp.product import Product, settings_for
from webapp.api.app import build_api
from webapp.container import build_container
from webapp.renders.outbox import HEALTH_KEY, Outbox, RedisHealth
from webapp.renders.store import SqlJobStore


def test_nothing_is_opened_before_the_first_request():
    def refuse():
        raise AssertionError

    build_api(refuse)


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_unknown_addresses_answer_json(nobody: TestClient, method: str):
    answer = nobody.request(method, "/api/nothing/here")
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


def test_a_wrong_method_is_told_apart(nobody: TestClient):
    answer = nobody.delete("/api/videos")
    assert (answer.status_code, answer.json()["error"]) == (405, "method_not_allowed")


def test_every_answer_has_a_request_id(nobody: TestClient):
    assert nobody.get("/api/videos").headers["x-request-id"]
    assert nobody.get("/api/videos", headers={"x-request-id": "mine-1"}).headers["x-request-id"] == "mine-1"
    assert nobody.get("/api/videos", headers={"x-request-id": "bad id!"}).headers["x-request-id"] != "bad id!"


@pytest.mark.parametrize("path", ["/api/videos", "/api/docs", "/healthz", "/no/page"])
def test_no_answer_can_be_framed_or_taken_for_another_type(nobody: TestClient, path: str):
    headers = nobody.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "frame-ancestors 'none'"
    assert headers["referrer-policy"] == "same-origin"


def test_the_documentation_lists_the_resources(nobody: TestClient):
    page = nobody.get("/api/docs").text
    sources = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert any("swagger" in source for source in sources)
    assert all(nobody.get(source).status_code == 200 for source in sources), "all of it comes from here"
    assert "/api/video/user-render" in nobody.get("/api/openapi.json").json()["paths"]


def test_a_ready_product_says_so(nobody: TestClient):
    assert nobody.get("/healthz").json() == {"status": "ok"}
    answer = nobody.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert answer.json()["services"].items() >= {"database": "ok", "storage": "ok"}.items()


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
    assert 'reelgrove_render_jobs{state="queued"} 0\n' in text
    assert 'reelgrove_queue_age_seconds{kind="render",plan="free"} 0\n' in text
    assert "reelgrove_dispatcher_up 0\n" in text
    assert "reelgrove_cluster_cpus" not in text


def test_figures_of_the_cluster_are_those_that_its_dispatcher_shows(small_product: Product, redis_url: str):
    settings = settings_for(small_product.container.settings.app.data_dir, redis_url=redis_url)
    container = build_container(settings)
    assert container.redis
    alarm = Alarm(code=AlarmCode.DISK_LOW, message="full", since=datetime.now(UTC))
    outbox = Outbox(container.redis)
    health = RedisHealth(outbox)
    health.publish(ClusterHealth(at=alarm.since, holder="h", epoch=1, cpus=4, tasks_in_flight=5, alarms=(alarm,)))
    outbox.close()
    assert SqlJobStore(container.engine).acquire_lease("h", 15)
    text = TestClient(build_api(container)).get("/metrics").text
    told = {"dispatcher_up 1", "cluster_cpus 4", "tasks_in_flight 5", 'alarm{code="disk_low"} 1'}
    assert {f"reelgrove_{line}" for line in told} <= set(text.splitlines())
    container.redis.delete(HEALTH_KEY)
    container.close()


def test_a_fault_of_ours_is_one_sentence_without_details(small_product: Product):
    api = build_api(small_product.container)

    @api.get("/boom")
    def boom():
        raise RuntimeError("secret detail")

    answer = TestClient(api, raise_server_exceptions=False).get("/boom")
    assert (answer.status_code, answer.json()["error"]) == (500, "internal")
    assert "secret" not in answer.text
