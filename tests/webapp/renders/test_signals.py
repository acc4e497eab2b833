import threading
import time

from redis import Redis

from cluster.jobs import RenderRequest
from render_core.spec import RenderSpec
from tests.cluster.job_store_contract import progress_of
from tests.webapp.servers import run_redis
from webapp.renders.signals import PROGRESS_CHANNEL, PollingWakeUp, RedisBell, RedisWakeUp, parse_progress

NOBODY = "redis://127.0.0.1:1/0"
_PROGRESS = progress_of(
    RenderRequest(
        job_id="j",
        video_id="v",
        workspace_id="w",
        plan="free",
        attempt=1,
        spec=RenderSpec(template="T", assets={}, config={}),
    ),
    40,
)


def _is_rung(wake_up: RedisWakeUp, timeout_s: float) -> bool:
    began = time.monotonic()
    wake_up.wait(timeout_s)
    return time.monotonic() - began < timeout_s


def test_the_bell_wakes_whoever_waits(redis_url: str):
    wake_up, bell = RedisWakeUp(Redis.from_url(redis_url)), RedisBell(Redis.from_url(redis_url))
    wake_up.wait(0.01)
    threading.Timer(0.05, bell.ring).start()
    assert _is_rung(wake_up, 30)
    wake_up.close()


def test_a_ring_that_nobody_waited_for_is_heard_once(redis_url: str):
    wake_up, bell = RedisWakeUp(Redis.from_url(redis_url)), RedisBell(Redis.from_url(redis_url))
    wake_up.wait(0.01)
    for _ in range(3):
        bell.ring()
    assert _is_rung(wake_up, 30)
    assert not _is_rung(wake_up, 0.2)
    wake_up.close()


def test_progress_survives_the_way(redis_url: str):
    redis = Redis.from_url(redis_url)
    ear = redis.pubsub(ignore_subscribe_messages=True)
    ear.subscribe(PROGRESS_CHANNEL)
    ear.get_message(timeout=1)
    RedisBell(redis).publish(_PROGRESS)
    message = ear.get_message(timeout=5)
    assert parse_progress(message["data"]) == _PROGRESS
    ear.close()


def test_a_dead_bell_neither_raises_nor_is_asked_again_at_once():
    calls = []

    class CountingRedis(Redis):
        def publish(self, *arguments: object) -> int:
            calls.append(arguments)
            return super().publish(*arguments)

    bell = RedisBell(CountingRedis.from_url(NOBODY))
    for _ in range(5):
        bell.ring()
        bell.publish(_PROGRESS)
    assert len(calls) == 1


def test_a_dead_bell_lets_the_dispatcher_poll():
    began = time.monotonic()
    RedisWakeUp(Redis.from_url(NOBODY)).wait(30)
    PollingWakeUp().wait(30)
    assert time.monotonic() - began < 30


def test_a_bell_that_comes_back_is_heard_again():
    with run_redis() as url:
        wake_up = RedisWakeUp(Redis.from_url(url))
        wake_up.wait(0.01)
        wake_up.close()
        wake_up.wait(0.01)
        RedisBell(Redis.from_url(url)).ring()
        assert _is_rung(wake_up, 30)
        wake_up.close()
