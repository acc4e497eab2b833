from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest

from cluster.jobs import JobState
from render_core.errors import InvalidInputError, RenderCoreError
from render_core.spec import RenderSpec
from tests.webapp.product import Product, RecordingBell
from webapp.accounts.service import Actor
from webapp.assets.views import AssetView
from webapp.errors import (
    AppError,
    ConflictError,
    InvalidError,
    NotFoundError,
    PlanLimitError,
    QuotaExceededError,
    as_app_error,
)
from webapp.models import (
    AssetType,
    IdempotencyKey,
    PlanName,
    RenderJob,
    RenderStatus,
    Role,
    UsageEntry,
    UsageState,
    UserVideo,
    WorkspaceMember,
)
from webapp.renders.checking import preview_spec
from webapp.renders.drafts import draft_of
from webapp.renders.files import open_download
from webapp.renders.idempotency import LIFETIME
from webapp.renders.service import (
    cancel_any_render,
    cancel_render,
    change_video,
    delete_video,
    get_video,
    list_videos,
    retry_render,
)
from webapp.renders.signals import SilentBell
from webapp.renders.views import VideoChange, VideoFilter


@pytest.fixture
def ann(product: Product) -> Actor:
    return product.user("ann")


@pytest.fixture
def avatar(product: Product, ann: Actor) -> AssetView:
    return product.upload(ann, product.media.avatar)


def test_an_order_becomes_a_video_a_job_and_a_reservation(product: Product, ann: Actor, avatar: AssetView):
    view = product.render(ann, product.order(avatar.id, mainText="Привет"))
    assert (view.status, view.progress, view.video_title) == (RenderStatus.PENDING, 0, "Привет")
    assert view.duration == pytest.approx(40 / 30, abs=0.05)
    [video], [job], [entry] = product.rows(UserVideo), product.rows(RenderJob), product.rows(UsageEntry)
    assert (video.id, job.video_id, job.job_status) == (view.id, view.id, JobState.QUEUED)
    assert (entry.job_id, entry.state) == (job.id, UsageState.RESERVED)
    assert video.input_props["config"]["mainText"] == "Привет"


def test_the_job_holds_the_complete_checked_spec(product: Product, ann: Actor, avatar: AssetView):
    product.render(ann, product.order(avatar.id))
    [job] = product.rows(RenderJob)
    spec = RenderSpec.model_validate(job.spec)
    assert spec.config["musicVolume"] == 0.5
    assert spec.assets["lipSyncVideo"][0].info.frame_count == 40


def test_variables_are_filled_in_the_spec_and_the_order_keeps_them(product: Product, ann: Actor, avatar: AssetView):
    order = product.order(avatar.id, mainText="Hello {{name}}")
    view = product.render(ann, order.model_copy(update={"variables": {"name": "Anna", "other": "x"}}))
    [video], [job] = product.rows(UserVideo), product.rows(RenderJob)
    assert (view.video_title, job.spec["config"]["mainText"]) == ("Hello Anna", "Hello Anna")
    assert video.input_props["config"]["mainText"] == "Hello {{name}}"
    assert video.input_props["variables"] == {"name": "Anna", "other": "x"}


def test_a_preview_shows_the_values_of_variables(product: Product, ann: Actor, avatar: AssetView):
    order = product.order(avatar.id, mainText="Hello {{name}}").model_copy(update={"variables": {"name": "Anna"}})
    assert product.do(lambda s: preview_spec(s, ann, order, height=160)).config["mainText"] == "Hello Anna"
    with pytest.raises(InvalidInputError, match=r"config.mainText: .*“name” has no value"):
        product.do(lambda s: preview_spec(s, ann, order.model_copy(update={"variables": {}}), height=160))


def test_the_bell_rings_after_the_commit(product: Product, ann: Actor, avatar: AssetView, bell: RecordingBell):
    view = product.render(ann, product.order(avatar.id), bell=bell)
    assert bell.rings == 1
    assert [(told.video_id, told.state) for told in bell.published] == [(str(view.id), JobState.QUEUED)]


def test_a_refused_order_leaves_nothing_and_rings_no_bell(
    product: Product, ann: Actor, avatar: AssetView, bell: RecordingBell
):
    with pytest.raises(InvalidInputError):
        product.render(ann, product.order(avatar.id, mainText="x" * 10_000), bell=bell, key="k")
    assert not any(product.rows(table) for table in (UserVideo, RenderJob, UsageEntry, IdempotencyKey))
    assert bell.rings == 0


