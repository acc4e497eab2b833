from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from redis import Redis

from cluster.health import Alarm, AlarmCode, ClusterHealth, NodeHealth
from cluster.jobs import JobState
from tests.webapp.product import Product
from tests.webapp.renders.dispatching import show as show_health
from webapp.commands.embedded_redis import embedded_redis, find_embedded_redis
from webapp.db import unit_of_work
from webapp.models import RenderJob, RenderStatus, UserVideo, utc_now
from webapp.renders.outbox import HEALTH_KEY
from webapp.renders.store import SqlJobStore

_FRESH = utc_now() + timedelta(days=1)  # as long as these tests may take


def _order(product: Product, *, has_ended: bool = False) -> UUID:
    actor = product.user("ann")
    workspace_id = product.workspace(actor).id
    video = UserVideo(user_id=actor.user_id, workspace_id=workspace_id, video_title="any")
    video.render_status = RenderStatus.COMPLETED if has_ended else RenderStatus.PENDING
    with unit_of_work(product.container.engine) as session:
        session.add(video)
        session.flush()
        state = JobState.COMPLETED if has_ended else JobState.QUEUED
        session.add(RenderJob(video_id=video.id, workspace_id=workspace_id, spec={}, job_status=state))
    return video.id


def _state_of(product: Product, video_id: UUID) -> JobState:
    return next(job.job_status for job in product.rows(RenderJob) if job.video_id == video_id)


def test_without_a_dispatcher_the_status_says_what_to_do(run_product: Product, reelgrove: Callable):
    _order(run_product)
    said = reelgrove("cluster", "status")
    assert said.code == 1
    assert "No dispatcher is at work" in said.out
    assert "There is no Redis" in said.out
    assert "free  render  0        1" in said.out


def test_a_dispatcher_without_redis_is_healthy(run_product: Product, reelgrove: Callable):
    SqlJobStore(run_product.container.engine).acquire_lease("host:1", 600)
    said = reelgrove("cluster", "status", "--json")
    assert said.code == 0
    assert (said.facts["is_healthy"], said.facts["lease"]["holder"]) == (True, "host:1")
    assert said.facts["snapshot"] is None
    assert "no alarm, as far as is known" in reelgrove("cluster", "status").out


@pytest.fixture
def shown(run_product: Product, redis_url: str, monkeypatch: pytest.MonkeyPatch):
    """Shows a picture of the cluster."""
    SqlJobStore(run_product.container.engine).acquire_lease("host:1", 600)
    monkeypatch.setenv("REELGROVE_REDIS_URL", redis_url)
    redis = Redis.from_url(redis_url)

    def show(*alarms: Alarm) -> None:
        node = NodeHealth(node_id="n", name="worker-7", cpus=4, cpus_busy=3.0)
        health = ClusterHealth(at=_FRESH, holder="host:1", epoch=1, cpus=4, demand_cpus=9, nodes=(node,), alarms=alarms)
        show_health(redis, health, "http://127.0.0.1:8265")

    yield show
    redis.delete(HEALTH_KEY)


def test_what_the_dispatcher_shows_is_shown(shown: Callable, reelgrove: Callable):
    shown()
    said = reelgrove("cluster", "status")
    assert said.code == 0
    assert "worker-7  4     3" in said.out
    assert "4; the work is worth 9" in said.out
    assert "http://127.0.0.1:8265" in said.out
    assert "healthy" in said.out


def test_alarms_make_the_status_fail(shown: Callable, reelgrove: Callable):
    shown(Alarm(code=AlarmCode.NO_CAPACITY, message="Look at [this].", since=_FRESH))
    said = reelgrove("cluster", "status")
    assert said.code == 1
    assert "no_capacity: Look at" in said.out
    assert "Look at [this]." in said.out
    assert "healthy" not in said.out


def test_jobs_are_listed_with_ids_that_can_be_copied(run_product: Product, reelgrove: Callable):
    assert reelgrove("cluster", "jobs").out == "Nothing runs and nothing waits.\n"
    video_id = _order(run_product)
    assert str(video_id) in reelgrove("cluster", "jobs").out
    [job] = reelgrove("cluster", "jobs", "--json").facts
    assert (job["subject_id"], job["state"], job["plan"]) == (str(video_id), "queued", "free")


def test_a_render_can_be_cancelled_again_and_again(run_product: Product, reelgrove: Callable):
    video_id = _order(run_product)
    for _ in range(2):
        said = reelgrove("cluster", "cancel", video_id)
        assert (said.code, said.out) == (0, f"{video_id}: cancelled\n")
    assert _state_of(run_product, video_id) is JobState.CANCELLED


def test_what_cannot_be_cancelled_is_said_and_the_rest_is_cancelled(run_product: Product, reelgrove: Callable):
    ended, unknown, waiting = _order(run_product, has_ended=True), uuid4(), _order(run_product)
    said = reelgrove("cluster", "cancel", ended, unknown, waiting)
    assert said.code == 1
    assert said.out.splitlines() == [
        f"{ended}: The render has already ended: it is completed.",
        f"{unknown}: There is no video {unknown}.",
        f"{waiting}: cancelled",
    ]
    answers = reelgrove("cluster", "cancel", unknown, "--json").facts
    assert answers == [{"video_id": str(unknown), "problem": f"There is no video {unknown}."}]


def test_an_id_that_is_none_is_refused(run_product: Product, reelgrove: Callable):
    said = reelgrove("cluster", "cancel", "nonsense")
    assert said.code == 2
    assert "VIDEO_ID" in said.err


def test_the_redis_of_up_is_found_by_its_folder(tmp_path):
    assert find_embedded_redis(tmp_path) == ""
    _program, url = embedded_redis(tmp_path)
    assert find_embedded_redis(tmp_path) == url
