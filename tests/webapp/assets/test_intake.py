import re
import wave
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import Session

from cluster.jobs import JobKind, JobState
from tests.factories import make_audio_only_mp4, make_clip, make_image, make_text_named_mp4
from tests.webapp.product import Product, RecordingBell
from webapp.accounts.service import Actor
from webapp.assets.resolve import resolve_assets
from webapp.assets.service import delete_asset, open_asset, open_poster
from webapp.errors import AppError, InvalidError, QuotaExceededError, TooLargeError, UnsupportedMediaError
from webapp.models import AssetStatus, AssetType, PlanName, PreparationJob, UserUsage, VideoAsset


@pytest.fixture
def ann(product: Product) -> Actor:
    return product.user("ann")


def _nothing_is_stored(product: Product) -> bool:
    return not product.rows(VideoAsset) and not product.stored_keys() and not product.partial_files()


def test_an_upload_waits_in_quarantine_for_its_preparation(product: Product, ann: Actor, bell: RecordingBell):
    stores = replace(product.container, bell=bell)
    view = Product(stores, product.media).send(ann, product.media.avatar, name="моё видео.mp4")
    assert (view.asset_name, view.status, view.progress) == ("моё видео.mp4", AssetStatus.PROCESSING, 0)
    assert (view.file_size, view.duration) == (product.media.avatar.stat().st_size, None)
    [job] = product.rows(PreparationJob)
    assert (job.asset_id, job.job_status, job.size_bytes) == (view.id, JobState.QUEUED, view.file_size)
    assert product.stored_keys() == {job.source_path} == {f"quarantine/{job.id.hex}"}
    assert product.container.objects.read(job.source_path) == product.media.avatar.read_bytes()
    [told] = bell.published
    assert (bell.rings, told.kind, told.asset_id, told.state) == (1, JobKind.PREPARE, str(view.id), JobState.QUEUED)


def test_a_prepared_upload_is_a_ready_asset_with_its_figures(product: Product, ann: Actor):
    view = product.upload(ann, product.media.avatar)
    assert (view.status, view.progress, view.mime_type) == (AssetStatus.READY, 100, "video/mp4")
    assert (view.width, view.height, view.is_default) == (96, 64, False)
    assert view.duration == pytest.approx(40 / 30, abs=0.1)


def test_the_bytes_are_stored_under_a_key_of_ours_and_nothing_else_is_left(product: Product, ann: Actor):
    view = product.upload(ann, product.media.avatar, name="../../etc/passwd")
    stored = product.do(lambda session: open_asset(session, ann, view.id))
    picture = product.do(lambda session: open_poster(session, ann, view.id))
    assert product.stored_keys() == {stored.key, picture.key}
    assert re.fullmatch("user-avatars/[0-9a-f]{32}", stored.key)
    assert product.container.objects.size(stored.key) == stored.size_bytes == view.file_size
    assert view.asset_name == "passwd"
    assert product.partial_files() == []


def test_prepared_bytes_have_a_hash_of_their_own_beside_that_of_the_upload(product: Product, ann: Actor):
    product.upload(ann, product.media.avatar)
    [row] = product.rows(VideoAsset)
    assert row.sha256 == sha256(product.media.avatar.read_bytes()).hexdigest()
    assert row.content_sha256 == sha256(product.container.objects.read(row.file_path)).hexdigest() != row.sha256


def test_an_upload_knows_when_somebody_speaks(product: Product, ann: Actor):
    view = product.upload(ann, product.media.avatar)
    (avatar,) = product.do(lambda session: resolve_assets(session, ann, {"avatar": view.id}))["avatar"]
    ((start, end),) = avatar.info.speech
    assert (start, end) == (0, pytest.approx(1330, abs=50))


def test_every_type_has_its_media(product: Product, ann: Actor):
    cover = product.upload(ann, product.media.cover, AssetType.COVER)
    music = product.upload(ann, product.media.music, AssetType.MUSIC)
    assert (cover.mime_type, cover.width, cover.duration) == ("image/jpeg", 64, None)
    assert (music.mime_type, music.width) == ("audio/mpeg", None)
    assert music.duration == pytest.approx(1.0, abs=0.1)


def test_the_same_bytes_twice_are_one_asset(product: Product, ann: Actor):
    first = product.upload(ann, product.media.avatar)
    again = product.upload(ann, product.media.avatar, name="copy.mp4")
    assert again == first
    assert len(product.rows(VideoAsset)) == len(product.rows(PreparationJob)) == 1
    assert len(product.stored_keys()) == 2, "the file and its picture"


def test_the_same_bytes_at_the_same_time_are_one_asset(product: Product, ann: Actor):
    with ThreadPoolExecutor(3) as threads:
        views = list(threads.map(lambda _: product.send(ann, product.media.avatar), range(3)))
    assert len({view.id for view in views}) == 1
    assert len(product.rows(VideoAsset)) == len(product.rows(PreparationJob)) == len(product.stored_keys()) == 1


