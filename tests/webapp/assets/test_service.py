import wave
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest

from render_core.errors import RenderCoreError
from tests.factories import make_audio_only_mp4, make_clip, make_image, make_text_named_mp4
from tests.webapp.product import Product
from webapp.accounts.service import Actor
from webapp.assets.partial import UploadIntent
from webapp.assets.resolve import resolve_assets
from webapp.assets.service import begin_upload, delete_asset, finish_upload, get_asset, list_assets, open_asset
from webapp.db import unit_of_work
from webapp.errors import (
    AppError,
    ConflictError,
    InvalidError,
    NotFoundError,
    QuotaExceededError,
    TooLargeError,
    UnsupportedMediaError,
    as_app_error,
)
from webapp.models import AssetStatus, AssetType, PlanName, Role, UserUsage, VideoAsset, WorkspaceMember


@pytest.fixture
def ann(product: Product) -> Actor:
    return product.user("ann")


def _nothing_is_stored(product: Product) -> bool:
    return not product.rows(VideoAsset) and not product.stored_keys() and not product.partial_files()


def test_an_upload_becomes_a_ready_asset_with_its_figures(product: Product, ann: Actor):
    view = product.upload(ann, product.media.avatar, name="моё видео.mp4")
    assert (view.asset_name, view.status, view.mime_type) == ("моё видео.mp4", AssetStatus.READY, "video/mp4")
    assert (view.width, view.height, view.is_default) == (96, 64, False)
    assert view.duration == pytest.approx(40 / 30, abs=0.1)
    assert view.file_size == product.media.avatar.stat().st_size


def test_the_bytes_are_stored_under_a_key_of_ours_and_nothing_else_is_left(product: Product, ann: Actor):
    view = product.upload(ann, product.media.avatar, name="../../etc/passwd")
    stored = product.do(lambda session: open_asset(session, ann, view.id))
    assert product.stored_keys() == {stored.key}
    assert stored.key == f"user-avatars/{view.id.hex}"
    assert product.container.objects.read(stored.key) == product.media.avatar.read_bytes()
    assert view.asset_name == "passwd"
    assert product.partial_files() == []


def test_an_upload_knows_when_somebody_speaks(product: Product, ann: Actor):
    view = product.upload(ann, product.media.avatar)
    (avatar,) = product.do(lambda session: resolve_assets(session, ann, {"avatar": view.id}))["avatar"]
    ((start, end),) = avatar.info.speech
    assert (start, end) == (0, pytest.approx(1330, abs=50))


def test_an_asset_from_before_probes_listened_is_probed_anew_when_it_is_sent_again(product: Product, ann: Actor):
    first = product.upload(ann, product.media.avatar)
    with unit_of_work(product.container.engine) as session:
        row = session.get_one(VideoAsset, first.id)
        row.media_info = {name: value for name, value in row.media_info.items() if name not in {"speech", "beat"}}
    assert product.upload(ann, product.media.avatar).id == first.id
    assert product.rows(VideoAsset)[0].media_info["speech"]
    assert len(product.stored_keys()) == 1


def test_every_type_has_its_media(product: Product, ann: Actor):
    cover = product.upload(ann, product.media.cover, AssetType.COVER)
    music = product.upload(ann, product.media.music, AssetType.MUSIC)
    assert (cover.mime_type, cover.width, cover.duration) == ("image/png", 64, None)
    assert (music.mime_type, music.width) == ("audio/mpeg", None)
    assert music.duration == pytest.approx(1.0, abs=0.1)


def test_the_same_bytes_twice_are_one_asset(product: Product, ann: Actor):
    first = product.upload(ann, product.media.avatar)
    again = product.upload(ann, product.media.avatar, name="copy.mp4")
    assert again == first
    assert len(product.stored_keys()) == 1


def test_the_same_bytes_at_the_same_time_are_one_asset(product: Product, ann: Actor):
    with ThreadPoolExecutor(3) as threads:
        views = list(threads.map(lambda _: product.upload(ann, product.media.avatar), range(3)))
    assert len({view.id for view in views}) == 1
    assert len(product.rows(VideoAsset)) == len(product.stored_keys()) == 1


