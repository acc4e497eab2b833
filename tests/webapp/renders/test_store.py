from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from cluster.jobs import JobState, RenderRequest
from render_core.spec import RenderSpec
from tests.cluster.job_store_contract import FAILURE, OUTPUT, JobStoreContract, progress_of
from tests.webapp.product import Product
from webapp.accounts.service import Actor
from webapp.billing.usage import reserve
from webapp.models import PlanName, RenderJob, RenderStatus, UsageEntry, UsageState, UserUsage, UserVideo, Workspace
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
    video = UserVideo(user_id=actor.user_id, workspace_id=workspace.id, video_title="A video")
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


@pytest.fixture
def epoch(store: SqlJobStore) -> int:
    epoch = store.acquire_lease("first", 30)
    assert epoch is not None
    return epoch


@pytest.fixture
def claimed(store: SqlJobStore, enqueue: Callable[[str, str], str], epoch: int) -> RenderRequest:
    request = store.claim(enqueue("w", "free"), epoch)
    assert request is not None
    return request


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
