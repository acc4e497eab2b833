from collections.abc import Iterator
from datetime import timedelta

import pytest

from cluster.jobs import JobState
from cluster.keys import asset_key, poster_key, quarantine_key
from cluster.storage import LocalObjectStore, StorageError
from tests.webapp.product import Product
from webapp.assets.clearing import clear_preparations, clear_strays
from webapp.assets.orphans import clear_asset_orphans
from webapp.assets.preparations import made_of
from webapp.models import AssetType, PreparationJob, VideoAsset, utc_now

NO_TIME = timedelta()


@pytest.fixture
def job(small_product: Product) -> PreparationJob:
    """A preparation whose upload and result are both in the store."""
    ann = small_product.user("ann")
    small_product.send(ann, small_product.media.avatar)
    [job] = small_product.rows(PreparationJob)
    small_product.container.objects.put_bytes(job.target_path, b"made")
    return job


def end(product: Product, job: PreparationJob, state: JobState) -> None:
    def write(session):
        row = session.get_one(PreparationJob, job.id)
        row.job_status, row.completed_at = state, utc_now()

    product.do(write)


def clear(product: Product, grace: timedelta = timedelta(minutes=1)) -> int:
    return clear_preparations(product.container.engine, product.container.objects, grace=grace)


def test_of_a_completed_preparation_the_upload_goes_and_the_result_stays(small_product: Product, job: PreparationJob):
    end(small_product, job, JobState.COMPLETED)
    assert clear(small_product) == 1
    assert small_product.stored_keys() == {job.target_path}


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED])
def test_of_one_that_gave_nothing_both_go_when_no_worker_writes_any_more(
    small_product: Product, job: PreparationJob, state: JobState
):
    end(small_product, job, state)
    assert clear(small_product) == 0
    assert clear(small_product, NO_TIME) == 1
    assert small_product.stored_keys() == set()


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.PROCESSING])
def test_what_is_still_wanted_stays(small_product: Product, job: PreparationJob, state: JobState):
    end(small_product, job, state)
    assert clear(small_product, NO_TIME) == 0
    assert small_product.stored_keys() == {job.source_path, job.target_path}


def test_nothing_is_cleared_twice(small_product: Product, job: PreparationJob):
    end(small_product, job, JobState.COMPLETED)
    assert [clear(small_product), clear(small_product)] == [1, 0]


class FailingStore:
    """A store that removes nothing."""

    def delete(self, key: str) -> None:
        raise StorageError(key, "is away")

    def entries(self, _prefix: str) -> Iterator[object]:
        return iter(())


def test_what_could_not_be_removed_is_removed_another_time(small_product: Product, job: PreparationJob):
    end(small_product, job, JobState.COMPLETED)
    with pytest.raises(StorageError):
        clear_preparations(small_product.container.engine, FailingStore())  # type: ignore[arg-type]  # as much as is used
    assert clear(small_product) == 1


def test_uploads_that_never_got_a_job_go_by_their_age(small_product: Product, job: PreparationJob):
    container = small_product.container
    assert isinstance(container.objects, LocalObjectStore)
    container.objects.put_bytes(quarantine_key("stray"), b"a stray")
    assert clear_strays(container.engine, container.objects) == 0
    assert clear_strays(container.engine, container.objects, grace=NO_TIME) == 1
    assert small_product.stored_keys() == {job.source_path, job.target_path}
    assert job.target_path == asset_key("avatar", job.id.hex)


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED])
def test_the_picture_of_what_was_made_in_vain_goes_too(small_product: Product, job: PreparationJob, state: JobState):
    small_product.container.objects.put_bytes(poster_key("avatar", job.id.hex), b"drawn")
    end(small_product, job, state)
    clear(small_product, NO_TIME)
    assert small_product.stored_keys() == set()


def test_files_that_no_asset_names_go_with_their_pictures_and_all_others_stay(product: Product):
    ann, objects, engine = product.user("ann"), product.container.objects, product.container.engine
    gone = product.upload(ann, product.media.avatar)
    left = product.stored_keys()
    product.upload(ann, product.media.cover, AssetType.COVER)
    product.send(ann, product.media.music, AssetType.MUSIC)
    [job] = [job for job in product.rows(PreparationJob) if job.job_status is JobState.QUEUED]
    for key in made_of(job.asset_type, job.target_path):
        objects.put_bytes(key, b"being made")
    kept = product.stored_keys() - left
    product.do(lambda session: session.delete(session.get_one(VideoAsset, gone.id)))  # and the store was away
    assert clear_asset_orphans(engine, objects) == 0, "they are young"
    assert clear_asset_orphans(engine, objects, grace=-timedelta(seconds=5)) == 2
    assert product.stored_keys() == kept
