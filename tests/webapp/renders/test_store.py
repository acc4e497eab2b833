from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from cluster.board.queue import expectations
from cluster.jobs import JobFailure, JobKind, JobState, PrepareRequest, RenderRequest
from cluster.keys import asset_key, quarantine_key
from render_core.spec import MediaInfo, RenderSpec
from tests.cluster.job_store_contract import (
    FAILURE,
    OUTPUT,
    PREPARED,
    ClaimContract,
    EndContract,
    JobStoreContract,
    TakeOverContract,
    progress_of,
)
from tests.webapp.product import Product
from webapp.accounts.service import Actor
from webapp.assets import preparations
from webapp.assets.service import delete_asset
from webapp.billing.ledger import reserve
from webapp.models import (
    AssetStatus,
    AssetType,
    PlanName,
    PreparationJob,
    RenderJob,
    RenderStatus,
    UsageEntry,
    UsageState,
    UserUsage,
    UserVideo,
    VideoAsset,
    Workspace,
)
from webapp.renders.service import cancel_render
from webapp.renders.signals import SilentBell
from webapp.renders.store import SqlJobStore

SPEC = RenderSpec(template="LipSyncTemplate", assets={}, config={"mainText": "Привет"})


class Clock:
    """A time that passes when told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(product: Product, clock: Clock) -> SqlJobStore:
    return SqlJobStore(product.container.engine, clock=clock)


@pytest.fixture
def let_pass(clock: Clock) -> Callable[[float], None]:
    def pass_by(seconds: float) -> None:
        clock.now += timedelta(seconds=seconds)

    return pass_by


@pytest.fixture
def enqueue(product: Product) -> Callable[[str, str], str]:
    def add(workspace: str, plan: str) -> str:
        actor = product.user(workspace)
        product.set_plan(actor, PlanName(plan))
        return _enqueue(product, actor)

    return add


def _enqueue(product: Product, actor: Actor) -> str:
    workspace = product.workspace(actor)
    video = UserVideo(user_id=actor.user_id, workspace_id=workspace.id, video_title="A video", duration=2.5)
    job = RenderJob(video_id=video.id, workspace_id=workspace.id, spec=SPEC.model_dump(mode="json"))

    def write(session):
        session.add(video)
        session.flush()
        session.add(job)
        reserve(session, workspace.id, actor.user_id, job.id, 2.0)

    product.do(write)
    return str(job.id)


@pytest.fixture
def cancel(product: Product) -> Callable[[str], object]:
    def end(job_id: str) -> object:
        video = _video(product, job_id)
        actor = Actor(user_id=video.user_id, display_name="")
        return product.do(lambda session: cancel_render(session, actor, video.id, bell=SilentBell()))

    return end


@pytest.fixture
def state_of(product: Product) -> Callable[[str], JobState]:
    return lambda job_id: _job(product, job_id).job_status


@pytest.fixture
def percent_of(product: Product) -> Callable[[str], int]:
    return lambda job_id: _video(product, job_id).render_progress


def _job(product: Product, job_id: str) -> RenderJob:
    return next(job for job in product.rows(RenderJob) if str(job.id) == job_id)


def _video(product: Product, job_id: str) -> UserVideo:
    job = _job(product, job_id)
    return next(video for video in product.rows(UserVideo) if video.id == job.video_id)


class TestSqlJobStore(JobStoreContract):
    """What every job store promises, on both databases."""


class TestPreparationsInSql(ClaimContract, TakeOverContract, EndContract):
    """The same for preparations."""

    @pytest.fixture
    def enqueue(self, product: Product) -> Callable[[str, str], str]:
        def add(workspace: str, plan: str) -> str:
            actor = product.user(workspace)
            product.set_plan(actor, PlanName(plan))
            return _enqueue_preparation(product, actor)

        return add

    @pytest.fixture
    def cancel(self, product: Product) -> Callable[[str], object]:
        def end(job_id: str) -> object:
            asset_id = _preparation(product, job_id).asset_id
            assert asset_id is not None
            return product.do(lambda session: preparations.cancel(session, asset_id))

        return end

    @pytest.fixture
    def state_of(self, product: Product) -> Callable[[str], JobState]:
        return lambda job_id: _preparation(product, job_id).job_status

    @pytest.fixture
    def percent_of(self, product: Product) -> Callable[[str], int]:
        return lambda job_id: _asset(product, job_id).progress


def _enqueue_preparation(product: Product, actor: Actor) -> str:
    job_id = uuid4()
    asset = VideoAsset(
        user_id=actor.user_id,
        workspace_id=product.workspace(actor).id,
        asset_type=AssetType.AVATAR,
        asset_name="An upload",
        file_path=asset_key("avatar", job_id.hex),
        file_size=1000,
        mime_type="video/webm",
        sha256=job_id.hex,
    )
    job = PreparationJob(
        id=job_id,
        workspace_id=asset.workspace_id,
        asset_id=asset.id,
        asset_type=asset.asset_type,
        source_path=quarantine_key(job_id.hex),
        target_path=asset.file_path,
        size_bytes=asset.file_size,
    )

    def write(session):
        session.add(asset)
        session.flush()
        session.add(job)

    product.do(write)
    return str(job.id)


def _preparation(product: Product, job_id: str) -> PreparationJob:
    return next(job for job in product.rows(PreparationJob) if str(job.id) == job_id)


def _asset(product: Product, job_id: str) -> VideoAsset:
    asset_id = _preparation(product, job_id).asset_id
    return next(asset for asset in product.rows(VideoAsset) if asset.id == asset_id)


@pytest.fixture
def epoch(store: SqlJobStore) -> int:
    epoch = store.acquire_lease("first", 600)
    assert epoch is not None
    return epoch


@pytest.fixture
def claimed(store: SqlJobStore, enqueue: Callable[[str, str], str], epoch: int) -> RenderRequest:
    request = store.claim(enqueue("w", "free"), epoch)
    assert request is not None
    return request


@pytest.mark.parametrize("ahead_s", [-3600, 3600])
def test_dispatchers_whose_clocks_differ_never_both_end_a_job(
    product: Product, store: SqlJobStore, clock: Clock, claimed: RenderRequest, epoch: int, ahead_s: float
):
    theirs = SqlJobStore(product.container.engine, clock=lambda: clock.now + timedelta(seconds=ahead_s))
    later = theirs.acquire_lease("second", 15)
    taken = theirs.take_over(later) if later is not None else ()
    ended = [store.complete(claimed, OUTPUT, epoch), *(theirs.complete(job, OUTPUT, later or 0) for job in taken)]
    assert sum(ended) == 1
    assert (store.renew_lease("first", epoch, 15), later is not None) == (ahead_s < 0, ahead_s > 0)
    [usage] = product.rows(UserUsage)
    assert usage.videos_rendered == 1


def test_a_claim_hands_over_the_spec_and_shows_the_video_as_rendering(product: Product, claimed: RenderRequest):
    assert claimed.spec == SPEC
    video = _video(product, claimed.job_id)
    assert video.render_status is RenderStatus.RENDERING
    assert video.render_started_at is not None


def test_completing_writes_the_output_and_settles_the_usage_together(
    product: Product, store: SqlJobStore, claimed: RenderRequest, epoch: int
):
    assert store.complete(claimed, OUTPUT, epoch)
    video = _video(product, claimed.job_id)
    assert (video.render_status, video.render_progress) == (RenderStatus.COMPLETED, 100)
    assert (video.output_path, video.output_size, video.duration) == (OUTPUT.key, 1000, 2.0)
    assert video.output_url == f"/api/video/{video.id}/download"
    [entry] = product.rows(UsageEntry)
    assert (entry.state, entry.render_seconds) == (UsageState.SETTLED, 3.5)
    [usage] = product.rows(UserUsage)
    assert (usage.videos_rendered, usage.total_render_time, usage.storage_used) == (1, 3.5, 1000)


def test_completing_again_counts_nothing_again(
    product: Product, store: SqlJobStore, claimed: RenderRequest, epoch: int
):
    store.complete(claimed, OUTPUT, epoch)
    store.complete(claimed, OUTPUT, epoch)
    [usage] = product.rows(UserUsage)
    assert usage.videos_rendered == 1


def test_failing_says_why_and_gives_the_reservation_back(
    product: Product, store: SqlJobStore, claimed: RenderRequest, epoch: int
):
    assert store.fail(claimed, FAILURE, epoch)
    assert _job(product, claimed.job_id).error_message == FAILURE.message
    assert _video(product, claimed.job_id).render_status is RenderStatus.FAILED
    [entry] = product.rows(UsageEntry)
    assert entry.state is UsageState.RELEASED


@pytest.fixture
def preparation(product: Product, store: SqlJobStore, epoch: int) -> PrepareRequest:
    request = store.claim(_enqueue_preparation(product, product.user("w")), epoch)
    assert isinstance(request, PrepareRequest)
    return request


def test_a_prepared_upload_becomes_a_ready_asset_that_takes_what_is_stored(
    product: Product, store: SqlJobStore, preparation: PrepareRequest, epoch: int
):
    assert store.complete(preparation, replace(PREPARED, key=preparation.target), epoch)
    asset = _asset(product, preparation.job_id)
    assert (asset.status, asset.progress, asset.content_sha256) == (AssetStatus.READY, 100, PREPARED.sha256)
    assert (asset.file_path, asset.file_size, asset.mime_type) == (preparation.target, 700, "video/mp4")
    assert (asset.width, asset.height, asset.duration) == (64, 96, 2.0)
    assert MediaInfo.model_validate(asset.media_info) == PREPARED.info
    [usage] = product.rows(UserUsage)
    assert usage.storage_used == 700


def test_an_upload_whose_preparation_fails_is_rejected_for_that_reason_and_takes_no_storage(
    product: Product, store: SqlJobStore, preparation: PrepareRequest, epoch: int
):
    assert store.fail(preparation, JobFailure(code="invalid_input", message="It is cut off."), epoch)
    asset = _asset(product, preparation.job_id)
    assert (asset.status, asset.reject_reason, asset.content_sha256) == (AssetStatus.REJECTED, "It is cut off.", None)
    assert _preparation(product, preparation.job_id).error_code == "invalid_input"
    [usage] = product.rows(UserUsage)
    assert usage.storage_used == 0


def test_a_preparation_whose_asset_is_deleted_counts_as_cancelled_and_cannot_complete(
    product: Product, store: SqlJobStore, preparation: PrepareRequest, epoch: int
):
    actor, asset = product.user("w"), _asset(product, preparation.job_id)
    product.do(lambda session: delete_asset(session, product.container.objects, actor, asset.id))
    assert store.cancelled((preparation.job_id,)) == {preparation.job_id}
    assert not store.complete(preparation, replace(PREPARED, key=preparation.target), epoch)
    assert product.rows(VideoAsset) == []


def test_jobs_that_are_gone_count_as_cancelled(store: SqlJobStore):
    assert store.cancelled((str(UUID(int=7)),)) == {str(UUID(int=7))}


def test_both_kinds_wait_in_one_queue_and_tell_how_long_they_are(
    product: Product, store: SqlJobStore, enqueue: Callable[[str, str], str]
):
    jobs = [enqueue("w", "free"), _enqueue_preparation(product, product.user("w"))]
    found = store.waiting(10)
    assert [(job.job_id, job.kind) for job in found] == [(jobs[0], JobKind.RENDER), (jobs[1], JobKind.PREPARE)]
    assert [job.size for job in found] == [2.5, pytest.approx(1.0, abs=0.01)]


def test_a_crowd_hides_nobody(product: Product, store: SqlJobStore, enqueue: Callable[[str, str], str]):
    for _ in range(5):
        enqueue("crowd", "free")
    late = [enqueue("late", "free"), _enqueue_preparation(product, product.user("crowd"))]
    assert {job.job_id for job in store.waiting(4)} > set(late)


def test_progress_sets_the_expected_end_and_stays_below_100_until_completion(
    product: Product, store: SqlJobStore, claimed: RenderRequest, epoch: int
):
    store.record_progress((progress_of(claimed, 100),), epoch)
    assert _video(product, claimed.job_id).render_progress == 99


def test_an_unknown_job_cannot_be_claimed(store: SqlJobStore, epoch: int):
    assert store.claim("00000000-0000-0000-0000-000000000000", epoch) is None


def test_a_job_that_cannot_be_read_fails_instead_of_standing_in_the_way(
    product: Product, store: SqlJobStore, enqueue: Callable[[str, str], str], epoch: int
):
    job_id = enqueue("w", "free")

    def spoil(session):
        session.get_one(RenderJob, UUID(job_id)).spec = {"version": 99}

    product.do(spoil)
    assert store.claim(job_id, epoch) is None
    assert store.waiting(10) == ()
    assert "no longer known" in str(_job(product, job_id).error_message)
    [entry] = product.rows(UsageEntry)
    assert entry.state is UsageState.RELEASED


def test_every_job_belongs_to_a_workspace(product: Product, claimed: RenderRequest):
    [workspace] = product.rows(Workspace)
    assert claimed.workspace_id == str(workspace.id)


def test_when_a_waiting_render_will_end_is_written_beside_it(
    product: Product, store: SqlJobStore, enqueue: Callable[[str, str], str]
) -> None:
    epoch = store.acquire_lease("first", 600)
    assert epoch is not None
    enqueue("w1", "free")
    [waiting] = store.waiting(10)
    [foreseen] = expectations([waiting], {waiting.job_id: 90.0})
    store.record_progress([foreseen], epoch)
    video = _video(product, waiting.job_id)
    assert str(video.id) == waiting.video_id
    assert video.estimated_completion is not None
    assert (video.render_progress, video.render_status) == (0, RenderStatus.PENDING)
