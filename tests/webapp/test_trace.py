"""What stands in the log: whose work a line is about, and no secrets."""

import asyncio
import io
import json
import sys
from collections.abc import Iterator

import pytest
import structlog
from fastapi.testclient import TestClient

from cluster.logs import configure_logging
from tests.webapp.logins import log_in
from tests.webapp.product import Product
from webapp.accounts.keys import create_api_key
from webapp.accounts.sessions import SESSION_COOKIE
from webapp.api.app import build_api
from webapp.trace import ids_of, note, tracing

REQUEST_ID = "asked-by-a-test"


class Log:
    """What was logged, as lines of JSON."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    def lines(self, event: str) -> list[dict[str, object]]:
        found = [json.loads(line) for line in self.text.splitlines()]
        return [line for line in found if line["event"] == event]


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    configure_logging()
    structlog.configure(cache_logger_on_first_use=False)
    yield Log(stream)
    structlog.reset_defaults()


def test_ids_that_become_known_in_a_thread_stand_in_every_later_line_of_the_request(log: Log):
    logger = structlog.get_logger()

    async def serve():
        with tracing(request_id="r"):
            await asyncio.to_thread(note, user_id="ann", video_id="v")
            logger.info("later")

    async def serve_with_the_last_line():
        with tracing(request_id="r") as known:
            await asyncio.to_thread(note, user_id="ann", video_id="v")
            logger.info("last", **known)

    asyncio.run(serve())
    asyncio.run(serve_with_the_last_line())
    assert log.lines("later")[0]["request_id"] == "r"
    assert log.lines("last")[0].items() >= {"request_id": "r", "user_id": "ann", "video_id": "v"}.items()


def test_an_error_remembers_what_was_being_served():
    def serve():
        with tracing(request_id="r"):
            note(video_id="v")
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken") as refused:
        serve()
    assert ids_of(refused.value) == {"request_id": "r", "video_id": "v"}


def test_ids_do_not_outlive_what_they_were_known_for(log: Log):
    note(video_id="nobody serves anything")
    with tracing(request_id="r"):
        note(user_id="ann")
    structlog.get_logger().info("afterwards")
    assert log.lines("afterwards")[0].keys() == {"event", "level", "timestamp"}


def test_a_request_is_logged_with_all_whose_ids_are_known(small_product: Product, log: Log):
    actor, token = small_product.do(lambda session: log_in(session, "ann"))
    video = small_product.render(actor, small_product.order(small_product.upload(actor, small_product.media.avatar).id))
    client = TestClient(build_api(small_product.container), cookies={SESSION_COOKIE: token})
    client.get(f"/api/video/render-status?video_id={video.id}", headers={"X-Request-ID": REQUEST_ID})
    [line] = log.lines("http.answered")
    wanted = {
        "request_id": REQUEST_ID,
        "user_id": str(actor.user_id),
        "workspace_id": str(video.workspace_id),
        "video_id": str(video.id),
        "route": "/api/video/render-status",
        "status": 200,
    }
    assert line.items() >= wanted.items()


def test_no_secret_is_logged_whatever_happens(small_product: Product, log: Log):
    actor, token = small_product.do(lambda session: log_in(session, "ann"))
    key = small_product.do(lambda session: create_api_key(session, actor, "program")).secret
    api = build_api(small_product.container)

    @api.get("/boom/{secret}")
    def boom(secret: str):
        kept = secret
        raise RuntimeError(f"with {len(kept)} letters")

    secrets = {"session": token, "key": key, "link": "token-of-a-link", "search": "what-ann-looks-for"}
    client = TestClient(api, raise_server_exceptions=False)
    for headers in ({"Cookie": f"{SESSION_COOKIE}={token}"}, {"Authorization": f"Bearer {key}"}):
        client.get("/api/videos", params={"search": secrets["search"]}, headers=headers)
        client.get(f"/boom/{secrets['link']}", headers=headers)
        client.post("/api/auth/api-keys", json={"name": secrets["search"]}, headers=headers)
    for path in ("invites/{}", "share/{}", "files/assets/{}?signature={}", "made/up/{}"):
        client.get("/api/" + path.replace("{}", secrets["link"]), headers=headers)
    client.get("/api/videos", headers={"Authorization": f"Bearer {key}x"})
    assert len(log.lines("http.answered")) == 9
    assert log.lines("http.failed"), "a fault of ours is logged with its traceback"
    told = {name for name, secret in secrets.items() if secret in log.text}
    assert told == set()
    assert small_product.container.settings.app.secret_key.get_secret_value() not in log.text


@pytest.mark.parametrize(
    "secret",
    [
        "rg_0123456789abcdefghijklmnopqrstuvwxyz",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "postgresql://reelgrove:hunter2@db/reelgrove",
        "redis://:hunter2@redis:6379/0",
        "Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln",
    ],
)
def test_a_secret_that_an_error_brings_is_taken_out_of_the_line(log: Log, secret: str):
    structlog.get_logger().error("failed", error=f"cannot use {secret}, sorry")
    [line] = log.lines("failed")
    assert secret not in log.text
    assert "hunter2" not in log.text
    assert str(line["error"]).startswith("cannot use ")
    assert str(line["error"]).endswith(", sorry")
