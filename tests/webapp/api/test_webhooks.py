import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from fastapi.testclient import TestClient

from tests.webapp.webhooks.desk import Desk
from tests.webapp.webhooks.receiver import Receiver, run_receiver
from tests.webapp.webhooks.test_sender import send_all
from webapp.api.app import build_api
from webapp.models import WebhookMessage
from webapp.webhooks.messages import body_of

URL = "https://example.com/hook"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with run_receiver() as receiver:
        yield receiver


@pytest.fixture
def desk(small_product) -> Desk:
    return Desk(small_product)


def add(client: TestClient, **draft: object) -> dict[str, Any]:
    answer = client.post("/api/webhooks", json={"url": URL, **draft})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_a_webhook_lives_from_its_adding_to_its_removal(ann: TestClient):
    made = add(ann, description="shop", event_types=["render.completed"])
    address = f"/api/webhooks/{made['webhook']['id']}"
    assert made["secret"].startswith("whsec_")
    assert ann.get("/api/webhooks").json() == {"webhooks": [made["webhook"]]}
    assert ann.get(address).json() == made["webhook"]
    changed = ann.patch(address, json={"is_enabled": False}).json()
    assert (changed["is_enabled"], changed["disabled_reason"]) == (False, "It was switched off by hand.")
    assert ann.post(f"{address}/ping").status_code == 409
    rotated = ann.post(f"{address}/rotate-secret").json()
    assert rotated["secret"] != made["secret"]
    assert rotated["webhook"]["previous_secret_until"]
    assert ann.delete(address).status_code == 204
    assert ann.get(address).status_code == 404
    assert ann.get("/api/webhooks").json() == {"webhooks": []}


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        ({"url": "https://127.0.0.1.nip.example:99999/"}, "url"),
        ({"url": "http://10.0.0.1/"}, "url"),
        ({"url": URL, "event_types": ["render.began"]}, "event_types[0]"),
        ({"url": URL, "event_types": ["ping"]}, "event_types"),
        ({"url": URL, "description": "x" * 201}, "description"),
        ({"url": URL, "secret": "mine"}, "secret"),
        ({}, "url"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_field(ann: TestClient, draft: dict[str, object], field: str):
    answer = ann.post("/api/webhooks", json=draft)
    assert answer.status_code == 422
    assert answer.json()["field"] == field


def test_a_ping_can_be_followed_from_request_to_receiver(ann: TestClient, desk: Desk, receiver: Receiver):
    made = add(ann, url=receiver.url)
    address = f"/api/webhooks/{made['webhook']['id']}"
    sent = ann.post(f"{address}/ping")
    assert sent.status_code == 202
    assert sent.json()["state"] == "pending"
    send_all(desk)
    (listed,) = ann.get(f"{address}/deliveries").json()["deliveries"]
    assert (listed["id"], listed["event_type"], listed["state"]) == (sent.json()["id"], "ping", "delivered")
    detail = ann.get(f"{address}/deliveries/{listed['id']}").json()
    assert [(attempt["number"], attempt["status_code"]) for attempt in detail["log"]] == [(1, 204)]
    again = ann.post(f"{address}/deliveries/{listed['id']}/resend")
    assert (again.status_code, again.json()["state"]) == (202, "pending")
    send_all(desk)
    first, second = receiver.requests
    assert first.verified(made["secret"]) == second.verified(made["secret"])
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == detail["message_id"]


def test_deliveries_come_in_pages_and_by_state(ann: TestClient):
    address = f"/api/webhooks/{add(ann)['webhook']['id']}"
    made = [ann.post(f"{address}/ping").json()["id"] for _each in range(3)]
    first = ann.get(f"{address}/deliveries?limit=2").json()
    second = ann.get(f"{address}/deliveries", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [each["id"] for each in first["deliveries"] + second["deliveries"]] == made[::-1]
    assert ann.get(f"{address}/deliveries?state=failed").json() == {"deliveries": [], "next_cursor": None}
    assert ann.get(f"{address}/deliveries?state=lost").status_code == 422


def test_strangers_find_nothing(ann: TestClient, bob: TestClient, nobody: TestClient):
    made = add(ann)["webhook"]
    address = f"/api/webhooks/{made['id']}"
    sent = ann.post(f"{address}/ping").json()["id"]
    asked = [
        ("GET", address),
        ("PATCH", address),
        ("DELETE", address),
        ("POST", f"{address}/rotate-secret"),
        ("POST", f"{address}/ping"),
        ("GET", f"{address}/deliveries"),
        ("GET", f"{address}/deliveries/{sent}"),
        ("POST", f"{address}/deliveries/{sent}/resend"),
        ("GET", f"/api/webhooks?workspace_id={made['workspace_id']}"),
    ]
    for method, path in asked:
        body = {} if method == "PATCH" else None
        assert bob.request(method, path, json=body).status_code == 404, path
        assert nobody.request(method, path, json=body).status_code == 401, path


def test_what_is_sent_is_what_the_documentation_says(
    ann: TestClient, desk: Desk, avatar_id: str, order: dict[str, Any]
):
    add(ann)
    video = ann.post("/api/video/user-render", json=order).json()["video_id"]
    ann.post(f"/api/video/{video}/cancel")
    (message,) = desk.product.rows(WebhookMessage)
    document = build_api(desk.container).openapi()
    schema = document["webhooks"]["render"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    told = {"components": document["components"], **schema}
    jsonschema.validate(json.loads(body_of(message)), told)
    assert message.payload == ann.get(f"/api/video/render-status?video_id={video}").json()
