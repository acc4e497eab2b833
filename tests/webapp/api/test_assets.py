import asyncio
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from starlette.requests import ClientDisconnect

from tests.factories import make_audio_only_mp4, make_clip, make_text_named_mp4
from tests.webapp.preparing import prepare_uploads
from tests.webapp.product import Product
from webapp.api.app import build_api
from webapp.models import AssetStatus, VideoAsset


def _nothing_is_stored(product: Product) -> bool:
    return not product.rows(VideoAsset) and not product.stored_keys() and not product.partial_files()


def test_an_upload_is_answered_with_the_asset(ann: TestClient, avatar_id: str):
    [asset] = ann.get("/api/assets/user-assets?type=avatar").json()["assets"]
    assert asset["id"] == avatar_id
    assert (asset["asset_type"], asset["status"], asset["width"]) == ("avatar", "ready", 96)
    assert asset["url"] == f"/api/assets/{avatar_id}/content"


def test_an_upload_is_processing_until_it_is_prepared(ann: TestClient, small_product: Product):
    files = {"file": ("a.mp4", small_product.media.avatar.read_bytes())}
    answer = ann.post("/api/assets/upload?type=avatar", files=files)
    asset = answer.json()
    assert (answer.status_code, asset["status"], asset["progress"]) == (201, "processing", 0)
    content = ann.get(asset["url"])
    assert (content.status_code, content.json()["field"]) == (409, "asset_id")
    prepare_uploads(small_product.container)
    ready = ann.get(f"/api/assets/{asset['id']}").json()
    assert (ready["status"], ready["progress"], ready["width"]) == ("ready", 100, 96)
    assert ann.get(ready["url"]).headers["content-type"] == "video/mp4"


def test_what_cannot_be_prepared_is_rejected_with_a_reason(ann: TestClient, small_product: Product, tmp_path: Path):
    files = {"file": ("a.mp4", make_audio_only_mp4(tmp_path / "a.mp4").read_bytes())}
    asset_id = ann.post("/api/assets/upload?type=avatar", files=files).json()["id"]
    prepare_uploads(small_product.container)
    asset = ann.get(f"/api/assets/{asset_id}").json()
    assert (asset["status"], asset["reject_reason"]) == (
        "rejected",
        "There is no moving picture in it but sound only. Choose another file.",
    )
    assert small_product.stored_keys() == set()


def test_the_type_may_be_a_field_before_the_file(ann: TestClient, small_product: Product):
    with small_product.media.cover.open("rb") as file:
        answer = ann.post(
            "/api/assets/upload", data={"asset_type": "cover"}, files={"file": ("обложка.png", file, "image/png")}
        )
    assert (answer.status_code, answer.json()["asset_name"]) == (201, "обложка.png")


def test_an_unknown_declared_type_is_left_to_the_bytes(ann: TestClient, small_product: Product):
    content = small_product.media.music.read_bytes()
    answer = ann.post("/api/assets/upload?type=music", files={"file": ("m", content, "application/octet-stream")})
    assert answer.json()["mime_type"] == "audio/mpeg"


@pytest.mark.parametrize(
    ("asset_type", "name", "mime", "status", "sentence"),
    [
        ("avatar", "text", "video/mp4", 415, "avatar must be an MP4 or WebM video of at most 100 MB"),
        ("avatar", "clip", "text/plain", 415, "was sent as text/plain: avatar must be"),
        ("music", "clip", "audio/mpeg", 415, "contains video/mp4: music must be an MP3, WAV or AAC"),
        ("cover", "clip", "image/png", 415, "contains video/mp4: cover must be a PNG, JPEG or WebP image"),
        ("avatar", "empty", "video/mp4", 422, "The file is empty"),
    ],
)
def test_bad_files_are_refused_with_a_sentence_and_nothing_is_stored(
    ann: TestClient,
    small_product: Product,
    tmp_path: Path,
    asset_type: str,
    name: str,
    mime: str,
    status: int,
    sentence: str,
):
    makers = {
        "text": make_text_named_mp4,
        "clip": lambda path: make_clip(path, frames=3),
        "empty": lambda path: path.write_bytes(b"") or path,
    }
    content = makers[name](tmp_path / "file.mp4").read_bytes()
    answer = ann.post(f"/api/assets/upload?type={asset_type}", files={"file": ("file.mp4", content, mime)})
    assert answer.status_code == status
    assert answer.json()["field"] == "file"
    assert sentence in answer.json()["detail"]
    assert _nothing_is_stored(small_product)


@pytest.mark.parametrize(
    ("asset_type", "megabytes", "limit"),
    [("avatar", 101, 100), ("background", 101, 100), ("cover", 11, 10), ("music", 21, 20)],
)
def test_too_large_a_file_is_refused(
    ann: TestClient, small_product: Product, asset_type: str, megabytes: int, limit: int
):
    content = bytes(megabytes * 1_000_000)
    answer = ann.post(f"/api/assets/upload?type={asset_type}", files={"file": ("big", content)})
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")
    assert f"{limit} MB" in answer.json()["detail"]
    assert _nothing_is_stored(small_product)


