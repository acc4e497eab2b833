"""What must stream is asked over a socket."""

import http.client
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.cluster.job_store_contract import OUTPUT, progress_of
from tests.webapp.logins import come_in
from tests.webapp.preparing import prepare_uploads
from tests.webapp.product import Media, Product, settings_for
from tests.webapp.servers import free_port
from webapp.container import build_container
from webapp.models import VideoAsset
from webapp.renders.store import SqlJobStore

_ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def served(
    migrated_sqlite: Path, media: Media, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Product]]:
    """A real server's address, and what it serves. Its tests share it, for it takes seconds to start."""
    folder = tmp_path_factory.mktemp("served")
    shutil.copy(migrated_sqlite, folder / "reelgrove.db")
    container, port = build_container(settings_for(folder)), free_port()
    environment = {**os.environ, "REELGROVE_DATA_DIR": str(folder), "REELGROVE_REDIS_URL": redis_url}
    granian = [str(Path(sys.executable).with_name("granian")), "--interface", "asgi", "--host", "127.0.0.1"]
    log = folder / "granian.log"
    with log.open("wb") as stream:
        server = subprocess.Popen(
            [*granian, "--port", str(port), "tests.webapp.api.served:app"],
            env=environment,
            cwd=_ROOT,
            stdout=stream,
            stderr=stream,
        )
    try:
        _until_alive(f"http://localhost:{port}", server, log)
        yield f"http://localhost:{port}", Product(container, media)
    finally:
        server.terminate()
        server.wait(120)
        container.close()


@pytest.fixture
def product(served: tuple[str, Product]) -> Product:
    return served[1]


@pytest.fixture
def unchanged(product: Product) -> Iterator[None]:
    """What is stored after the test is what was stored before, once the server has noticed that the client is gone."""
    before = _stored(product)
    yield
    _until(lambda: _stored(product) == before)


def _stored(product: Product) -> tuple[int, set[str], list[Path]]:
    return len(product.rows(VideoAsset)), product.stored_keys(), product.partial_files()


def _until_alive(address: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline and server.poll() is None:
        try:
            httpx.get(f"{address}/healthz")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"granian did not start: {log.read_text()[-2000:]}")


@pytest.fixture
def client(served: tuple[str, Product]) -> Iterator[httpx.Client]:
    """A logged-in client."""
    with httpx.Client(base_url=served[0], timeout=120) as client:
        come_in(client, "ann")
        yield client


def _render(client: httpx.Client, product: Product) -> str:
    content = product.media.avatar.read_bytes()
    asset = client.post("/api/assets/upload?type=avatar", files={"file": ("a.mp4", content)}).json()
    prepare_uploads(product.container)
    body = {"template_name": "LipSyncTemplate", "user_assets": {"lipSyncVideo": asset["id"]}}
    return str(client.post("/api/video/user-render", json=body).json()["video_id"])


def _events(answer: httpx.Response) -> Iterator[tuple[str, dict[str, object]]]:
    """Of renders; those of uploads have a name."""
    name, data = "", dict[str, object]()
    for line in answer.iter_lines():
        if not line:
            name = ""
        elif line.startswith("event: "):
            name = line
        elif line.startswith("data: "):
            data = httpx.Response(200, text=line.removeprefix("data: ")).json()
        elif line.startswith("id: ") and not name:
            yield line.removeprefix("id: "), data


def test_live_status_tells_a_render_from_its_order_to_its_end(client: httpx.Client, product: Product):
    store = SqlJobStore(product.container.engine)
    epoch = store.acquire_lease("test", 600) or 0
    with client.stream("GET", "/api/render/live-status") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        video_id, events = _render(client, product), _events(answer)
        last_id, data = next(events)
        assert (data["video_id"], data["status"], data["progress"]) == (video_id, "pending", 0)
        request = store.claim(store.waiting(1)[0].job_id, epoch)
        assert request is not None
        store.record_progress((progress_of(request, 40),), epoch)
        told = [next(events)[1]]
        while told[-1]["progress"] != 40:
            told.append(next(events)[1])
    store.complete(request, OUTPUT, epoch)
    with client.stream("GET", "/api/render/live-status", headers={"Last-Event-ID": last_id}) as answer:
        _, data = next(_events(answer))
        assert (data["video_id"], data["status"], data["progress"]) == (video_id, "completed", 100)


