"""Pictures for the editor over HTTP."""

import io
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from tests.webapp.preparing import prepare_uploads
from tests.webapp.product import Product
from webapp.assets.demo import seed_demo_assets
from webapp.models import UserVideo
from webapp.previews.cache import StillCache
from webapp.previews.still import Still

DIGEST = "a" * 64


def keep_still(product: Product, name: str) -> None:
    """What a painted still leaves behind."""
    cache: StillCache = product.container.stills._cache
    still = Still(jpeg=b"jpeg", frame=0, frame_count=1, fps=Fraction(30), width=2, height=2)
    cache.put(name, DIGEST, still)


def test_a_still_is_shown_to_its_owner_alone(
    ann: TestClient, bob: TestClient, nobody: TestClient, small_product: Product
):
    me = ann.get("/api/auth/me").json()["user_id"]
    keep_still(small_product, me)
    shown = ann.get(f"/api/previews/{DIGEST}.jpg")
    assert (shown.status_code, shown.content, shown.headers["content-type"]) == (200, b"jpeg", "image/jpeg")
    assert "private" in shown.headers["cache-control"]
    assert bob.get(f"/api/previews/{DIGEST}.jpg").json()["error"] == "not_found"
    assert nobody.get(f"/api/previews/{DIGEST}.jpg").status_code == 401


def test_a_digest_that_is_none_is_refused(ann: TestClient):
    assert ann.get("/api/previews/x.jpg").status_code == 422


@pytest.mark.parametrize("form", ["jpeg", "png", "webp"])
def test_a_still_of_an_order_is_painted_in_the_format_asked_for(
    ann: TestClient, order: dict[str, Any], small_product: Product, form: str
):
    shown = ann.post(f"/api/video/still?frame=10&height=100&format={form}", json=order)
    assert shown.status_code == 200, shown.text
    assert shown.headers["content-type"] == f"image/{form}"
    with Image.open(io.BytesIO(shown.content)) as image:
        assert (image.format, image.height) == (form.upper(), 100)
    assert small_product.rows(UserVideo) == []


def test_a_still_needs_assets_of_its_own_and_a_known_format(
    ann: TestClient, bob: TestClient, nobody: TestClient, order: dict[str, Any]
):
    assert bob.post("/api/video/still", json=order).json()["field"] == "user_assets.lipSyncVideo"
    assert nobody.post("/api/video/still", json=order).status_code == 401
    for query in ("format=bmp", "frame=-1", "height=5000"):
        assert ann.post(f"/api/video/still?{query}", json=order).status_code == 422
    assert ann.post("/api/video/still", json=order | {"config": {"width": 91}}).json()["field"] == "config.width"


def test_a_thumbnail_is_shown_to_those_who_may_read_the_asset(ann: TestClient, bob: TestClient, avatar_id: str):
    shown = ann.get(f"/api/assets/{avatar_id}/thumbnail")
    assert shown.status_code == 200
    assert shown.content.startswith(b"\xff\xd8")
    assert bob.get(f"/api/assets/{avatar_id}/thumbnail").status_code == 404


def test_sound_has_no_picture(ann: TestClient, small_product: Product):
    with small_product.media.music.open("rb") as file:
        music = ann.post("/api/assets/upload?type=music", files={"file": ("m.mp3", file, "audio/mpeg")}).json()
    prepare_uploads(small_product.container)
    assert ann.get(f"/api/assets/{music['id']}/thumbnail").json()["error"] == "unsupported_media"


def test_a_template_is_pictured_once_for_all_who_are_known(
    ann: TestClient, bob: TestClient, nobody: TestClient, small_product: Product, tmp_path: Path
):
    for name, path in (("avatar.mp4", small_product.media.avatar), ("broll1.mp4", small_product.media.silent)):
        shutil.copy(path, tmp_path / name)
    seed_demo_assets(small_product.container, tmp_path)
    shown = ann.get("/api/templates/NewsTemplate/picture.jpg")
    assert (shown.status_code, shown.content[:2]) == (200, b"\xff\xd8")
    [kept] = [key for key in small_product.stored_keys() if key.startswith("template-pictures/")]
    small_product.container.objects.put_bytes(kept, b"kept")
    assert bob.get("/api/templates/NewsTemplate/picture.jpg").content == b"kept"
    assert nobody.get("/api/templates/NewsTemplate/picture.jpg").status_code == 401
    assert ann.get("/api/templates/Nothing/picture.jpg").json()["field"] == "template_name"
