from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from redis import Redis

from cluster.health import Alarm, AlarmCode, ClusterHealth
from cluster.jobs import JobKind, JobState
from tests.webapp.product import Product, settings_for
from tests.webapp.renders.dispatching import show
from webapp.db import create_engine, unit_of_work
from webapp.models import AssetType, PlanName, PreparationJob, RenderJob, UserVideo, VideoAsset, utc_now
from webapp.renders.figures import count_open_jobs, count_renders, find_lease, list_open_jobs
from webapp.renders.outbox import HEALTH_KEY
from webapp.renders.overview import Overview, latest_health, look_around
from webapp.renders.store import SqlJobStore

NOBODY = Redis.from_url("redis://127.0.0.1:1/0")


def _queue_render(product: Product, name: str, *, age_s: float, state: JobState = JobState.QUEUED) -> UUID:
    actor = product.user(name)
    workspace_id = product.workspace(actor).id
    video = UserVideo(user_id=actor.user_id, workspace_id=workspace_id, video_title="secret")
    video.render_progress = 40
    video.estimated_completion = utc_now() + timedelta(seconds=9000)
    asked_at = utc_now() - timedelta(seconds=age_s)
    with unit_of_work(product.container.engine) as session:
        session.add(video)
        session.flush()
        session.add(
            RenderJob(video_id=video.id, workspace_id=workspace_id, spec={}, job_status=state, created_at=asked_at)
        )
    return video.id


def _queue_preparation(product: Product, name: str, *, age_s: float) -> UUID:
    actor = product.user(name)
    workspace_id, digest = product.workspace(actor).id, uuid4().hex
    facts = {"asset_name": "secret", "file_path": "x", "file_size": 1, "mime_type": "video/mp4", "sha256": digest}
    asset = VideoAsset(user_id=actor.user_id, workspace_id=workspace_id, asset_type=AssetType.AVATAR, **facts)
    asked_at = utc_now() - timedelta(seconds=age_s)
    with unit_of_work(product.container.engine) as session:
        session.add(asset)
        session.flush()
        paths = {"source_path": f"quarantine/{digest}", "target_path": "x", "size_bytes": 1}
        job = PreparationJob(workspace_id=workspace_id, asset_type=AssetType.AVATAR, created_at=asked_at, **paths)
        job.asset_id = asset.id
        session.add(job)
    return asset.id


@pytest.fixture
def busy(product: Product) -> Product:
    """Ann, who has a plan, waits with two renders and a third is at work; Bob waits with an upload."""
    product.set_plan(product.user("ann"), PlanName.PRO)
    for age_s, state in ((3000, JobState.QUEUED), (2000, JobState.QUEUED), (30_000, JobState.PROCESSING)):
        _queue_render(product, "ann", age_s=age_s, state=state)
    _queue_render(product, "ann", age_s=99_000, state=JobState.COMPLETED)
    _queue_preparation(product, "bob", age_s=1000)
    return product


def test_open_jobs_are_counted_by_kind_and_plan(busy: Product):
    renders, preparations = busy.do(count_open_jobs)
    assert (renders.kind, renders.plan, renders.queued, renders.active) == (JobKind.RENDER, "pro", 2, 1)
    assert 3000 <= renders.oldest_queued_s < 3500
    assert (preparations.kind, preparations.plan) == (JobKind.PREPARE, "free")
    assert (preparations.queued, preparations.active) == (1, 0)


def test_all_renders_are_counted_by_state(busy: Product):
    counts = busy.do(count_renders)
    assert (counts[JobState.QUEUED], counts[JobState.PROCESSING], counts[JobState.COMPLETED]) == (2, 1, 1)
    assert counts[JobState.FAILED] == 0


def test_open_jobs_are_listed_those_at_work_first_then_the_oldest(busy: Product):
    jobs = busy.do(lambda session: list_open_jobs(session, 10))
    assert [(job.kind.value, job.plan, job.state.value) for job in jobs] == [
        ("render", "pro", "processing"),
        ("render", "pro", "queued"),
        ("render", "pro", "queued"),
        ("prepare", "free", "queued"),
    ]
    assert [round(job.age_s, -3) for job in jobs] == [30_000, 3000, 2000, 1000]
    assert jobs[0].percent == 40
    assert 8500 < (jobs[0].eta_s or 0) <= 9000


def test_only_so_many_jobs_are_listed(busy: Product):
    assert len(busy.do(lambda session: list_open_jobs(session, 2))) == 2


def test_a_lease_is_alive_until_it_is_given_up(product: Product):
    assert product.do(find_lease) is None
    store = SqlJobStore(product.container.engine)
    epoch = store.acquire_lease("host:1", 600)
    assert epoch
    lease = product.do(find_lease)
    assert lease
    assert (lease.holder, lease.epoch, lease.is_alive) == ("host:1", epoch, True)
    store.release_lease("host:1", epoch)
    lease = product.do(find_lease)
    assert lease
    assert not lease.is_alive


def _codes(overview: Overview) -> set[AlarmCode]:
    return {alarm.code for alarm in overview.alarms}


def test_without_a_dispatcher_there_is_an_alarm(product: Product):
    overview = look_around(product.container.engine, None)
    assert _codes(overview) == {AlarmCode.NO_DISPATCHER}
    assert not overview.is_healthy
    assert overview.plans == ()


def test_without_redis_the_database_says_who_dispatches(product: Product):
    SqlJobStore(product.container.engine).acquire_lease("host:1", 600)
    for redis, reason in ((None, "There is no Redis"), (NOBODY, "Redis does not answer")):
        overview = look_around(product.container.engine, redis)
        assert overview.is_healthy
        assert overview.lease
        assert overview.lease.holder == "host:1"
        assert overview.missing[0].startswith(reason)


def test_without_its_database_nothing_is_healthy(tmp_path):
    overview = look_around(create_engine(settings_for(tmp_path).database_url), NOBODY)
    assert _codes(overview) == {AlarmCode.STORE_FAILING}
    assert overview.plans is None


def test_what_the_dispatcher_shows_is_part_of_the_picture(small_product: Product, redis_url: str):
    redis = Redis.from_url(redis_url)
    SqlJobStore(small_product.container.engine).acquire_lease("host:1", 600)
    redis.delete(HEALTH_KEY)
    silent = look_around(small_product.container.engine, redis)
    assert silent.is_healthy
    assert silent.missing[0].startswith("The dispatcher has shown nothing")
    alarm = Alarm(code=AlarmCode.DISK_LOW, message="full", since=utc_now())
    fresh = utc_now() + timedelta(minutes=5)  # when the test comes to look at it
    show(redis, ClusterHealth(at=fresh, holder="host:1", epoch=1, cpus=4, alarms=(alarm,)))
    overview = look_around(small_product.container.engine, redis)
    assert (overview.snapshot, overview.missing) == (latest_health(redis), ())
    assert _codes(overview) == {AlarmCode.DISK_LOW}
    redis.delete(HEALTH_KEY)


def test_a_picture_that_is_old_says_so(small_product: Product, redis_url: str):
    redis = Redis.from_url(redis_url)
    show(redis, ClusterHealth(at=utc_now() - timedelta(seconds=9), holder="host:1", epoch=1, cpus=4))
    overview = look_around(small_product.container.engine, redis)
    assert " seconds old" in overview.missing[0]
    redis.delete(HEALTH_KEY)