def test_live_status_of_a_workspace_names_what_was_renamed_and_deleted(client: httpx.Client, product: Product):
    here = client.get("/api/workspaces").json()["workspaces"][0]["id"]
    video_id = _render(client, product)
    client.post(f"/api/video/{video_id}/cancel")
    with client.stream("GET", f"/api/render/live-status?workspace_id={here}") as answer:
        lines = answer.iter_lines()
        client.patch(f"/api/video/{video_id}", json={"video_title": "Another"})
        assert next(line for line in lines if "renamed" in line) == "event: video.renamed"
        told = json.loads(next(lines).removeprefix("data: "))
        assert (told["video_id"], told["video_title"]) == (video_id, "Another")
        client.delete(f"/api/video/{video_id}")
        assert next(line for line in lines if "deleted" in line) == "event: video.deleted"
    assert client.get(f"/api/render/live-status?workspace_id={uuid4()}").status_code == 404


def test_live_status_ends_with_the_key_that_opened_it(client: httpx.Client, product: Product):
    come_in(client, "somebody with no renders yet")
    key = client.post("/api/auth/api-keys", json={"name": "ci"}).json()
    headers = {"authorization": f"Bearer {key['secret']}"}
    with client.stream("GET", "/api/render/live-status", headers=headers) as answer:
        assert answer.status_code == 200
        client.delete(f"/api/auth/api-keys/{key['id']}").raise_for_status()
        _render(client, product)
        assert list(_events(answer)) == []


@pytest.mark.usefixtures("unchanged")
def test_an_announced_giant_is_refused_before_its_bytes_are_sent(client: httpx.Client, product: Product):
    connection = http.client.HTTPConnection("127.0.0.1", client.base_url.port, timeout=120)
    connection.putrequest("POST", "/api/assets/upload?type=avatar")
    for name, value in {
        "Cookie": f"reelgrove_session={client.cookies['reelgrove_session']}",
        "Content-Type": "multipart/form-data; boundary=b",
        "Content-Length": str(101_000_000),
    }.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status == 413
    assert b"100 MB" in answer.read()
    connection.close()


@pytest.mark.usefixtures("unchanged")
def test_who_sends_before_listening_reads_the_refusal_too(client: httpx.Client):
    for _ in range(5):  # else now and then the connection would be gone before the last byte is sent
        answer = client.post(
            "/api/assets/upload?type=avatar", files={"file": ("a.mp3", b"ID3" * 1_000_000, "audio/mpeg")}
        )
        assert answer.status_code == 415


@pytest.mark.usefixtures("unchanged")
def test_101_megabytes_without_an_announcement_are_refused_on_the_way(client: httpx.Client, product: Product):
    def body() -> Iterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'
        for _ in range(101):
            yield bytes(1_000_000)
        yield b"\r\n--b--\r\n"

    headers = {"content-type": "multipart/form-data; boundary=b"}
    answer = client.post("/api/assets/upload?type=avatar", content=body(), headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (413, "file")


@pytest.mark.usefixtures("unchanged")
def test_a_body_ends_somewhere_even_after_its_last_part(client: httpx.Client):
    def body() -> Iterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\n\r\n--b--\r\n'
        for _ in range(102):
            yield bytes(1_000_000)

    headers = {"content-type": "multipart/form-data; boundary=b"}
    answer = client.post("/api/assets/upload?type=avatar", content=body(), headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")


@pytest.mark.usefixtures("unchanged")
def test_an_upload_that_breaks_off_leaves_nothing(client: httpx.Client, product: Product):
    def body() -> Iterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'
        yield bytes(1_000_000)
        _until(lambda: len(product.partial_files()) == 1)
        raise ConnectionAbortedError

    headers = {"content-type": "multipart/form-data; boundary=b"}
    with pytest.raises(ConnectionAbortedError):
        client.post("/api/assets/upload?type=avatar", content=body(), headers=headers)


def _until(is_so) -> None:
    deadline = time.monotonic() + 120
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_long_file_is_sent_as_it_is(client: httpx.Client, product: Product):
    upload = product.media.avatar.read_bytes()
    asset = client.post("/api/assets/upload?type=avatar", files={"file": ("a.mp4", upload)}).json()
    prepare_uploads(product.container)
    content = client.get(asset["url"]).content
    assert len(content) == client.get(f"/api/assets/{asset['id']}").json()["file_size"]
    part = client.get(asset["url"], headers={"range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, content[100:200])
    head = client.head(asset["url"])
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(content)))
