import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from redis import Redis
from redis.client import Pipeline

from cluster.jobs import RenderRequest
from render_core.spec import RenderSpec
from tests.cluster.job_store_contract import progress_of
from tests.webapp.servers import free_port, hearing, run_redis
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


@contextmanager
def listening(url: str) -> Iterator[RedisWakeUp]:
    """An ear that hears already, and has nothing to tell."""
    wake_up = RedisWakeUp(Redis.from_url(url))
    try:
        assert _is_heard(wake_up), "beginning to hear counts as a ring"
        yield wake_up
    finally:
        wake_up.close()


def _is_heard(wake_up: RedisWakeUp) -> bool:
    deadline = time.monotonic() + 120
    while not (is_rung := wake_up.wait(1.0)) and time.monotonic() < deadline:
        pass
    return is_rung


def test_the_bell_wakes_whoever_waits(redis_url: str):
    with listening(redis_url) as wake_up:
        threading.Timer(0.05, RedisBell(Redis.from_url(redis_url)).publish, [_PROGRESS]).start()
        assert _is_heard(wake_up)


def test_a_ring_that_nobody_waited_for_is_heard_later(redis_url: str):
    with listening(redis_url) as wake_up:
        bell = RedisBell(Redis.from_url(redis_url))
        for _ in range(3):
            bell.publish(_PROGRESS)
        assert _is_heard(wake_up)
        while wake_up.wait(0.2):  # rings close to each other are one or a few
            pass
        assert not wake_up.wait(0)


def test_progress_survives_the_way(redis_url: str):
    redis = Redis.from_url(redis_url)
    with hearing(redis, PROGRESS_CHANNEL) as next_message:
        RedisBell(redis).publish(_PROGRESS)
        assert parse_progress(next_message()) == _PROGRESS


def test_a_dead_bell_neither_raises_nor_is_asked_again_at_once():
    calls = []

    class CountingRedis(Redis):
        def pipeline(self, **options: bool) -> Pipeline:
            calls.append(options)
            return super().pipeline(**options)

    bell = RedisBell(CountingRedis.from_url(NOBODY))
    for _ in range(5):
        bell.publish(_PROGRESS)
    assert len(calls) == 1


def test_a_dead_bell_lets_the_dispatcher_poll():
    wake_up = RedisWakeUp(Redis.from_url(NOBODY))
    began = time.monotonic()
    assert not wake_up.wait(300)
    assert not PollingWakeUp().wait(300)
    assert time.monotonic() - began < 300
    wake_up.close()


def test_a_redis_that_hangs_holds_nobody_up():
    with socket.create_server(("127.0.0.1", 0)) as deaf_and_dumb:
        port = deaf_and_dumb.getsockname()[1]
        wake_up = RedisWakeUp(Redis.from_url(f"redis://127.0.0.1:{port}/0", socket_timeout=300))
        began = time.monotonic()
        for _ in range(100):
            assert not wake_up.wait(0)
        assert time.monotonic() - began < 300
    wake_up.close()


def test_a_bell_that_comes_back_is_heard_again():
    port = free_port()
    wake_up = RedisWakeUp(Redis.from_url(f"redis://127.0.0.1:{port}/0"))
    assert not wake_up.wait(1)
    with run_redis(port=port) as url:
        assert _is_heard(wake_up)
        RedisBell(Redis.from_url(url)).publish(_PROGRESS)
        assert _is_heard(wake_up)
    wake_up.close()
