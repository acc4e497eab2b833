from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from cluster.jobs import JobOutput
from cluster.keys import incoming_key
from tests.webapp.product import Product
from webapp.accounts.service import Actor
from webapp.assets.clearing import clear_abandoned
from webapp.assets.intake import finish_upload
from webapp.assets.partial import PartialUpload
from webapp.assets.service import delete_asset
from webapp.billing.limits import current_usage
from webapp.errors import ConflictError, QuotaExceededError, TooLargeError
from webapp.models import AssetStatus, AssetType, RenderJob, UserUsage, VideoAsset, utc_now
from webapp.renders.orders import complete

MB = 1_000_000
FREE = 1000 * MB


@pytest.fixture
def ann(product: Product) -> Actor:
    return product.user("ann")


def used(product: Product, actor: Actor) -> int:
    return product.do(lambda session: current_usage(session, product.workspace(actor))).storage_used


def fill(product: Product, actor: Actor, left: int) -> None:
    """Leave so many bytes of the plan's storage."""
    row = VideoAsset(
        user_id=actor.user_id,
        workspace_id=product.workspace(actor).id,
        asset_type=AssetType.COVER,
        asset_name="full",
        file_path="user-covers/full",
        file_size=FREE - left,
        mime_type="image/png",
        status=AssetStatus.READY,
        sha256="0" * 64,
    )
    product.do(lambda session: session.add(row))


def test_an_announced_upload_counts_before_its_bytes_come(product: Product, ann: Actor):
    upload = product.begin(ann, size_bytes=60 * MB)
    [row] = product.rows(VideoAsset)
    assert (row.status, row.asset_name) == (AssetStatus.UPLOADING, "a.mp4")
    assert used(product, ann) == 60 * MB
    upload.close()


def test_what_was_not_announced_counts_as_it_comes(product: Product, ann: Actor):
    with product.begin(ann) as upload:
        assert used(product, ann) == 1
        upload.append(bytes(5 * MB))
        assert 5 * MB <= used(product, ann) <= 6 * MB
        upload.append(bytes(2 * MB))
        assert 7 * MB <= used(product, ann) <= 8 * MB
    assert used(product, ann) == 0


def test_an_upload_that_breaks_off_gives_back_what_it_held(product: Product, ann: Actor):
    with product.begin(ann, size_bytes=60 * MB) as upload:
        upload.append(b"x")
    assert product.rows(VideoAsset) == []
    [usage] = product.rows(UserUsage)
    assert used(product, ann) == usage.storage_used == 0
    assert product.partial_files() == []


def test_closing_again_and_late_changes_nothing(product: Product, ann: Actor):
    with product.begin(ann) as upload:
        upload.append(product.media.avatar.read_bytes())
        view = finish_upload(product.container, upload)
    upload.close()
    assert [row.id for row in product.rows(VideoAsset)] == [view.id]


def test_uploads_at_the_same_time_cannot_fill_the_same_room(product: Product, ann: Actor):
    fill(product, ann, left=100 * MB)

    def begin(_: int) -> PartialUpload | None:
        try:
            return product.begin(ann, size_bytes=40 * MB)
        except QuotaExceededError:
            return None

    with ThreadPoolExecutor(6) as threads:
        uploads = list(threads.map(begin, range(6)))
    begun = [upload for upload in uploads if upload is not None]
    assert len(begun) == 2
    assert used(product, ann) == FREE - 20 * MB
    begun[0].close()
    product.begin(ann, size_bytes=40 * MB).close()
    begun[1].close()


def test_uploads_that_say_nothing_of_their_size_share_the_room_as_well(product: Product, ann: Actor):
    fill(product, ann, left=10 * MB)

    def send(_: int) -> int:
        most = 0
        with product.begin(ann) as upload, suppress(QuotaExceededError):
            for _step in range(6):
                upload.append(bytes(MB))
                most = max(most, used(product, ann))
        return most

    with ThreadPoolExecutor(3) as threads:
        assert max(threads.map(send, range(3))) <= FREE
    assert used(product, ann) == FREE - 10 * MB


