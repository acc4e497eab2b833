import re

import pytest
from fastapi.testclient import TestClient

from tests.webapp.product import Product
from webapp.api.app import build_api


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
    assert answer.headers["allow"] == "GET"


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


def test_a_fault_of_ours_is_one_sentence_without_details(small_product: Product):
    api = build_api(small_product.container)

    @api.get("/boom")
    def boom():
        raise RuntimeError("secret detail")

    answer = TestClient(api, raise_server_exceptions=False).get("/boom")
    assert (answer.status_code, answer.json()["error"]) == (500, "internal")
    assert "secret" not in answer.text