@pytest.mark.parametrize(
    ("config", "field", "sentence"),
    [
        ({"mainText": "x" * 10_000}, "config.mainText", "at most 120"),
        ({"musicVolume": 1.5}, "config.musicVolume", "from 0 to 1"),
        ({"musicVolume": -0.1}, "config.musicVolume", "from 0 to 1"),
        ({"musicVolume": float("nan")}, "config.musicVolume", "finite number"),
        ({"musicVolume": float("inf")}, "config.musicVolume", "finite number"),
        ({"captionStyle": {"fontSize": float("nan")}}, "config.captionStyle.fontSize", "finite number"),
        ({"captions": [{"text": "a\x00"}]}, "config.captions[0].text", "NUL"),
        ({"mainText": "\ud800"}, "config.mainText", "half a character"),
        ({"mainTxet": "a"}, "config.mainTxet", "no such setting"),
        ({"width": 91}, "config.width", "even"),
    ],
)
def test_bad_settings_are_refused_with_field_and_limit(
    product: Product, ann: Actor, avatar: AssetView, config: dict[str, object], field: str, sentence: str
):
    with pytest.raises((AppError, RenderCoreError)) as refusal:
        product.render(ann, product.order(avatar.id, **config))
    known = as_app_error(refusal.value)
    assert known is not None
    assert (known.status, known.field) == (422, field)
    assert sentence in known.detail
    assert product.rows(UserVideo) == []


def test_settings_may_not_be_nested_without_end(product: Product, ann: Actor, avatar: AssetView):
    deep: object = 1
    for _ in range(50):
        deep = [deep]
    with pytest.raises(InvalidError, match="nested 12 deep"):
        product.render(ann, product.order(avatar.id, captions=deep))


def test_assets_must_be_there_and_fit_their_role(product: Product, ann: Actor, avatar: AssetView):
    music = product.upload(ann, product.media.music, AssetType.MUSIC)
    order = product.order(avatar.id)
    for chosen, kind, field in (
        ({}, InvalidInputError, "user_assets.lipSyncVideo"),
        ({"lipSyncVideo": uuid4()}, NotFoundError, "user_assets.lipSyncVideo"),
        ({"lipSyncVideo": music.id}, InvalidInputError, "user_assets.lipSyncVideo"),
        ({"lipSyncVideo": avatar.id, "logo": avatar.id}, InvalidInputError, "user_assets.logo"),
        ({"lipSyncVideo": [avatar.id, avatar.id]}, InvalidInputError, "user_assets.lipSyncVideo"),
    ):
        with pytest.raises(kind) as refusal:
            product.render(ann, order.model_copy(update={"user_assets": chosen}))
        assert refusal.value.field == field
    assert product.rows(UserVideo) == []


def test_nobody_renders_with_the_assets_of_others(product: Product, avatar: AssetView):
    with pytest.raises(NotFoundError, match="no asset"):
        product.render(product.user("bob"), product.order(avatar.id))


def test_an_unknown_template_is_refused(product: Product, ann: Actor, avatar: AssetView):
    with pytest.raises(InvalidInputError, match="LipSyncTemplate"):
        product.render(ann, product.order(avatar.id).model_copy(update={"template_name": "Nope"}))


def test_only_editors_render_in_a_workspace(product: Product, ann: Actor):
    bob = product.user("bob")
    order = product.order(product.upload(bob, product.media.avatar).id)
    foreign = order.model_copy(update={"workspace_id": product.workspace(ann).id})
    with pytest.raises(NotFoundError):
        product.render(bob, foreign)
    _join(product, ann, bob, Role.VIEWER)
    with pytest.raises(AppError, match="takes the role editor"):
        product.render(bob, foreign)


def _join(product: Product, host: Actor, guest: Actor, role: Role) -> None:
    member = WorkspaceMember(workspace_id=product.workspace(host).id, user_id=guest.user_id, role=role)
    product.do(lambda session: session.add(member))


def test_the_plan_limits_number_and_length(product: Product, ann: Actor, avatar: AssetView):
    with pytest.raises(PlanLimitError, match="allows 60 s"):
        product.render(ann, product.order(avatar.id, duration=61))
    for _ in range(5):
        product.render(ann, product.order(avatar.id))
    with pytest.raises(QuotaExceededError):
        product.render(ann, product.order(avatar.id))
    assert len(product.rows(UserVideo)) == 5


def test_the_same_key_is_the_same_render(product: Product, ann: Actor, avatar: AssetView, bell: RecordingBell):
    first = product.render(ann, product.order(avatar.id), key="k", bell=bell)
    again = product.render(ann, product.order(avatar.id), key="k", bell=bell)
    assert again.id == first.id
    assert len(product.rows(UsageEntry)) == bell.rings == 1