def test_the_last_bytes_of_the_room_can_be_used(product: Product, ann: Actor):
    content = product.media.avatar.read_bytes()
    fill(product, ann, left=len(content))
    with product.begin(ann) as upload:
        upload.append(content)
        finish_upload(product.container, upload)
    assert used(product, ann) == FREE


def test_more_bytes_than_announced_are_counted_too(product: Product, ann: Actor):
    fill(product, ann, left=2 * MB)
    upload = product.begin(ann, size_bytes=MB)
    with pytest.raises(QuotaExceededError):
        upload.append(bytes(3 * MB))
    assert used(product, ann) == FREE - 2 * MB
    assert product.partial_files() == []


def test_what_is_too_large_holds_nothing(product: Product, ann: Actor):
    with pytest.raises(TooLargeError):
        product.begin(ann, asset_type=AssetType.COVER, size_bytes=11 * MB)
    upload = product.begin(ann, asset_type=AssetType.COVER)
    with pytest.raises(TooLargeError):
        upload.append(bytes(11 * MB))
    assert used(product, ann) == 0


def test_fewer_bytes_than_announced_are_what_counts(product: Product, ann: Actor):
    with product.begin(ann, size_bytes=50 * MB) as upload:
        upload.append(product.media.avatar.read_bytes())
        view = finish_upload(product.container, upload)
    assert used(product, ann) == view.file_size == product.media.avatar.stat().st_size


def test_an_upload_that_was_deleted_meanwhile_ends(product: Product, ann: Actor):
    with product.begin(ann) as upload:
        upload.append(product.media.avatar.read_bytes())
        asset_id = upload.reservation.asset_id
        product.do(lambda session: delete_asset(session, product.container.objects, ann, asset_id))
        with pytest.raises(ConflictError, match="given up"):
            finish_upload(product.container, upload)
    assert product.rows(VideoAsset) == []
    assert product.stored_keys() == set()


def test_what_a_killed_process_held_is_free_after_an_hour(product: Product, ann: Actor):
    upload = product.begin(ann, size_bytes=60 * MB)
    objects = product.container.objects
    objects.put_bytes(incoming_key(upload.reservation.asset_id.hex), b"some of it")
    assert clear_abandoned(product.container.engine, objects) == 0

    def grow_old(session):
        row = session.get_one(VideoAsset, upload.reservation.asset_id)
        assert timedelta(minutes=59) < row.upload_expires_at - utc_now() < timedelta(minutes=61)
        row.upload_expires_at = utc_now() - timedelta(seconds=1)

    product.do(grow_old)
    assert clear_abandoned(product.container.engine, objects) == 1
    assert (product.rows(VideoAsset), product.stored_keys(), used(product, ann)) == ([], set(), 0)
    upload.close()


def test_a_prepared_file_that_is_larger_than_its_upload_is_kept_and_the_next_one_refused(
    product: Product, ann: Actor, tmp_path: Path
):
    """What is stored counts, even where it is more than there was room for: nobody could know, and nothing is lost."""
    size_bytes = product.media.cover.stat().st_size
    fill(product, ann, left=size_bytes)
    view = product.upload(ann, product.media.cover, AssetType.COVER)
    assert view.status is AssetStatus.READY
    assert used(product, ann) > FREE
    with pytest.raises(QuotaExceededError, match="Delete files"):
        product.begin(ann)


def test_videos_count_with_their_pictures(product: Product, ann: Actor):
    video = product.render(ann, product.order(product.upload(ann, product.media.avatar).id))
    before = used(product, ann)
    info = {"key": "rendered-videos/v/j.mp4", "sha256": "0" * 64, "frame_count": 40}
    output = JobOutput(**info, size_bytes=1000, duration_s=1.3, render_seconds=1.0, pictures_bytes=200)  # type: ignore[arg-type] # a test's own facts

    def end(session):
        complete(session, session.exec(select(RenderJob).where(RenderJob.video_id == video.id)).one(), output)

    product.do(end)
    assert used(product, ann) == before + 1200
    [usage] = product.rows(UserUsage)
    assert usage.storage_used == used(product, ann)
