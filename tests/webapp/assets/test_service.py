from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from uuid import uuid4

import pytest
from PIL import Image

from cluster.jobs import JobState
from tests.webapp.product import Product
from webapp.accounts.service import Actor
from webapp.assets.clearing import clear_preparations
from webapp.assets.intake import finish_upload
from webapp.assets.resolve import resolve_assets
from webapp.assets.service import (
    delete_asset,
    editable_asset,
    get_asset,
    link_asset,
    open_asset,
    open_poster,
    rename_asset,
)
from webapp.assets.views import AssetView
from webapp.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from webapp.models import (
    AssetStatus,
    AssetType,
    PreparationJob,
    Role,
    Scope,
    UserUsage,
    VideoAsset,
    WorkspaceMember,
    utc_now,
)
from webapp.renders.service import cancel_render, list_videos
from webapp.renders.signals import SilentBell


@pytest.fixture
def ann(product: Product) -> Actor:
    return product.user("ann")


def _nothing_is_stored(product: Product) -> bool:
    return not product.rows(VideoAsset) and not product.stored_keys() and not product.partial_files()


def _delete(product: Product, actor: Actor, view: AssetView) -> None:
    product.do(lambda session: delete_asset(session, product.container.objects, actor, view.id))


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
    assert len(product.rows(VideoAsset)) == 1


def test_viewers_may_use_it_and_only_editors_change_it(product: Product, ann: Actor):
    view, bob = product.upload(ann, product.media.avatar), product.user("bob")
    _join(product, bob, ann, Role.VIEWER)
    assert product.do(lambda session: get_asset(session, bob, view.id)) == view
    for work in (
        lambda session: delete_asset(session, product.container.objects, bob, view.id),
        lambda session: rename_asset(session, bob, view.id, "mine"),
    ):
        with pytest.raises(ForbiddenError, match="takes the role editor; yours is viewer"):
            product.do(work)


def test_who_was_removed_loses_what_they_have_sent_there(product: Product, ann: Actor):
    bob = product.user("bob")
    _join(product, bob, ann, Role.EDITOR)
    workspace_id = product.workspace(ann).id
    with product.begin(bob, workspace_id=workspace_id) as upload:
        upload.append(product.media.avatar.read_bytes())
        view = finish_upload(product.container, upload)
    product.do(lambda session: session.delete(session.get_one(WorkspaceMember, (workspace_id, bob.user_id))))
    with pytest.raises(NotFoundError):
        product.do(lambda session: get_asset(session, bob, view.id))
    assert product.do(lambda session: get_asset(session, ann, view.id)) == view


def _join(product: Product, actor: Actor, owner: Actor, role: Role) -> None:
    member = WorkspaceMember(workspace_id=product.workspace(owner).id, user_id=actor.user_id, role=role)
    product.do(lambda session: session.add(member))


def test_a_key_does_what_it_was_made_for(small_product: Product):
    ann = small_product.user("ann")
    view = small_product.upload(ann, small_product.media.cover, AssetType.COVER)
    reader = replace(ann, scopes=frozenset({Scope.ASSETS_READ}))
    assert small_product.do(lambda session: get_asset(session, reader, view.id)) == view
    for actor, work, scope in (
        (replace(ann, scopes=frozenset({Scope.VIDEOS_READ})), get_asset, "assets:read"),
        (reader, editable_asset, "assets:write"),
    ):
        with pytest.raises(ForbiddenError, match=f"lacks the scope {scope}"):
            small_product.do(lambda session, actor=actor, work=work: work(session, actor, view.id))
        with pytest.raises(ForbiddenError, match=f"lacks the scope {scope}"):
            small_product.do(lambda session, actor=actor, work=work: work(session, actor, uuid4()))


def test_an_asset_that_a_render_needs_stays_and_it_is_said_which(product: Product, ann: Actor):
    view = product.upload(ann, product.media.avatar)
    first = product.render(ann, product.order(view.id, mainText="Hello there"))
    with pytest.raises(ConflictError, match=r"The video “Hello there” is being rendered with “avatar\.mp4”: wait"):
        _delete(product, ann, view)
    product.render(ann, product.order(view.id, mainText="Once more"))
    with pytest.raises(ConflictError, match="The video “Hello there” and 1 more are being rendered"):
        _delete(product, ann, view)
    for video in [first, *product.do(lambda session: list_videos(session, ann)).videos]:
        product.do(lambda session, video=video: cancel_render(session, ann, video.id, bell=SilentBell()))
    _delete(product, ann, view)
    assert _nothing_is_stored(product)


def test_titles_of_other_workspaces_are_not_told(product: Product, ann: Actor):
    bob, view = product.user("bob"), product.upload(ann, product.media.avatar)
    _join(product, bob, ann, Role.VIEWER)
    product.render(bob, product.order(view.id, mainText="A secret"))
    with pytest.raises(ConflictError, match="A video of another workspace is being rendered with") as refusal:
        _delete(product, ann, view)
    assert "secret" not in str(refusal.value)


def test_a_new_name_is_shown_and_kept_plain(small_product: Product):
    ann = small_product.user("ann")
    view = small_product.upload(ann, small_product.media.cover, AssetType.COVER)
    named = small_product.do(lambda session: rename_asset(session, ann, view.id, "  Моя \n обложка\u202e "))
    assert named.asset_name == "Моя обложка"
    with pytest.raises(InvalidError):
        small_product.do(lambda session: rename_asset(session, ann, view.id, ""))


@pytest.mark.parametrize(
    ("kind", "mime_type"),
    [(AssetType.AVATAR, "image/jpeg"), (AssetType.COVER, "image/webp"), (AssetType.MUSIC, "image/webp")],
)
def test_each_prepared_asset_has_a_picture_that_counts_as_storage(
    small_product: Product, kind: AssetType, mime_type: str
):
    ann, objects = small_product.user("ann"), small_product.container.objects
    path = getattr(small_product.media, kind)
    assert small_product.send(ann, path, kind).poster_url is None
    view = small_product.upload(ann, path, kind)
    assert view.poster_url == f"/api/assets/{view.id}/poster"
    file = small_product.do(lambda session: open_poster(session, ann, view.id))
    assert (file.mime_type, file.size_bytes) == (mime_type, objects.size(file.key))
    assert Image.open(BytesIO(objects.read(file.key))).format == mime_type.removeprefix("image/").upper()
    [usage] = small_product.rows(UserUsage)
    assert usage.storage_used == view.file_size + file.size_bytes


def test_without_a_picture_there_is_none(small_product: Product):
    ann = small_product.user("ann")
    view = small_product.send(ann, small_product.media.avatar)
    with pytest.raises(NotFoundError, match=r"no picture of “avatar\.mp4”: it is processing"):
        small_product.do(lambda session: open_poster(session, ann, view.id))


def test_links_to_music_expire_and_others_last(small_product: Product):
    ann, links = small_product.user("ann"), small_product.container.links
    cover = small_product.upload(ann, small_product.media.cover, AssetType.COVER)
    music = small_product.upload(ann, small_product.media.music, AssetType.MUSIC)
    lasting = small_product.do(lambda session: link_asset(session, links, ann, cover.id))
    passing = small_product.do(lambda session: link_asset(session, links, ann, music.id, lifetime=timedelta(minutes=5)))
    assert lasting.expires_at is None
    assert passing.expires_at is not None
    assert timedelta(minutes=4) < passing.expires_at - utc_now() <= timedelta(minutes=5)
    for link, asset in ((lasting, cover), (passing, music)):
        assert link.url.startswith(f"/api/files/assets/{asset.id}?")


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
