from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from tests.webapp.product import Product
from webapp.api.app import build_api
from webapp.container import build_container
from webapp.settings import AppSettings, Settings


def test_a_program_logs_in_with_json_and_a_cookie_that_scripts_cannot_read(nobody: TestClient):
    answer = nobody.post("/api/auth/dev-login")
    assert answer.status_code == 200
    assert answer.json()["user_id"]
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert nobody.get("/api/videos").status_code == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_browser_is_sent_on_to_the_page(nobody: TestClient, method: str):
    answer = nobody.request(
        method, "/api/auth/dev-login?next=/videos", headers={"accept": "text/html"}, follow_redirects=False
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/videos")


@pytest.mark.parametrize(
    "next_page", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1", "/a\nb"]
)
def test_nobody_is_sent_to_another_site(nobody: TestClient, next_page: str):
    answer = nobody.get(
        "/api/auth/dev-login", params={"next": next_page}, headers={"accept": "text/html"}, follow_redirects=False
    )
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize("header", ["x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded", "via"])
def test_a_proxy_on_the_machine_opens_no_door(nobody: TestClient, header: str):
    answer = nobody.post("/api/auth/dev-login", headers={header: "10.0.0.7"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_a_name_that_resolves_to_the_machine_opens_no_door(nobody: TestClient):
    assert nobody.post("/api/auth/dev-login", headers={"host": "evil.example:3000"}).status_code == 403


@pytest.mark.parametrize(
    ("method", "headers"),
    [("POST", {"origin": "https://evil.example"}), ("GET", {"sec-fetch-site": "cross-site"})],
)
def test_no_other_site_can_log_a_browser_in(nobody: TestClient, method: str, headers: dict[str, str]):
    answer = nobody.request(method, "/api/auth/dev-login?name=mallory", headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_the_network_opens_no_door(small_product: Product):
    with TestClient(build_api(small_product.container), base_url="http://localhost", client=("10.0.0.7", 1)) as client:
        answer = client.post("/api/auth/dev-login")
    assert (answer.status_code, answer.json()["error"]) == (403, "forbidden")


def test_production_has_no_development_login(fresh_sqlite: Settings):
    app = AppSettings(env="production", secret_key="long and random", data_dir=fresh_sqlite.app.data_dir)  # type: ignore[arg-type] # pydantic converts it
    container = build_container(Settings(app=app))
    with TestClient(build_api(container), base_url="http://localhost", client=("127.0.0.1", 1)) as client:
        assert client.post("/api/auth/dev-login").status_code == 403
    container.close()


def test_logging_out_ends_the_session(ann: TestClient):
    token = ann.cookies["reelgrove_session"]
    assert ann.post("/api/auth/logout").status_code == 204
    assert ann.get("/api/videos", headers={"cookie": f"reelgrove_session={token}"}).status_code == 401


def test_a_key_works_without_a_cookie_until_it_is_revoked(ann: TestClient, nobody: TestClient):
    key = ann.post("/api/auth/api-keys", json={"name": "ci"}).json()
    bearer = {"authorization": f"Bearer {key['secret']}"}
    assert nobody.get("/api/videos", headers=bearer).status_code == 200
    assert ann.delete(f"/api/auth/api-keys/{key['id']}").status_code == 204
    assert nobody.get("/api/videos", headers=bearer).status_code == 401


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost:4000", "null"])
def test_other_sites_cannot_act_with_the_cookie(ann: TestClient, order: dict[str, object], origin: str):
    answer = ann.post("/api/video/user-render", json=order, headers={"origin": origin})
    assert (answer.status_code, answer.json()["error"]) == (403, "forbidden")


def test_our_own_pages_can(ann: TestClient, order: dict[str, object]):
    answer = ann.post("/api/video/user-render", json=order, headers={"origin": "http://localhost:3000"})
    assert answer.status_code == 202


def test_keys_need_no_origin(ann: TestClient, nobody: TestClient):
    secret = ann.post("/api/auth/api-keys", json={"name": "ci"}).json()["secret"]
    headers = {"authorization": f"Bearer {secret}", "origin": "https://tool.example"}
    saved = nobody.post("/api/templates/save-config", json={"template_name": "LipSyncTemplate"}, headers=headers)
    assert saved.status_code == 201


ROUTES = [
    ("POST", "/api/video/user-render"),
    ("GET", "/api/video/render-status?video_id={id}"),
    ("POST", "/api/video/{id}/cancel"),
    ("GET", "/api/videos"),
    ("GET", "/api/video/{id}/download"),
    ("HEAD", "/api/video/{id}/download"),
    ("GET", "/api/video/{id}/poster"),
    ("GET", "/api/video/{id}/sprites"),
    ("GET", "/api/video/{id}/sprites.vtt"),
    ("POST", "/api/video/still"),
    ("POST", "/api/assets/upload?type=avatar"),
    ("GET", "/api/assets/user-assets"),
    ("GET", "/api/assets/{id}"),
    ("GET", "/api/assets/{id}/content"),
    ("HEAD", "/api/assets/{id}/content"),
    ("GET", "/api/assets/{id}/thumbnail"),
    ("DELETE", "/api/assets/{id}"),
    ("GET", "/api/templates"),
    ("POST", "/api/templates/save-config"),
    ("POST", "/api/templates/caption-words"),
    ("GET", "/api/render/live-status"),
    ("POST", "/api/auth/logout"),
    ("POST", "/api/auth/api-keys"),
    ("DELETE", "/api/auth/api-keys/{id}"),
]
_ID = "00000000-0000-4000-8000-000000000000"
_BODIES = {
    "/api/video/user-render": {"template_name": "LipSyncTemplate"},
    "/api/video/still": {"template_name": "LipSyncTemplate"},
    "/api/templates/save-config": {"template_name": "LipSyncTemplate"},
    "/api/templates/caption-words": {"template_name": "LipSyncTemplate", "captionText": "Hello"},
    "/api/auth/api-keys": {"name": "ci"},
}


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("credentials", [{}, {"authorization": "Bearer rg_x"}, {"cookie": "reelgrove_session=x"}])
def test_every_resource_refuses_strangers(nobody: TestClient, method: str, path: str, credentials: dict[str, str]):
    answer = nobody.request(method, path.format(id=_ID), json=_BODIES.get(path), headers=credentials)
    assert answer.status_code == 401
    if method != "HEAD":
        assert answer.json()["error"] == "unauthenticated"


def test_every_resource_of_the_api_is_in_that_list(open_client: Callable[[str | None], TestClient]):
    paths = open_client(None).get("/api/openapi.json").json()["paths"]
    listed = {(method, path.partition("?")[0]) for method, path in ROUTES}
    offered = {
        (method.upper(), path.replace("{video_id}", "{id}").replace("{asset_id}", "{id}").replace("{key_id}", "{id}"))
        for path, methods in paths.items()
        for method in methods
    }
    public = {("POST", "/api/auth/dev-login"), ("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics")}
    assert offered - public <= listed