def test_the_same_key_at_the_same_time_is_one_render(product: Product, ann: Actor, avatar: AssetView):
    with ThreadPoolExecutor(6) as threads:
        views = list(threads.map(lambda _: product.render(ann, product.order(avatar.id), key="k"), range(6)))
    assert len({view.id for view in views}) == 1
    assert len(product.rows(RenderJob)) == 1


def test_a_key_for_another_order_is_a_conflict(product: Product, ann: Actor, avatar: AssetView):
    product.render(ann, product.order(avatar.id), key="k")
    with pytest.raises(ConflictError) as refusal:
        product.render(ann, product.order(avatar.id, mainText="other"), key="k")
    assert refusal.value.field == "Idempotency-Key"


def test_keys_are_each_users_own_and_last_a_day(product: Product, ann: Actor, avatar: AssetView):
    bob = product.user("bob")
    first = product.render(ann, product.order(avatar.id), key="k")
    other = product.render(bob, product.order(product.upload(bob, product.media.avatar).id), key="k")
    assert other.id != first.id

    def grow_old(session):
        session.get_one(IdempotencyKey, (ann.user_id, "k")).created_at -= LIFETIME + timedelta(seconds=1)

    product.do(grow_old)
    assert product.render(ann, product.order(avatar.id), key="k").id != first.id


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_keys_have_limits(product: Product, ann: Actor, avatar: AssetView, key: str):
    with pytest.raises(InvalidError, match="1 to 200 characters"):
        product.render(ann, product.order(avatar.id), key=key)


def test_cancelling_ends_the_job_and_gives_the_reservation_back(
    product: Product, ann: Actor, avatar: AssetView, bell: RecordingBell
):
    view = product.render(ann, product.order(avatar.id))
    cancelled = product.do(lambda session: cancel_render(session, ann, view.id, bell=bell))
    assert cancelled.status is RenderStatus.CANCELLED
    [job], [entry] = product.rows(RenderJob), product.rows(UsageEntry)
    assert (job.job_status, entry.state) == (JobState.CANCELLED, UsageState.RELEASED)
    assert [told.state for told in bell.published] == [JobState.CANCELLED]


def test_cancelling_twice_is_cancelling_once(product: Product, ann: Actor, avatar: AssetView, bell: RecordingBell):
    view = product.render(ann, product.order(avatar.id))
    for _ in range(2):
        product.do(lambda session: cancel_render(session, ann, view.id, bell=bell))
    assert len(bell.published) == 1


def test_who_runs_the_product_cancels_any_render_with_the_same_effect(
    product: Product, ann: Actor, avatar: AssetView, bell: RecordingBell
):
    view = product.render(ann, product.order(avatar.id))
    cancelled = product.do(lambda session: cancel_any_render(session, view.id, bell=bell))
    assert cancelled.status is RenderStatus.CANCELLED
    [entry] = product.rows(UsageEntry)
    assert (entry.state, bell.rings) == (UsageState.RELEASED, 1)
    with pytest.raises(NotFoundError, match="There is no video"):
        product.do(lambda session: cancel_any_render(session, uuid4(), bell=bell))


def _finish(product: Product, view_id: object, status: RenderStatus = RenderStatus.COMPLETED) -> None:
    [job] = [job for job in product.rows(RenderJob) if job.video_id == view_id]

    def write(session):
        video = session.get_one(UserVideo, view_id)
        video.render_status, video.render_progress = status, 100
        video.output_path, video.output_size = "rendered-videos/v/j.mp4", 7
        video.poster_path, video.sprites_path = "rendered-videos/v/j.poster.jpg", "rendered-videos/v/j.sprites.jpg"
        session.get_one(RenderJob, job.id).job_status = JobState.COMPLETED

    for name in ("j.mp4", "j.poster.jpg", "j.sprites.jpg"):
        product.container.objects.put_bytes(f"rendered-videos/v/{name}", b"a video")
    product.do(write)


def test_what_has_ended_cannot_be_cancelled(product: Product, ann: Actor, avatar: AssetView):
    view = product.render(ann, product.order(avatar.id))
    _finish(product, view.id)
    with pytest.raises(ConflictError, match="already ended: it is completed"):
        product.do(lambda session: cancel_render(session, ann, view.id, bell=SilentBell()))


