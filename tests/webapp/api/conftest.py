"""REST on SQLite, asked in process; where bytes must stream, a real server is used instead."""

from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient

from tests.webapp.logins import log_in as log_in_by_service
from tests.webapp.preparing import prepare_uploads
from tests.webapp.product import Product
from webapp.accounts.sessions import SESSION_COOKIE
from webapp.api.app import build_api

ADDRESS = "http://localhost:3000"


@pytest.fixture
def open_client(small_product: Product) -> Iterator[Callable[[str | None], TestClient]]:
    """Browsers by the name of who is logged in; None is nobody."""
    api = build_api(small_product.container)
    clients = []

    def log_in(name: str | None) -> TestClient:
        client = TestClient(api, base_url=ADDRESS, client=("127.0.0.1", 50000), raise_server_exceptions=False)
        clients.append(client)
        if name is not None:
            _, token = small_product.do(lambda session: log_in_by_service(session, name))
            client.cookies.set(SESSION_COOKIE, token)
        return client

    yield log_in
    for client in clients:
        client.close()


@pytest.fixture
def ann(open_client: Callable[[str | None], TestClient]) -> TestClient:
    return open_client("ann")


@pytest.fixture
def bob(open_client: Callable[[str | None], TestClient]) -> TestClient:
    return open_client("bob")


@pytest.fixture
def nobody(open_client: Callable[[str | None], TestClient]) -> TestClient:
    return open_client(None)


@pytest.fixture
def avatar_id(ann: TestClient, small_product: Product) -> str:
    """Ann's avatar."""
    with small_product.media.avatar.open("rb") as file:
        answer = ann.post("/api/assets/upload?type=avatar", files={"file": ("avatar.mp4", file, "video/mp4")})
    assert answer.status_code == 201, answer.text
    prepare_uploads(small_product.container)
    return str(answer.json()["id"])


@pytest.fixture
def order(avatar_id: str) -> dict[str, object]:
    """A valid body for Ann's render."""
    return {
        "template_name": "LipSyncTemplate",
        "user_assets": {"lipSyncVideo": avatar_id},
        "config": {"width": 90, "height": 160, "mainText": "Привет"},
    }
