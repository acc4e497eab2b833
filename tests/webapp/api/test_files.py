from pathlib import Path

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from cluster.storage import LocalObjectStore
from webapp.api.files import content_disposition, serve_file
from webapp.assets.views import StoredFile

BYTES = bytes(range(256)) * 4


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    objects = LocalObjectStore(tmp_path)
    objects.put_bytes("a/b", BYTES)
    file = StoredFile(key="a/b", size_bytes=1024, mime_type="video/mp4", file_name="a.mp4", etag="v1")
    app = FastAPI()

    @app.api_route("/", methods=["GET", "HEAD"])
    def get(request: Request):
        return serve_file(request, objects, file, is_inline=True)

    return TestClient(app)


def test_without_a_range_it_is_the_whole_file(client: TestClient):
    answer = client.get("/")
    assert (answer.status_code, answer.content) == (200, BYTES)
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-length"] == "1024"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-99", 0, 100),
        ("bytes=100-", 100, 1024),
        ("bytes=-24", 1000, 1024),
        ("bytes=1000-99999", 1000, 1024),
        ("bytes=-99999", 0, 1024),
        ("bytes=1023-1023", 1023, 1024),
    ],
)
def test_a_range_is_a_part(client: TestClient, asked: str, start: int, stop: int):
    answer = client.get("/", headers={"range": asked})
    assert (answer.status_code, answer.content) == (206, BYTES[start:stop])
    assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/1024"
    assert answer.headers["content-length"] == str(stop - start)


@pytest.mark.parametrize("asked", ["bytes=1024-", "bytes=5000-6000", "bytes=-0"])
def test_a_range_outside_is_refused_with_the_size(client: TestClient, asked: str):
    answer = client.get("/", headers={"range": asked})
    assert (answer.status_code, answer.headers["content-range"]) == (416, "bytes */1024")
    assert answer.json()["error"] == "range_not_satisfiable"


@pytest.mark.parametrize(
    "asked", ["bytes=5-2", "bytes=-", "bytes=a-b", "items=0-1", "bytes=0-1,4-5", "bytes=" + "9" * 99 + "-"]
)
def test_what_is_no_single_range_is_ignored(client: TestClient, asked: str):
    assert client.get("/", headers={"range": asked}).status_code == 200


def test_a_head_tells_the_same_without_bytes(client: TestClient):
    answer = client.head("/", headers={"range": "bytes=0-99"})
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (206, b"", "100")


def test_a_known_version_is_not_sent_again(client: TestClient):
    etag = client.head("/").headers["etag"]
    assert client.get("/", headers={"if-none-match": etag}).status_code == 304


def test_a_range_of_another_version_is_the_whole_file(client: TestClient):
    etag = client.head("/").headers["etag"]
    assert client.get("/", headers={"range": "bytes=0-1", "if-range": etag}).status_code == 206
    assert client.get("/", headers={"range": "bytes=0-1", "if-range": '"other"'}).status_code == 200


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("a.mp4", "attachment; filename=\"a.mp4\"; filename*=UTF-8''a.mp4"),
        (
            "Привет.mp4",
            "attachment; filename=\"______.mp4\"; filename*=UTF-8''%D0%9F%D1%80%D0%B8%D0%B2%D0%B5%D1%82.mp4",
        ),
        ('a"\r\nX: 1/..\\b', "attachment; filename=\"a___X: 1_.._b\"; filename*=UTF-8''a___X%3A%201_.._b"),
    ],
)
def test_names_survive_and_cannot_break_out_of_the_header(name: str, header: str):
    assert content_disposition(name, is_inline=False) == header


def test_inline_files_are_played(client: TestClient):
    assert client.get("/").headers["content-disposition"].startswith("inline;")