def test_a_lie_about_the_length_does_not_help(ann: TestClient, small_product: Product):
    def body():
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(12):
            yield bytes(1_000_000)
        yield b"\r\n--b--\r\n"

    headers = {"content-type": "multipart/form-data; boundary=b"}
    answer = ann.post("/api/assets/upload?type=cover", content=body(), headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (413, "file")
    assert _nothing_is_stored(small_product)


_HEAD = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'


@pytest.mark.parametrize(
    ("content_type", "body", "field", "sentence"),
    [
        ("multipart/form-data; boundary=b", b"--b--\r\n", "file", "no file"),
        ("multipart/form-data; boundary=b", _HEAD + b"abc", "file", "cut off"),
        ("multipart/form-data; boundary=b", b"nonsense", "file", "well-formed"),
        ("multipart/form-data", b"", "file", "multipart/form-data"),
        ("multipart/form-data; boundary=" + "b" * 500, b"", "file", "well-formed"),
        ("application/json", b"{}", "file", "multipart/form-data"),
        ("", b"", "file", "multipart/form-data"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\n\r\n--b--\r\n',
            "file",
            "no file",
        ),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="colour"\r\n\r\nred\r\n--b--\r\n',
            "colour",
            "no such field",
        ),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="workspace_id"\r\n\r\n' + b"x" * 5000 + b"\r\n--b--\r\n",
            "workspace_id",
            "at most 200 bytes",
        ),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="workspace_id"\r\n\r\nx\r\n' + _HEAD + b"a\r\n--b--\r\n",
            "workspace_id",
            "no workspace's id",
        ),
    ],
)
def test_bad_bodies_are_refused_with_a_sentence(
    ann: TestClient, small_product: Product, content_type: str, body: bytes, field: str, sentence: str
):
    answer = ann.post("/api/assets/upload?type=avatar", content=body, headers={"content-type": content_type})
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert sentence in answer.json()["detail"]
    assert _nothing_is_stored(small_product)


def test_without_a_type_nothing_is_taken(ann: TestClient, small_product: Product):
    answer = ann.post("/api/assets/upload", files={"file": ("a.mp4", small_product.media.avatar.read_bytes())})
    assert (answer.status_code, answer.json()["field"]) == (422, "asset_type")
    assert "avatar, cover, music, background" in answer.json()["detail"]
    assert _nothing_is_stored(small_product)


@pytest.mark.parametrize("path", ["/api/assets/user-assets?type=gif", "/api/assets/upload?type=gif"])
def test_an_unknown_type_is_refused_with_the_known_ones(ann: TestClient, path: str):
    answer = ann.request("POST" if "upload" in path else "GET", path)
    assert (answer.status_code, answer.json()["field"]) == (422, "type")
    assert "'avatar'" in answer.json()["detail"]


def test_a_file_cannot_be_put_into_a_foreign_workspace(ann: TestClient, bob: TestClient, small_product: Product):
    foreign = small_product.rows(VideoAsset)
    workspaces = {"workspace_id": str(uuid4()), "asset_type": "avatar"}
    answer = ann.post(
        "/api/assets/upload", data=workspaces, files={"file": ("a", small_product.media.avatar.read_bytes())}
    )
    assert (answer.status_code, answer.json()["field"]) == (404, "workspace_id")
    assert foreign == small_product.rows(VideoAsset)


def test_others_find_nothing(ann: TestClient, bob: TestClient, avatar_id: str):
    assert bob.get(f"/api/assets/{avatar_id}/content").status_code == 404
    assert bob.get(f"/api/assets/{avatar_id}").status_code == 404
    assert bob.delete(f"/api/assets/{avatar_id}").status_code == 404
    assert bob.get("/api/assets/user-assets").json() == {"assets": [], "next_cursor": None}
    assert ann.get(f"/api/assets/{avatar_id}/content").status_code == 200


def test_deleting_leaves_nothing(ann: TestClient, avatar_id: str, small_product: Product):
    assert ann.delete(f"/api/assets/{avatar_id}").status_code == 204
    assert ann.delete(f"/api/assets/{avatar_id}").status_code == 404
    assert _nothing_is_stored(small_product)


def test_assets_are_renamed_and_found_page_by_page(ann: TestClient, avatar_id: str, small_product: Product):
    with small_product.media.cover.open("rb") as file:
        ann.post("/api/assets/upload?type=cover", files={"file": ("cover.png", file)})
    answer = ann.patch(f"/api/assets/{avatar_id}", json={"asset_name": "Анна говорит"})
    assert (answer.status_code, answer.json()["asset_name"]) == (200, "Анна говорит")
    [found] = ann.get("/api/assets/user-assets?search=анна&status=ready&demo=false").json()["assets"]
    assert found["id"] == avatar_id
    first = ann.get("/api/assets/user-assets?limit=1").json()
    second = ann.get("/api/assets/user-assets", params={"limit": 1, "cursor": first["next_cursor"]}).json()
    assert [page["assets"][0]["asset_name"] for page in (first, second)] == ["cover.png", "Анна говорит"]
    assert second["next_cursor"] is None
    workspace_id = found["workspace_id"]
    assert len(ann.get(f"/api/assets/user-assets?workspace_id={workspace_id}").json()["assets"]) == 2


