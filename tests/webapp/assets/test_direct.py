"""Uploads that clients put into the object store themselves, on a real S3 server."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from cluster.jobs import JobState
from cluster.keys import incoming_key
from cluster.ports import ObjectStore
from cluster.s3 import S3ObjectStore
from cluster.storage import StorageError
from tests.factories import make_text_named_mp4
from tests.seaweed import seaweed_settings
from tests.webapp.preparing import prepare_uploads
from tests.webapp.product import Media, Product
from webapp.accounts.service import Actor
from webapp.assets.clearing import clear_abandoned, clear_strays
from webapp.assets.direct import begin_direct, finish_direct
from webapp.assets.partial import UploadIntent
from webapp.assets.service import delete_asset, get_asset
from webapp.assets.views import AssetView, DirectUpload
from webapp.billing.limits import current_usage
from webapp.container import Container, build_container
from webapp.errors import (
    ConflictError,
    InvalidError,
    NotFoundError,
    QuotaExceededError,
    TooLargeError,
    UnsupportedMediaError,
)
from webapp.models import AssetStatus, AssetType, PreparationJob, VideoAsset, utc_now
from webapp.settings import Settings


@pytest.fixture
def public(fresh_sqlite: Settings, s3_port: int, s3_store: S3ObjectStore) -> Iterator[Container]:
    """The product with a store that clients can reach, and an empty bucket."""
    storage = seaweed_settings(s3_port)
    storage = storage.model_copy(update={"s3_public_endpoint": f"http://localhost:{s3_port}"})
    container = build_container(replace(fresh_sqlite, storage=storage))
    yield container
    container.close()


@pytest.fixture
def shop(public: Container, media: Media) -> Product:
    return Product(public, media)


@pytest.fixture
def ann(shop: Product) -> Actor:
    return shop.user("ann")


def announce(product: Product, actor: Actor, path: Path, **told: object) -> DirectUpload:
    intent = UploadIntent(
        **{  # type: ignore[arg-type] # a test's own facts
            "asset_type": AssetType.AVATAR,
            "file_name": path.name,
            "size_bytes": path.stat().st_size,
            **told,
        }
    )
    return product.do(lambda session: begin_direct(session, product.container, actor, intent))


def post(upload: DirectUpload, content: bytes) -> int:
    with httpx.Client(trust_env=False) as client:
        return client.post(upload.url, data=upload.fields, files={"file": ("x", content)}).status_code


def finish(product: Product, actor: Actor, upload: DirectUpload) -> AssetView:
    return finish_direct(product.container, actor, upload.asset.id)


def send(product: Product, actor: Actor, path: Path, **told: object) -> AssetView:
    upload = announce(product, actor, path, **told)
    assert post(upload, path.read_bytes()) == 204
    return finish(product, actor, upload)


def test_a_file_sent_to_the_store_becomes_an_asset_like_any_other(shop: Product, ann: Actor):
    upload = announce(shop, ann, shop.media.avatar, file_name="../моё.mp4")
    assert (upload.asset.status, upload.asset.asset_name) == (AssetStatus.UPLOADING, "моё.mp4")
    assert timedelta(minutes=14) < upload.expires_at - utc_now() <= timedelta(minutes=15)
    assert post(upload, shop.media.avatar.read_bytes()) == 204
    assert shop.stored_keys() == {incoming_key(upload.asset.id.hex)}
    sent = finish(shop, ann, upload)
    assert (sent.id, sent.status, sent.mime_type) == (upload.asset.id, AssetStatus.PROCESSING, "video/mp4")
    [job] = shop.rows(PreparationJob)
    assert (job.job_status, shop.stored_keys()) == (JobState.QUEUED, {job.source_path})
    prepare_uploads(shop.container)
    ready = shop.do(lambda session: get_asset(session, ann, sent.id))
    assert (ready.status, ready.width) == (AssetStatus.READY, 96)


def test_both_ways_lead_to_the_same_asset(shop: Product, ann: Actor):
    first = shop.upload(ann, shop.media.avatar)
    keys = shop.stored_keys()
    assert send(shop, ann, shop.media.avatar) == first
    assert (shop.stored_keys(), len(shop.rows(VideoAsset))) == (keys, 1)


def test_what_is_announced_holds_storage_and_what_is_given_up_frees_it(shop: Product, ann: Actor):
    def used() -> int:
        return shop.do(lambda session: current_usage(session, shop.workspace(ann))).storage_used

    uploads = [announce(shop, ann, shop.media.avatar, size_bytes=90_000_000) for _ in range(11)]
    with pytest.raises(QuotaExceededError):
        announce(shop, ann, shop.media.avatar, size_bytes=90_000_000)
    assert used() == 990_000_000
    for upload in uploads:
        shop.do(lambda session, upload=upload: delete_asset(session, shop.container.objects, ann, upload.asset.id))
    assert used() == 0


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({"size_bytes": 100_000_001}, TooLargeError),
        ({"size_bytes": 0}, InvalidError),
        ({"size_bytes": None}, InvalidError),
        ({"mime_type": "text/html"}, UnsupportedMediaError),
        ({"workspace_id": uuid4()}, NotFoundError),
    ],
)
def test_what_can_only_be_refused_is_refused_at_once(
    shop: Product, ann: Actor, told: dict[str, object], kind: type[Exception]
):
    with pytest.raises(kind):
        announce(shop, ann, shop.media.avatar, **told)
    assert shop.rows(VideoAsset) == []


def test_a_lie_about_the_size_is_refused_by_the_store(shop: Product, ann: Actor):
    content = shop.media.avatar.read_bytes()
    upload = announce(shop, ann, shop.media.avatar, size_bytes=len(content) - 1)
    assert post(upload, content) in {400, 403}
    with pytest.raises(ConflictError, match="has not come yet"):
        finish(shop, ann, upload)
    assert shop.rows(VideoAsset)[0].status is AssetStatus.UPLOADING, "it may still come"


def test_an_object_of_another_size_is_given_up(shop: Product, ann: Actor):
    upload = announce(shop, ann, shop.media.avatar)
    shop.container.objects.put_bytes(incoming_key(upload.asset.id.hex), b"short")
    with pytest.raises(InvalidError, match="5 bytes"):
        finish(shop, ann, upload)
    assert (shop.rows(VideoAsset), shop.stored_keys()) == ([], set())


def test_bytes_that_are_no_such_media_are_given_up(shop: Product, ann: Actor, tmp_path: Path):
    with pytest.raises(UnsupportedMediaError, match="not a media file that we know"):
        send(shop, ann, make_text_named_mp4(tmp_path / "a.mp4"))
    with pytest.raises(UnsupportedMediaError, match="contains video/mp4: cover must be"):
        send(shop, ann, shop.media.avatar, asset_type=AssetType.COVER)
    assert (shop.rows(VideoAsset), shop.stored_keys()) == ([], set())


def test_what_comes_after_the_look_at_it_changes_nothing(shop: Product, ann: Actor):
    content = shop.media.avatar.read_bytes()
    upload = announce(shop, ann, shop.media.avatar)
    post(upload, content)
    finish(shop, ann, upload)
    assert post(upload, bytes(len(content))) == 204, "the form is still good"
    [job] = shop.rows(PreparationJob)
    assert shop.container.objects.read(job.source_path) == content
    assert clear_strays(shop.container.engine, shop.container.objects, grace=timedelta(hours=-2)) == 1
    assert shop.stored_keys() == {job.source_path}


def test_saying_it_twice_is_saying_it_once(shop: Product, ann: Actor):
    upload = announce(shop, ann, shop.media.avatar)
    post(upload, shop.media.avatar.read_bytes())

    def say(_: int) -> AssetView | None:
        try:
            return finish(shop, ann, upload)
        except ConflictError:
            return None

    with ThreadPoolExecutor(3) as threads:
        views = [view for view in threads.map(say, range(3)) if view is not None]
    assert {view.id for view in views} == {upload.asset.id}
    assert finish(shop, ann, upload) == views[0]
    [job] = shop.rows(PreparationJob)
    assert shop.stored_keys() == {job.source_path}


class AwayOnce:
    """A store that does not answer the first question about a size."""

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects
        self._is_away = True

    def __getattr__(self, name: str) -> object:
        return getattr(self._objects, name)

    def size(self, key: str) -> int | None:
        if self._is_away:
            self._is_away = False
            raise StorageError(key, "is away")
        return self._objects.size(key)


def test_when_the_store_is_away_it_can_be_said_again(shop: Product, ann: Actor):
    upload = announce(shop, ann, shop.media.avatar)
    post(upload, shop.media.avatar.read_bytes())
    stores = replace(shop.container, objects=AwayOnce(shop.container.objects))
    with pytest.raises(StorageError):
        finish_direct(stores, ann, upload.asset.id)
    assert finish_direct(stores, ann, upload.asset.id).status is AssetStatus.PROCESSING


def test_others_cannot_say_it(shop: Product, ann: Actor):
    upload = announce(shop, ann, shop.media.avatar)
    with pytest.raises(NotFoundError):
        finish(shop, shop.user("bob"), upload)


def test_what_was_never_said_is_forgotten_after_an_hour(shop: Product, ann: Actor):
    upload = announce(shop, ann, shop.media.avatar)
    post(upload, shop.media.avatar.read_bytes())

    def grow_old(session):
        session.get_one(VideoAsset, upload.asset.id).upload_expires_at = utc_now()

    shop.do(grow_old)
    assert clear_abandoned(shop.container.engine, shop.container.objects) == 1
    assert (shop.rows(VideoAsset), shop.stored_keys()) == ([], set())


def test_without_such_a_store_files_come_through_the_server(small_product: Product):
    ann = small_product.user("ann")
    with pytest.raises(ConflictError, match="/api/assets/upload"):
        announce(small_product, ann, small_product.media.avatar)
    assert small_product.rows(VideoAsset) == []
