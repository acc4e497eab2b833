"""What becomes of a video after its render has ended: it is rendered anew, or taken back to the editor."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import Session

from cluster.jobs import JobFailure, JobState
from tests.webapp.product import Product, RecordingBell
from webapp.accounts.service import Actor
from webapp.assets.service import delete_asset
from webapp.assets.views import AssetView
from webapp.errors import ConflictError, ForbiddenError, NotFoundError, QuotaExceededError
from webapp.models import (
    PlanName,
    RenderJob,
    RenderStatus,
    Role,
    Scope,
    UsageEntry,
    UsageState,
    UserVideo,
    WorkspaceMember,
)
from webapp.renders.drafts import draft_of
from webapp.renders.service import cancel_render, get_video, request_render, retry_render
from webapp.renders.signals import SilentBell
from webapp.renders.store import SqlJobStore
from webapp.renders.views import VideoView


@pytest.fixture
def ann(product: Product) -> Actor:
    return product.user("ann")


@pytest.fixture
def avatar(product: Product, ann: Actor) -> AssetView:
    return product.upload(ann, product.media.avatar)


def cancelled(product: Product, actor: Actor, asset: AssetView) -> VideoView:
    view = product.render(actor, product.order(asset.id, mainText="Once"))
    return product.do(lambda session: cancel_render(session, actor, view.id, bell=SilentBell()))


def retry(product: Product, actor: Actor, view: VideoView, bell: RecordingBell | None = None) -> VideoView:
    return product.do(lambda session: retry_render(session, actor, view.id, bell=bell or SilentBell()))


def jobs_of(product: Product) -> list[JobState]:
    return [job.job_status for job in sorted(product.rows(RenderJob), key=lambda job: job.created_at)]


def test_a_cancelled_render_is_asked_for_anew_and_reserved_anew(
    product: Product, ann: Actor, avatar: AssetView, bell: RecordingBell
):
    ended = cancelled(product, ann, avatar)
    again = retry(product, ann, ended, bell)
    assert (again.id, again.status, again.progress, again.completed_at) == (ended.id, RenderStatus.PENDING, 0, None)
    assert jobs_of(product) == [JobState.CANCELLED, JobState.QUEUED]
    states = sorted(entry.state for entry in product.rows(UsageEntry))
    assert states == [UsageState.RELEASED, UsageState.RESERVED]
    assert (bell.rings, [told.state for told in bell.published]) == (1, [JobState.QUEUED])


def test_a_failed_render_loses_its_error_with_the_retry(product: Product, ann: Actor, avatar: AssetView):
    view = product.render(ann, product.order(avatar.id))
    store = SqlJobStore(product.container.engine)
    epoch = store.acquire_lease("test", 600)
    assert epoch is not None
    request = store.claim(store.waiting(1)[0].job_id, epoch)
    assert request is not None
    store.fail(request, JobFailure(code="out_of_memory", message="Too much."), epoch)
    assert product.do(lambda session: get_video(session, ann, view.id)).error == "Too much."
    again = retry(product, ann, view)
    assert (again.status, again.error, again.started_at) == (RenderStatus.PENDING, None, None)
    assert store.waiting(5)[0].video_id == str(view.id)


def test_retries_at_the_same_time_are_one(product: Product, ann: Actor, avatar: AssetView):
    ended = cancelled(product, ann, avatar)
    with ThreadPoolExecutor(6) as threads:
        views = list(threads.map(lambda _: retry(product, ann, ended), range(6)))
    assert {view.status for view in views} == {RenderStatus.PENDING}
    assert jobs_of(product) == [JobState.CANCELLED, JobState.QUEUED]
    assert len(product.rows(UsageEntry)) == 2


def test_retries_of_many_videos_at_the_same_time_wait_for_each_other(product: Product, ann: Actor, avatar: AssetView):
    product.set_plan(ann, PlanName.PRO)
    ended = [cancelled(product, ann, avatar) for _ in range(6)]
    with ThreadPoolExecutor(6) as threads:
        assert len({view.id for view in threads.map(lambda view: retry(product, ann, view), ended)}) == 6


def test_orders_of_one_workspace_at_the_same_time_are_all_accepted(product: Product, ann: Actor, avatar: AssetView):
    product.set_plan(ann, PlanName.PRO)
    order = product.order(avatar.id)
    keys = [None, "a", None, "b", None, "c", None, "d"]
    with ThreadPoolExecutor(8) as threads:
        views = list(threads.map(lambda key: product.render(ann, order, key=key), keys))
    assert len({view.id for view in views}) == len(product.rows(UsageEntry)) == 8


def test_what_is_finished_is_not_rendered_again(product: Product, ann: Actor, avatar: AssetView):
    view = product.render(ann, product.order(avatar.id))
    assert retry(product, ann, view) == view
    product.do(lambda s: setattr(s.get_one(UserVideo, view.id), "render_status", RenderStatus.COMPLETED))
    with pytest.raises(ConflictError, match="edit it again"):
        retry(product, ann, view)
    assert len(product.rows(RenderJob)) == 1


def test_a_retry_is_refused_like_an_order(product: Product, ann: Actor, avatar: AssetView):
    ended = cancelled(product, ann, avatar)
    for _ in range(5):
        product.render(ann, product.order(avatar.id))
    with pytest.raises(QuotaExceededError):
        retry(product, ann, ended)
    assert product.do(lambda session: get_video(session, ann, ended.id)).status is RenderStatus.CANCELLED


def test_a_retry_without_its_media_names_them(product: Product, ann: Actor, avatar: AssetView):
    ended = cancelled(product, ann, avatar)
    product.do(lambda session: delete_asset(session, product.container.objects, ann, avatar.id))
    with pytest.raises(NotFoundError) as refusal:
        retry(product, ann, ended)
    assert refusal.value.field == "user_assets.lipSyncVideo"


def test_editors_retry_what_others_made_and_viewers_do_not(product: Product, ann: Actor, avatar: AssetView):
    ended, workspace = cancelled(product, ann, avatar), product.workspace(ann).id
    viewer, editor = product.user("bob"), product.user("eve")
    for actor, role in ((viewer, Role.VIEWER), (editor, Role.EDITOR)):
        member = WorkspaceMember(workspace_id=workspace, user_id=actor.user_id, role=role)
        product.do(lambda session, member=member: session.add(member))
    with pytest.raises(ForbiddenError, match="takes the role editor"):
        retry(product, viewer, ended)
    assert retry(product, editor, ended).workspace_id == workspace


def test_a_draft_is_the_order_under_the_videos_present_name(product: Product, ann: Actor, avatar: AssetView):
    view = product.render(ann, product.order(avatar.id, mainText="Once"))
    draft = product.do(lambda session: draft_of(session, ann, view.id))
    assert (draft.order.config["mainText"], draft.order.video_title, draft.missing) == ("Once", "Once", ())
    again = product.render(ann, draft.order)
    assert (again.video_title, again.workspace_id) == (view.video_title, view.workspace_id)


def test_a_draft_names_the_media_that_are_gone_and_keeps_the_rest(product: Product, ann: Actor, avatar: AssetView):
    clip = product.upload(ann, product.media.silent)
    order = product.order(avatar.id).model_copy(
        update={"user_assets": {"lipSyncVideo": avatar.id, "backgroundVideos": [clip.id, avatar.id]}}
    )
    view = product.render(ann, order)
    product.do(lambda session: cancel_render(session, ann, view.id, bell=SilentBell()))
    product.do(lambda session: delete_asset(session, product.container.objects, ann, clip.id))
    draft = product.do(lambda session: draft_of(session, ann, view.id))
    assert draft.missing == ("user_assets.backgroundVideos[0]",)
    assert draft.order.user_assets == {"lipSyncVideo": avatar.id, "backgroundVideos": [avatar.id]}


def test_a_repeated_order_is_known_whatever_the_sequence_of_its_settings(
    product: Product, ann: Actor, avatar: AssetView
):
    first = product.render(ann, product.order(avatar.id, mainText="a", musicVolume=0.5), key="k")
    order = product.order(avatar.id)
    turned = order.model_copy(update={"config": {"musicVolume": 0.5, "mainText": "a", **order.config}})
    assert product.render(ann, turned, key="k").id == first.id


def test_a_key_that_may_only_order_gets_the_same_answer_again(product: Product, ann: Actor, avatar: AssetView):
    scopes = frozenset({Scope.VIDEOS_WRITE, Scope.ASSETS_READ})
    program = Actor(user_id=ann.user_id, display_name="ann", scopes=scopes)
    order = product.order(avatar.id)
    assert product.render(program, order, key="k").id == product.render(program, order, key="k").id


def test_a_repetition_after_the_rollback_of_the_first_is_a_new_order(product: Product, ann: Actor, avatar: AssetView):
    order, bell = product.order(avatar.id), RecordingBell()

    def break_off(session: Session) -> None:
        request_render(session, ann, order, bell=bell, idempotency_key="k")
        raise TimeoutError

    with pytest.raises(TimeoutError):
        product.do(break_off)
    assert (bell.rings, product.rows(UserVideo)) == (0, [])
    assert product.render(ann, order, key="k", bell=bell).status is RenderStatus.PENDING