def test_the_same_bytes_of_another_user_are_theirs(product: Product, ann: Actor):
    first = product.upload(ann, product.media.avatar)
    other = product.upload(product.user("bob"), product.media.avatar)
    assert other.id != first.id


Make = Callable[[Path], Path]


def _empty(path: Path) -> Path:
    path.write_bytes(b"")
    return path


def _truncated(path: Path) -> Path:
    whole = make_clip(path, frames=10).read_bytes()
    path.write_bytes(whole[:200])
    return path


def _concat_script(path: Path) -> Path:
    path.write_text("ffconcat version 1.0\nfile /etc/passwd\n")
    return path


def _without_samples(path: Path) -> Path:
    with wave.open(str(path.with_suffix(".wav")), "wb") as file:
        file.setparams((2, 2, 48000, 0, "NONE", "not compressed"))
        file.writeframes(b"")
    return path.with_suffix(".wav")


REFUSED: dict[str, tuple[AssetType, Make, type[AppError], str]] = {
    "a text named .mp4": (
        AssetType.AVATAR,
        make_text_named_mp4,
        UnsupportedMediaError,
        "not a media file that we know: avatar must be an MP4 or WebM video of at most 100 MB",
    ),
    "sound as an avatar": (
        AssetType.AVATAR,
        make_audio_only_mp4,
        UnsupportedMediaError,
        "contains audio only: avatar must be an MP4 or WebM video",
    ),
    "sound as a background": (
        AssetType.BACKGROUND,
        make_audio_only_mp4,
        UnsupportedMediaError,
        "contains audio only: background must be an MP4 or WebM video",
    ),
    "a video as music": (
        AssetType.MUSIC,
        lambda path: make_clip(path, frames=3),
        UnsupportedMediaError,
        "contains video/mp4: music must be an MP3, WAV or AAC sound file of at most 20 MB",
    ),
    "a video as a cover": (
        AssetType.COVER,
        lambda path: make_clip(path, frames=3),
        UnsupportedMediaError,
        "contains video/mp4: cover must be a PNG, JPEG or WebP image of at most 10 MB",
    ),
    "an empty file": (AssetType.AVATAR, _empty, InvalidError, "file is empty"),
    "a truncated video": (AssetType.AVATAR, _truncated, UnsupportedMediaError, ""),
    "music without a sample": (
        AssetType.MUSIC,
        _without_samples,
        UnsupportedMediaError,
        "There is no sound in it",
    ),
    "an enormous cover": (
        AssetType.COVER,
        lambda path: make_image(path.with_suffix(".png"), 8000, 8000),
        UnsupportedMediaError,
        "At most 40 million pixels",
    ),
    "a script": (AssetType.AVATAR, _concat_script, UnsupportedMediaError, "not a media file that we know"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_leaves_nothing(product: Product, ann: Actor, tmp_path: Path, case: str):
    asset_type, make, kind, sentence = REFUSED[case]
    path = make(tmp_path / "file.mp4")
    with pytest.raises((AppError, RenderCoreError)) as refusal:
        product.upload(ann, path, asset_type)
    known = as_app_error(refusal.value)
    assert isinstance(known, kind)
    assert known.field == "file"
    assert sentence in known.detail
    assert _nothing_is_stored(product)


@pytest.mark.parametrize(
    ("asset_type", "limit_mb"), [(AssetType.AVATAR, 100), (AssetType.MUSIC, 20), (AssetType.COVER, 10)]
)
def test_one_byte_over_the_limit_is_refused_at_once(small_product: Product, asset_type: AssetType, limit_mb: int):
    ann = small_product.user("ann")
    upload = small_product.do(
        lambda session: begin_upload(
            session, ann, UploadIntent(asset_type=asset_type, file_name="big"), folder=small_product.uploads
        )
    )
    megabyte = bytes(1_000_000)
    for _ in range(limit_mb):
        upload.append(megabyte)
    with pytest.raises(TooLargeError, match=f"larger than {limit_mb} MB, the limit for {asset_type} files") as refusal:
        upload.append(b"x")
    assert (refusal.value.status, refusal.value.field) == (413, "file")
    assert small_product.partial_files() == []


def _begin(product: Product, actor: Actor, **intent: object) -> None:
    facts = {"asset_type": AssetType.AVATAR, "file_name": "a.mp4", **intent}
    product.do(
        lambda session: begin_upload(session, actor, UploadIntent(**facts), folder=product.uploads).close()  # type: ignore[arg-type] # a test's own facts
    )


def test_an_announced_size_over_the_limit_is_refused_before_a_byte_comes(product: Product, ann: Actor):
    with pytest.raises(TooLargeError, match="100 MB"):
        _begin(product, ann, size_bytes=101_000_000)


@pytest.mark.parametrize("mime_type", ["text/plain", "audio/mpeg", "image/png", "video/quicktime"])
def test_a_wrong_declared_type_is_refused_before_a_byte_comes(product: Product, ann: Actor, mime_type: str):
    with pytest.raises(UnsupportedMediaError, match=f"was sent as {mime_type}: avatar must be"):
        _begin(product, ann, mime_type=mime_type)
    assert _nothing_is_stored(product)


def test_a_full_workspace_takes_nothing_more(product: Product, ann: Actor, monkeypatch: pytest.MonkeyPatch):
    view = product.upload(ann, product.media.avatar)

    def grow(session):
        session.get_one(VideoAsset, view.id).file_size = 10**9

    product.do(grow)
    with pytest.raises(QuotaExceededError, match="stores 1 GB"):
        product.upload(ann, product.media.silent)
    product.set_plan(ann, PlanName.PRO)
    product.upload(ann, product.media.silent)


def test_a_quota_that_fills_up_during_the_upload_leaves_nothing(product: Product, ann: Actor):
    first = product.upload(ann, product.media.avatar)
    intent = UploadIntent(asset_type=AssetType.AVATAR, file_name="b.mp4")
    upload = product.do(lambda session: begin_upload(session, ann, intent, folder=product.uploads))
    upload.append(product.media.silent.read_bytes())

    def grow(session):
        session.get_one(VideoAsset, first.id).file_size = 10**9

    product.do(grow)
    with upload, pytest.raises(QuotaExceededError):
        finish_upload(product.container.engine, product.container.objects, ann, upload)
    assert len(product.rows(VideoAsset)) == len(product.stored_keys()) == 1
    assert product.partial_files() == []


def test_storage_is_counted_in_the_month(product: Product, ann: Actor):
    view = product.upload(ann, product.media.avatar)
    [usage] = product.rows(UserUsage)
    assert usage.storage_used == view.file_size
    product.do(lambda session: delete_asset(session, product.container.objects, ann, view.id))
    [usage] = product.rows(UserUsage)
    assert usage.storage_used == 0


def test_ones_own_assets_are_listed_newest_first_and_by_type(product: Product, ann: Actor):
    product.upload(product.user("bob"), product.media.avatar)
    avatar = product.upload(ann, product.media.avatar)
    cover = product.upload(ann, product.media.cover, AssetType.COVER)
    assert product.do(lambda session: list_assets(session, ann)) == (cover, avatar)
    assert product.do(lambda session: list_assets(session, ann, AssetType.COVER)) == (cover,)


def test_deleting_takes_the_bytes_along(product: Product, ann: Actor):
    view = product.upload(ann, product.media.avatar)
    product.do(lambda session: delete_asset(session, product.container.objects, ann, view.id))
    assert _nothing_is_stored(product)


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
    assert product.container.objects.materialise(reference.key).read_bytes() == product.media.avatar.read_bytes()


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
    [(AssetStatus.REJECTED, "was rejected: too dark"), (AssetStatus.PROCESSING, "still being prepared")],
)
def test_assets_that_are_not_ready_cannot_be_used(product: Product, ann: Actor, status: AssetStatus, sentence: str):
    view = product.upload(ann, product.media.avatar)

    def change(session):
        row = session.get_one(VideoAsset, view.id)
        row.status, row.reject_reason = status, "too dark"

    product.do(change)
    with pytest.raises(InvalidError, match=sentence):
        product.do(lambda session: resolve_assets(session, ann, {"lipSyncVideo": view.id}))