def test_a_finished_video_can_be_downloaded_under_its_title(product: Product, ann: Actor, avatar: AssetView):
    view = product.render(ann, product.order(avatar.id, mainText="Привет"))
    with pytest.raises(ConflictError, match="is pending"):
        product.do(lambda session: open_download(session, ann, view.id))
    _finish(product, view.id)
    file = product.do(lambda session: open_download(session, ann, view.id))
    assert (file.file_name, file.size_bytes) == ("Привет.mp4", 7)


def test_deleting_takes_the_file_along_and_keeps_the_usage(product: Product, ann: Actor, avatar: AssetView):
    view = product.render(ann, product.order(avatar.id))
    objects = product.container.objects
    with pytest.raises(ConflictError, match="cancel it first"):
        product.do(lambda session: delete_video(session, objects, ann, view.id))
    _finish(product, view.id)
    product.do(lambda session: delete_video(session, objects, ann, view.id))
    assert product.rows(UserVideo) == product.rows(RenderJob) == []
    assert list(objects.keys("rendered-videos/")) == []
    assert len(product.rows(UsageEntry)) == 1


def test_a_video_can_be_renamed_within_limits(product: Product, ann: Actor, avatar: AssetView):
    view = product.render(ann, product.order(avatar.id))
    named = VideoChange(video_title=" Новое  имя ", video_description=" Two\nlines ")
    changed = product.do(lambda session: change_video(session, ann, view.id, named))
    assert (changed.video_title, changed.video_description) == ("Новое имя", "Two\nlines")
    for bad in (VideoChange(video_title="  "), VideoChange(video_description="\x00")):
        with pytest.raises(InvalidError):
            product.do(lambda session, bad=bad: change_video(session, ann, view.id, bad))
    assert product.do(lambda session: get_video(session, ann, view.id)) == changed


def test_others_neither_see_nor_touch_a_video(product: Product, ann: Actor, avatar: AssetView):
    view, bob = product.render(ann, product.order(avatar.id)), product.user("bob")
    objects = product.container.objects
    for work in (
        lambda session: get_video(session, bob, view.id),
        lambda session: cancel_render(session, bob, view.id, bell=SilentBell()),
        lambda session: change_video(session, bob, view.id, VideoChange(video_title="mine")),
        lambda session: retry_render(session, bob, view.id, bell=SilentBell()),
        lambda session: draft_of(session, bob, view.id),
        lambda session: delete_video(session, objects, bob, view.id),
        lambda session: open_download(session, bob, view.id),
    ):
        with pytest.raises(NotFoundError, match="no video"):
            product.do(work)
    assert product.do(lambda session: list_videos(session, bob)).videos == ()


def test_viewers_see_and_editors_cancel(product: Product, ann: Actor, avatar: AssetView):
    view = product.render(ann, product.order(avatar.id))
    viewer, editor = product.user("bob"), product.user("eve")
    _join(product, ann, viewer, Role.VIEWER)
    _join(product, ann, editor, Role.EDITOR)
    workspace = product.workspace(ann).id
    wanted = VideoFilter(workspace_id=workspace)
    assert product.do(lambda session: list_videos(session, viewer, wanted)).videos == (view,)
    with pytest.raises(AppError, match="takes the role editor"):
        product.do(lambda session: cancel_render(session, viewer, view.id, bell=SilentBell()))
    product.do(lambda session: cancel_render(session, editor, view.id, bell=SilentBell()))


def test_pages_follow_each_other_without_gap_or_repetition(product: Product, ann: Actor, avatar: AssetView):
    product.set_plan(ann, PlanName.PRO)
    made = [product.render(ann, product.order(avatar.id)).id for _ in range(7)]
    seen, cursor = [], None
    for size in (3, 3, 1):
        page = product.do(lambda session, cursor=cursor: list_videos(session, ann, limit=3, cursor=cursor))
        assert len(page.videos) == size
        seen += [video.id for video in page.videos]
        cursor = page.next_cursor
    assert cursor is None
    assert seen == made[::-1]


@pytest.mark.parametrize("cursor", ["", "nonsense", "2026-01-01T00:00:00Z_", "_"])
def test_a_foreign_cursor_is_refused(product: Product, ann: Actor, cursor: str):
    with pytest.raises(InvalidError) as refusal:
        product.do(lambda session: list_videos(session, ann, cursor=cursor))
    assert refusal.value.field == "cursor"


def test_a_preview_is_the_same_spec_smaller_and_stores_nothing(product: Product, ann: Actor, avatar: AssetView):
    spec = product.do(lambda session: preview_spec(session, ann, product.order(avatar.id), height=80))
    assert (spec.scale, spec.quality, spec.config["height"]) == (0.5, "draft", 160)
    assert product.rows(UserVideo) == []