def test_the_same_bytes_while_they_are_prepared_are_the_same_asset(product: Product, ann: Actor):
    first = product.send(ann, product.media.avatar)
    assert product.send(ann, product.media.avatar) == first
    assert len(product.rows(PreparationJob)) == len(product.stored_keys()) == 1


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
    "a script": (AssetType.AVATAR, _concat_script, UnsupportedMediaError, "not a media file that we know"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_leaves_nothing(product: Product, ann: Actor, tmp_path: Path, case: str):
    asset_type, make, kind, sentence = REFUSED[case]
    path = make(tmp_path / "file.mp4")
    with pytest.raises(kind, match=sentence) as refusal:
        product.send(ann, path, asset_type)
    assert refusal.value.field == "file"
    assert _nothing_is_stored(product)


REJECTED: dict[str, tuple[AssetType, Make, str]] = {
    "sound as an avatar": (AssetType.AVATAR, make_audio_only_mp4, "no moving picture in it but sound only"),
    "sound as a background": (AssetType.BACKGROUND, make_audio_only_mp4, "no moving picture in it but sound only"),
    "a truncated video": (AssetType.AVATAR, _truncated, ""),
    "music without a sample": (AssetType.MUSIC, _without_samples, "There is no sound in it"),
    "an enormous cover": (
        AssetType.COVER,
        lambda path: make_image(path.with_suffix(".png"), 8000, 8000),
        "At most 40 million pixels",
    ),
}


@pytest.mark.parametrize("case", REJECTED)
def test_what_cannot_be_prepared_is_rejected_with_a_sentence_and_takes_no_storage(
    small_product: Product, tmp_path: Path, case: str
):
    asset_type, make, sentence = REJECTED[case]
    ann = small_product.user("ann")
    view = small_product.upload(ann, make(tmp_path / "file.mp4"), asset_type)
    assert view.status is AssetStatus.REJECTED
    assert sentence in str(view.reject_reason)
    assert str(view.reject_reason).endswith(".")
    assert not small_product.stored_keys()
    [usage] = small_product.rows(UserUsage)
    assert usage.storage_used == 0


def test_rejected_bytes_that_are_sent_again_are_prepared_anew(product: Product, ann: Actor, tmp_path: Path):
    path = make_audio_only_mp4(tmp_path / "file.mp4")
    rejected = product.upload(ann, path, name="first.mp4")
    again = product.send(ann, path, name="again.mp4")
    assert (again.id, again.status, again.reject_reason) == (rejected.id, AssetStatus.PROCESSING, None)
    assert again.asset_name == "again.mp4"
    assert [job.asset_id for job in product.rows(PreparationJob)] == [rejected.id, rejected.id]
    assert len(product.stored_keys()) == 1


@pytest.mark.parametrize(
    ("asset_type", "limit_mb"), [(AssetType.AVATAR, 100), (AssetType.MUSIC, 20), (AssetType.COVER, 10)]
)
def test_one_byte_over_the_limit_is_refused_at_once(small_product: Product, asset_type: AssetType, limit_mb: int):
    ann = small_product.user("ann")
    upload = small_product.begin(ann, asset_type=asset_type)
    megabyte = bytes(1_000_000)
    for _ in range(limit_mb):
        upload.append(megabyte)
    with pytest.raises(TooLargeError, match=f"larger than {limit_mb} MB, the limit for {asset_type} files") as refusal:
        upload.append(b"x")
    assert (refusal.value.status, refusal.value.field) == (413, "file")
    assert small_product.partial_files() == []


def test_an_announced_size_over_the_limit_is_refused_before_a_byte_comes(product: Product, ann: Actor):
    with pytest.raises(TooLargeError, match="100 MB"):
        product.begin(ann, size_bytes=101_000_000)


@pytest.mark.parametrize("mime_type", ["text/plain", "audio/mpeg", "image/png", "video/quicktime"])
def test_a_wrong_declared_type_is_refused_before_a_byte_comes(product: Product, ann: Actor, mime_type: str):
    with pytest.raises(UnsupportedMediaError, match=f"was sent as {mime_type}: avatar must be"):
        product.begin(ann, mime_type=mime_type)
    assert _nothing_is_stored(product)


def test_a_full_workspace_takes_nothing_more(product: Product, ann: Actor, monkeypatch: pytest.MonkeyPatch):
    view = product.upload(ann, product.media.avatar)
    product.do(lambda session: _grow(session, view.id))
    with pytest.raises(QuotaExceededError, match="stores 1 GB"):
        product.upload(ann, product.media.silent)
    product.set_plan(ann, PlanName.PRO)
    product.upload(ann, product.media.silent)


def test_a_quota_that_fills_up_during_the_upload_leaves_nothing(product: Product, ann: Actor):
    first = product.upload(ann, product.media.avatar)
    before = product.stored_keys()
    upload = product.begin(ann)
    product.do(lambda session: _grow(session, first.id))
    with pytest.raises(QuotaExceededError):
        upload.append(product.media.silent.read_bytes())
    assert [asset.id for asset in product.rows(VideoAsset)] == [first.id]
    assert product.stored_keys() == before
    assert product.partial_files() == []


def _grow(session: Session, asset_id: UUID) -> None:
    session.get_one(VideoAsset, asset_id).file_size = 10**9


def test_storage_is_counted_in_the_month(product: Product, ann: Actor):
    view = product.upload(ann, product.media.avatar)
    [usage] = product.rows(UserUsage)
    picture = product.do(lambda session: open_poster(session, ann, view.id))
    assert usage.storage_used == view.file_size + picture.size_bytes
    product.do(lambda session: delete_asset(session, product.container.objects, ann, view.id))
    [usage] = product.rows(UserUsage)
    assert usage.storage_used == 0
