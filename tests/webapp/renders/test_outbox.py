import socket
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from redis import Redis

from cluster.health import Alarm, AlarmCode, ClusterHealth, NodeHealth
from cluster.jobs import JobProgress, JobState
from tests.processes import until
from tests.webapp.servers import free_port, hearing, run_redis
from webapp.renders.outbox import HEALTH_KEY, HEALTH_TTL_S, Outbox, RedisHealth, RedisProgress, read_health
from webapp.renders.signals import PROGRESS_CHANNEL, parse_progress

NOW = datetime.now(UTC)
HEALTH = ClusterHealth(
    at=NOW,
    holder="host:1",
    epoch=3,
    cpus=2,
    nodes=(NodeHealth(node_id="n", name="host", cpus=2, cpus_busy=1.5),),
    queued_by_plan={"free": 2},
    alarms=(Alarm(code=AlarmCode.QUEUE_OLD, message="waits", since=NOW),),
    counts={"cells_rendered": 7},
)
PROGRESS = JobProgress(
    job_id="j",
    video_id="v",
    attempt=1,
    state=JobState.PROCESSING,
    percent=0,
    cells_done=0,
    cells_total=5,
    cells_cached=0,
)


@pytest.fixture
def redis(redis_url: str) -> Redis:
    redis = Redis.from_url(redis_url)
    redis.delete(HEALTH_KEY)
    return redis


def test_health_can_be_read_while_its_dispatcher_lives(redis: Redis):
    outbox = Outbox(redis)
    health = RedisHealth(outbox)
    assert read_health(redis) is None
    health.publish(HEALTH)
    until(lambda: read_health(redis) == HEALTH)
    assert 0 < redis.ttl(HEALTH_KEY) <= HEALTH_TTL_S
    health.withdraw()
    outbox.close()
    assert read_health(redis) is None


def test_a_dispatcher_without_the_lease_neither_shows_nor_withdraws_anything(redis: Redis):
    outbox = Outbox(redis)
    RedisHealth(outbox).publish(HEALTH)
    waiting = RedisHealth(outbox)
    waiting.publish(replace(HEALTH, holder="host:2", epoch=0))
    waiting.withdraw()
    outbox.close()
    assert read_health(redis) == HEALTH


def test_health_of_another_version_is_none(redis: Redis):
    redis.set(HEALTH_KEY, b'{"health": "good"}')
    assert read_health(redis) is None


def test_progress_arrives_in_order(redis: Redis):
    with hearing(redis, PROGRESS_CHANNEL) as next_message:
        outbox = Outbox(redis)
        for percent in range(100):
            RedisProgress(outbox).publish(replace(PROGRESS, percent=percent))
        outbox.close()
        assert [parse_progress(next_message()).percent for _ in range(100)] == list(range(100))


def test_a_redis_that_hangs_holds_nobody_up():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        outbox = Outbox(Redis.from_url(f"redis://127.0.0.1:{silent.getsockname()[1]}/0", socket_timeout=300))
        began = time.monotonic()
        for _ in range(5000):
            RedisProgress(outbox).publish(PROGRESS)
        assert time.monotonic() - began < 300
    outbox.close()


def test_a_redis_that_comes_back_is_told_what_is_new():
    port = free_port()
    redis = Redis.from_url(f"redis://127.0.0.1:{port}/0")
    outbox = Outbox(redis)
    health = RedisHealth(outbox)
    health.publish(HEALTH)
    with run_redis(port=port):

        def is_shown() -> bool:
            health.publish(HEALTH)
            return read_health(redis) == HEALTH

        until(is_shown)
        outbox.close()
