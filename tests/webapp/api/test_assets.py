from pathlib import Path
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from tests.factories import make_audio_only_mp4, make_clip, make_text_named_mp4
from tests.webapp.preparing import prepare_uploads
from tests.webapp.product import Product
from webapp.models import VideoAsset


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
    assert bob.get("/api/assets/user-assets").json() == {"assets": []}
    assert ann.get(f"/api/assets/{avatar_id}/content").status_code == 200


def test_deleting_leaves_nothing(ann: TestClient, avatar_id: str, small_product: Product):
    assert ann.delete(f"/api/assets/{avatar_id}").status_code == 204
    assert ann.delete(f"/api/assets/{avatar_id}").status_code == 404
    assert _nothing_is_stored(small_product)