@pytest.mark.parametrize(
    ("query", "field"),
    [("cursor=x", "cursor"), ("limit=0", "limit"), ("status=odd", "status"), ("search=%00", "search")],
)
def test_a_list_that_cannot_be_is_refused(ann: TestClient, query: str, field: str):
    answer = ann.get(f"/api/assets/user-assets?{query}")
    assert (answer.status_code, answer.json()["field"]) == (422, field)


@pytest.mark.parametrize("body", [{}, {"asset_name": ""}, {"asset_name": 7}, {"asset_name": "a", "file_path": "b"}])
def test_nothing_but_a_name_is_changed(ann: TestClient, avatar_id: str, body: dict[str, object]):
    assert ann.patch(f"/api/assets/{avatar_id}", json=body).status_code == 422


def test_an_asset_has_a_picture(ann: TestClient, bob: TestClient, avatar_id: str):
    url = ann.get(f"/api/assets/{avatar_id}").json()["poster_url"]
    picture = ann.get(url)
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
    assert picture.content.startswith(b"\xff\xd8\xff")
    assert bob.get(url).status_code == 404


def test_without_a_public_store_nothing_is_sent_to_it(ann: TestClient, small_product: Product):
    wish = {"asset_type": "avatar", "file_name": "a.mp4", "size_bytes": 1000}
    answer = ann.post("/api/assets/direct", json=wish)
    assert (answer.status_code, answer.json()["error"]) == (409, "conflict")
    assert "/api/assets/upload" in answer.json()["detail"]
    assert ann.post("/api/assets/direct", json={**wish, "size_bytes": 10**30}).status_code == 413
    assert _nothing_is_stored(small_product)


@pytest.mark.parametrize("file_name", ["../../../etc/passwd", "..\\..\\etc\\passwd", "/etc/passwd"])
def test_names_lead_nowhere(ann: TestClient, small_product: Product, file_name: str):
    files = {"file": (file_name, small_product.media.cover.read_bytes())}
    answer = ann.post("/api/assets/upload?type=cover", files=files)
    assert (answer.status_code, answer.json()["asset_name"]) == (201, "passwd")
    [key] = small_product.stored_keys()
    assert key.startswith("quarantine/")
    assert small_product.partial_files() == []


def _part(disposition: str, content: bytes = b"x") -> bytes:
    return b"--b\r\nContent-Disposition: form-data; " + disposition.encode() + b"\r\n\r\n" + content + b"\r\n"


@pytest.mark.parametrize(
    "body",
    [
        _part('name="file"; filename="a"') + _part('name="file"; filename="b"') + b"--b--",
        _part('name="file"; filename="a"') + _part('name="asset_type"') + b"--b--",
        _part('name="asset_type"', b"avatar") * 300,
        b"--b\r\n" + b"X-A: " + b"a" * 500_000,
        b"--b\r\n" + b"X-A: 1\r\n" * 50_000,
        b"--b\r\n\r\n\r\n" * 1000,
        b"--b\r\nContent-Disposition: form-data; name=\xff\xfe; filename=\xff\r\n\r\nx\r\n--b--",
        _part("filename*=UTF-8''%00%00; name=file") + b"--b--",
        _part('name="file"; filename="a"', b"--b-not--b") + b"--b",
    ],
    ids=range(9),
)
def test_wrong_multipart_is_refused_and_leaves_nothing(ann: TestClient, small_product: Product, body: bytes):
    headers = {"content-type": "multipart/form-data; boundary=b"}
    answer = ann.post("/api/assets/upload?type=avatar", content=body, headers=headers)
    assert answer.status_code in {413, 415, 422}
    assert _nothing_is_stored(small_product)


def test_a_client_that_goes_away_holds_nothing(ann: TestClient, small_product: Product):
    api = build_api(small_product.container)
    messages = [{"type": "http.request", "body": _HEAD + bytes(2_000_000), "more_body": True}]
    counts = []

    async def receive() -> dict[str, object]:
        if messages:
            return messages.pop()
        counts.append([row.status for row in small_product.rows(VideoAsset)])
        return {"type": "http.disconnect"}

    async def send(message: object) -> None:
        """Nobody listens any more."""

    cookie = "; ".join(f"{name}={value}" for name, value in ann.cookies.items())
    headers = {"content-type": "multipart/form-data; boundary=b", "cookie": cookie, "host": "localhost:3000"}
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/assets/upload",
        "query_string": b"type=avatar",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 50000),
    }
    with suppress(ClientDisconnect):
        asyncio.run(api(scope, receive, send))
    assert counts[0] == [AssetStatus.UPLOADING]
    assert _nothing_is_stored(small_product)
