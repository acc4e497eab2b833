from datetime import timedelta
from hashlib import sha256
from uuid import uuid4

import pytest

from cluster.jobs import JobState
from tests.webapp.product import Product
from webapp.accounts.service import Actor
from webapp.assets.clearing import clear_preparations
from webapp.assets.resolve import resolve_assets
from webapp.assets.service import delete_asset, get_asset, open_asset
from webapp.assets.views import AssetView
from webapp.errors import AppError, ConflictError, InvalidError, NotFoundError
from webapp.models import AssetStatus, AssetType, PreparationJob, Role, VideoAsset, WorkspaceMember


@pytest.fixture
def ann(product: Product) -> Actor:
    return product.user("ann")


def _nothing_is_stored(product: Product) -> bool:
    return not product.rows(VideoAsset) and not product.stored_keys() and not product.partial_files()


def _delete(product: Product, actor: Actor, view: AssetView) -> None:
    product.do(lambda session: delete_asset(session, product.container.objects, actor, view.id))


def test_ones_own_assets_are_listed_newest_first_and_by_type(product: Product, ann: Actor):
    product.upload(product.user("bob"), product.media.avatar)
    avatar = product.upload(ann, product.media.avatar)
    cover = product.upload(ann, product.media.cover, AssetType.COVER)
    assert product.do(lambda session: list_assets(session, ann)) == (cover, avatar)
    assert product.do(lambda session: list_assets(session, ann, AssetType.COVER)) == (cover,)


def test_deleting_takes_the_bytes_along(product: Product, ann: Actor):
    _delete(product, ann, product.upload(ann, product.media.avatar))
    assert _nothing_is_stored(product)


def test_deleting_what_is_being_prepared_ends_its_job_and_leaves_nothing(product: Product, ann: Actor):
    _delete(product, ann, product.send(ann, product.media.avatar))
    assert _nothing_is_stored(product)
    [job] = product.rows(PreparationJob)
    assert (job.job_status, job.asset_id) == (JobState.CANCELLED, None)


def test_what_a_worker_writes_after_the_deletion_is_cleared(product: Product, ann: Actor):
    _delete(product, ann, product.send(ann, product.media.avatar))
    [job] = product.rows(PreparationJob)
    product.container.objects.put_bytes(job.target_path, b"too late")
    assert clear_preparations(product.container.engine, product.container.objects) == 0
    assert clear_preparations(product.container.engine, product.container.objects, grace=timedelta()) == 1
    assert _nothing_is_stored(product)


def test_what_is_not_ready_cannot_be_opened(product: Product, ann: Actor):
    view = product.send(ann, product.media.avatar)
    with pytest.raises(ConflictError, match="still being prepared"):
        product.do(lambda session: open_asset(session, ann, view.id))


def test_others_can_neither_see_nor_open_nor_delete_nor_use_an_asset(product: Product, ann: Actor):
    view, bob = product.upload(ann, product.media.avatar), product.user("bob")
    objects = product.container.objects
    for work in (
        lambda session: get_asset(session, bob, view.id),
        lambda session: open_asset(session, bob, view.id),
        lambda session: delete_asset(session, objects, bob, view.id),
        lambda session: resolve_assets(session, bob, {"lipSyncVideo": view.id}),
    ):
        with pytest.raises(NotFoundError, match="no asset"):
            product.do(work)
    assert len(product.stored_keys()) == 1


def test_members_of_the_workspace_may_use_it_and_only_editors_delete_it(product: Product, ann: Actor):
    view, bob = product.upload(ann, product.media.avatar), product.user("bob")
    member = WorkspaceMember(workspace_id=product.workspace(ann).id, user_id=bob.user_id, role=Role.VIEWER)
    product.do(lambda session: session.add(member))
    assert product.do(lambda session: get_asset(session, bob, view.id)) == view
    with pytest.raises(AppError, match="needs the role editor"):
        product.do(lambda session: delete_asset(session, product.container.objects, bob, view.id))


def test_an_asset_of_a_running_render_stays(product: Product, ann: Actor):
    view = product.upload(ann, product.media.avatar)
    product.render(ann, product.order(view.id))
    with pytest.raises(ConflictError, match="A render still needs this asset"):
        product.do(lambda session: delete_asset(session, product.container.objects, ann, view.id))
    assert len(product.stored_keys()) == 1


def test_references_carry_what_the_renderer_needs(product: Product, ann: Actor):
    view = product.upload(ann, product.media.avatar)
    [reference] = product.do(lambda session: resolve_assets(session, ann, {"a": view.id, "b": None, "c": []}))["a"]
    assert reference.info.frame_count == 40
    content = product.container.objects.read(reference.key)
    assert reference.sha256 == sha256(content).hexdigest()


def test_missing_assets_are_named_by_role_and_place(product: Product, ann: Actor):
    view = product.upload(ann, product.media.avatar)
    for chosen, field in (
        ({"lipSyncVideo": uuid4()}, "user_assets.lipSyncVideo"),
        ({"backgroundVideos": [view.id, uuid4()]}, "user_assets.backgroundVideos[1]"),
    ):
        with pytest.raises(NotFoundError) as refusal:
            product.do(lambda session, chosen=chosen: resolve_assets(session, ann, chosen))
        assert refusal.value.field == field


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (AssetStatus.REJECTED, "cannot be used: Too dark."),
        (AssetStatus.PROCESSING, "still being prepared"),
    ],
)
def test_assets_that_are_not_ready_cannot_be_used(product: Product, ann: Actor, status: AssetStatus, sentence: str):
    view = product.upload(ann, product.media.avatar)

    def change(session):
        row = session.get_one(VideoAsset, view.id)
        row.status, row.reject_reason = status, "Too dark."

    product.do(change)
    with pytest.raises(InvalidError, match=sentence):
        product.do(lambda session: resolve_assets(session, ann, {"lipSyncVideo": view.id}))
