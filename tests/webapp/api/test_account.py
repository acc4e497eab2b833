"""One's own account over REST."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from webapp.models import Scope


def _key(client: TestClient, **order: object) -> dict[str, str]:
    made = client.post("/api/auth/api-keys", json={"name": "ci", **order})
    assert made.status_code == 201, made.text
    return {"authorization": f"Bearer {made.json()['secret']}", "id": made.json()["id"]}


def test_one_sees_who_one_is(ann: TestClient, nobody: TestClient):
    told = ann.get("/api/auth/me").json()
    assert (told["display_name"], told["scopes"]) == ("ann", None)
    key = _key(ann, scopes=["videos:read"])
    assert nobody.get("/api/auth/me", headers=key).json() == told | {"scopes": ["videos:read"]}


def test_one_sees_and_ends_ones_sessions(ann: TestClient, open_client: Callable[[str], TestClient]):
    phone, stranger = open_client("ann"), open_client("bob")
    sessions = ann.get("/api/auth/sessions").json()["sessions"]
    assert [session["is_current"] for session in sessions].count(True) == 1
    assert len(sessions) == 2
    [other] = [session["id"] for session in sessions if not session["is_current"]]
    assert stranger.delete(f"/api/auth/sessions/{other}").status_code == 404
    assert phone.get("/api/auth/me").status_code == 200
    assert ann.delete(f"/api/auth/sessions/{other}").status_code == 204
    assert phone.get("/api/auth/me").status_code == 401


def test_one_ends_all_other_sessions(ann: TestClient, open_client: Callable[[str], TestClient]):
    others = [open_client("ann") for _ in range(2)]
    assert ann.delete("/api/auth/sessions").json() == {"ended": 2}
    assert [browser.get("/api/auth/me").status_code for browser in (ann, *others)] == [200, 401, 401]


def test_a_key_works_without_a_cookie_until_it_is_revoked(ann: TestClient, nobody: TestClient):
    key = _key(ann)
    assert nobody.get("/api/videos", headers=key).status_code == 200
    assert ann.delete(f"/api/auth/api-keys/{key['id']}").status_code == 204
    assert nobody.get("/api/videos", headers=key).status_code == 401


def test_a_key_does_what_it_was_made_for(ann: TestClient, nobody: TestClient):
    key = _key(ann, scopes=["assets:read"])
    assert nobody.get("/api/assets/user-assets", headers=key).status_code == 200
    refused = nobody.get("/api/videos", headers=key)
    assert (refused.status_code, refused.json()["error"]) == (403, "forbidden")
    assert "videos:read" in refused.json()["detail"]


def test_keys_are_listed_without_their_secrets(ann: TestClient, bob: TestClient, nobody: TestClient):
    until = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    key = _key(ann, name="nightly build", expires_at=until)
    nobody.get("/api/videos", headers=key)
    answer = ann.get("/api/auth/api-keys")
    [listed] = answer.json()["api_keys"]
    secret = key["authorization"].removeprefix("Bearer ")
    assert (listed["name"], listed["scopes"]) == ("nightly build", [*Scope])
    assert listed["last_used_at"] is not None
    assert datetime.fromisoformat(listed["expires_at"]) == datetime.fromisoformat(until)
    assert secret.startswith(listed["prefix"])
    assert secret not in answer.text
    assert bob.get("/api/auth/api-keys").json() == {"api_keys": []}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/auth/sessions"),
        ("DELETE", "/api/auth/sessions"),
        ("DELETE", "/api/auth/sessions/00000000-0000-4000-8000-000000000000"),
        ("GET", "/api/auth/api-keys"),
        ("POST", "/api/auth/api-keys"),
        ("DELETE", "/api/auth/api-keys/00000000-0000-4000-8000-000000000000"),
    ],
)
def test_keys_manage_neither_keys_nor_sessions(ann: TestClient, nobody: TestClient, method: str, path: str):
    answer = nobody.request(method, path, headers=_key(ann), json={"name": "more"} if method == "POST" else None)
    assert (answer.status_code, answer.json()["error"]) == (403, "forbidden")


@pytest.mark.parametrize(
    ("order", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes[0]"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "2999-01-01T00:00:00"}, "expires_at"),
    ],
)
def test_an_order_for_a_key_is_checked(ann: TestClient, order: dict[str, object], field: str):
    answer = ann.post("/api/auth/api-keys", json={"name": "ci", **order})
    assert (answer.status_code, answer.json()["field"]) == (422, field)
