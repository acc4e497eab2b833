"""Files for whoever has a link, and downloads that clients fetch from the object store itself."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient

from cluster.s3 import S3ObjectStore
from tests.webapp.preparing import prepare_uploads
from tests.webapp.product import Product
from webapp.api.app import build_api
from webapp.links import LinkSigner
from webapp.models import VideoAsset, WorkspaceMember


@pytest.fixture
def music_id(ann: TestClient, small_product: Product) -> str:
    files = {"file": ("song.mp3", small_product.media.music.read_bytes())}
    answer = ann.post("/api/assets/upload?type=music", files=files)
    prepare_uploads(small_product.container)
    return str(answer.json()["id"])


def test_whoever_has_the_link_reads_the_file(ann: TestClient, nobody: TestClient, avatar_id: str):
    link = ann.get(f"/api/assets/{avatar_id}/link").json()
    assert link["expires_at"] is None
    whole, part = nobody.get(link["url"]), nobody.get(link["url"], headers={"Range": "bytes=4-7"})
    assert whole.content == ann.get(f"/api/assets/{avatar_id}/content").content
    assert (part.status_code, part.content) == (206, b"ftyp")
    head = nobody.head(link["url"])
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(whole.content)))
    assert nobody.get(link["url"], headers={"If-None-Match": whole.headers["etag"]}).status_code == 304
    assert "default-src 'none'" in whole.headers["content-security-policy"]


def test_a_link_opens_one_file_alone(ann: TestClient, nobody: TestClient, avatar_id: str):
    url = ann.get(f"/api/assets/{avatar_id}/link").json()["url"]
    path, _, signature = url.partition("?")
    for wrong in (
        path,
        f"{path}?signature=",
        f"{path}?signature={'0' * 64}",
        f"{path}?{signature}&expires=99999999999",
        f"/api/files/assets/{uuid4()}?{signature}",
    ):
        answer = nobody.get(wrong)
        assert (answer.status_code, answer.json()["error"]) == (404, "not_found")
    assert nobody.get(f"/api/assets/{avatar_id}/content?{signature}").status_code == 401


def test_links_to_music_end(ann: TestClient, nobody: TestClient, music_id: str, small_product: Product):
    link = ann.get(f"/api/assets/{music_id}/link?lifetime_s=60").json()
    assert nobody.get(link["url"]).headers["content-type"] == "audio/mpeg"
    ends_in = datetime.fromisoformat(link["expires_at"]) - datetime.now(UTC)
    assert timedelta() < ends_in <= timedelta(seconds=60)
    secret = small_product.container.settings.app.secret_key.get_secret_value()
    late = LinkSigner(secret, clock=lambda: datetime(2026, 1, 1, tzinfo=UTC))
    url = late.sign(f"/api/files/assets/{music_id}", late.expires_in(timedelta(hours=1)))
    assert nobody.get(url).status_code == 404
    for lifetime in (59, 700_000, "x"):
        assert ann.get(f"/api/assets/{music_id}/link?lifetime_s={lifetime}").status_code == 422


def test_with_the_asset_its_link_ends(ann: TestClient, nobody: TestClient, avatar_id: str):
    url = ann.get(f"/api/assets/{avatar_id}/link").json()["url"]
    ann.delete(f"/api/assets/{avatar_id}")
    assert nobody.get(url).status_code == 404


def test_links_rest_while_their_workspace_is_archived(ann: TestClient, nobody: TestClient, avatar_id: str):
    workspace_id = ann.get(f"/api/assets/{avatar_id}").json()["workspace_id"]
    url = ann.get(f"/api/assets/{avatar_id}/link").json()["url"]
    ann.post("/api/workspaces", json={"name": "Second"})
    archived = ann.post(f"/api/workspaces/{workspace_id}/archive")
    assert archived.status_code == 200
    assert nobody.get(url).status_code == 404
    assert ann.post(f"/api/workspaces/{workspace_id}/restore").status_code == 200
    assert nobody.get(url).status_code == 200


def test_there_is_no_link_to_what_is_not_ready(ann: TestClient, small_product: Product):
    files = {"file": ("a.mp4", small_product.media.avatar.read_bytes())}
    asset_id = ann.post("/api/assets/upload?type=avatar", files=files).json()["id"]
    assert ann.get(f"/api/assets/{asset_id}/link").status_code == 409


def test_who_has_lost_the_asset_makes_no_more_links(ann: TestClient, avatar_id: str, small_product: Product):
    [member] = [row for row in small_product.rows(WorkspaceMember) if _is_owner(small_product, row, avatar_id)]
    small_product.do(lambda session: session.delete(session.merge(member)))
    assert ann.get(f"/api/assets/{avatar_id}/link").status_code == 404


def _is_owner(product: Product, member: WorkspaceMember, asset_id: str) -> bool:
    return product.do(lambda session: session.get_one(VideoAsset, UUID(asset_id))).user_id == member.user_id


def test_where_clients_reach_the_store_they_are_sent_there(
    ann: TestClient, avatar_id: str, small_product: Product, tmp_path: Path
):
    store = S3ObjectStore(
        bucket="media", cache=tmp_path, public_endpoint="https://files.example", access_key="a", secret_key="b"
    )
    api = build_api(replace(small_product.container, objects=store))
    with TestClient(api, base_url="http://localhost:3000", cookies=ann.cookies) as client:
        answer = client.get(f"/api/assets/{avatar_id}/content", follow_redirects=False)
        assert answer.status_code == 307
        assert answer.headers["location"].startswith("https://files.example/media/user-avatars/")
        assert "X-Amz-Expires=300" in answer.headers["location"]
        assert "response-content-type=video%2Fmp4" in answer.headers["location"]
        assert answer.headers["cache-control"] == "no-store"
        head = client.head(f"/api/assets/{avatar_id}/content", follow_redirects=False)
        assert (head.status_code, head.headers["content-type"]) == (200, "video/mp4")


def test_a_shared_videos_page_takes_media_from_there_too(small_product: Product):
    settings = small_product.container.settings
    storage = settings.storage.model_copy(update={"s3_public_endpoint": "https://files.example"})
    api = build_api(replace(small_product.container, settings=replace(settings, storage=storage)))
    with TestClient(api, base_url="http://localhost:3000") as client:
        policy = client.get("/share/unknown").headers["content-security-policy"]
    assert "media-src 'self' https://files.example" in policy
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
