"""Whole senders, against receivers on the loopback."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from uuid import UUID

from redis import Redis
from sqlalchemy import event

from cluster.jobs import JobProgress, JobState
from tests.webapp.webhooks.desk import OWN_MACHINE, Desk
from tests.webapp.webhooks.receiver import Receiver, replying, run_receiver
from webapp.bell import MESSAGES_CHANNEL
from webapp.db import create_engine
from webapp.models import DeliveryState, WebhookDelivery, utc_now
from webapp.renders.outbox import Outbox, RedisProgress
from webapp.renders.signals import RedisBell
from webapp.webhooks.claims import LEASE
from webapp.webhooks.deliveries import send_ping
from webapp.webhooks.post import Post
from webapp.webhooks.sender import Sender
from webapp.webhooks.signatures import SecretBox

_ROOT = Path(__file__).parents[3]
_PATIENCE_S = 120.0
ENDED = JobProgress(
    job_id=str(UUID(int=1)),
    video_id=str(UUID(int=2)),
    attempt=1,
    state=JobState.COMPLETED,
    percent=100,
    cells_done=1,
    cells_total=1,
    cells_cached=0,
)


@asynccontextmanager
async def sending(*senders: Sender) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(sender.run()) for sender in senders]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until(is_so: Callable[[], bool]) -> None:
    def wait() -> None:
        deadline = time.monotonic() + _PATIENCE_S
        while not is_so():
            assert time.monotonic() < deadline, "it did not come about"
            time.sleep(0.01)

    await asyncio.to_thread(wait)


def send_all(desk: Desk, *senders: Sender) -> None:
    """Let senders work until nothing waits for its first attempt any more."""

    def is_done() -> bool:
        return all(row.state is DeliveryState.DELIVERED for row in desk.product.rows(WebhookDelivery))

    async def run() -> None:
        async with sending(*(senders or (desk.sender(),))):
            await until(is_done)

    asyncio.run(run())


def test_what_was_recorded_arrives_signed_and_is_written_down(desk: Desk, receiver: Receiver):
    ann = desk.product.user("ann")
    secret = desk.add(ann, receiver.url).secret
    receiver.behaviour = replying(200, "спасибо".encode())
    desk.record(ann, words="hello")
    send_all(desk)
    (came,) = receiver.requests
    message = came.verified(secret)
    assert (message["type"], message["data"]) == ("render.completed", {"words": "hello"})
    seen = desk.look_up(ann, desk.delivery())
    assert came.headers["webhook-id"] == seen.message_id
    assert came.body.decode() == seen.body
    assert [(each.status_code, each.answer) for each in seen.log] == [(200, "спасибо")]


def test_several_processes_send_each_message_once(desk: Desk, receiver: Receiver):
    ann = desk.product.user("ann")
    desk.add(ann, receiver.url)
    for _each in range(40):
        desk.record(ann)
    send_all(desk, *(desk.sender() for _process in range(3)))
    ids = [came.headers["webhook-id"] for came in receiver.requests]
    assert len(ids) == len(set(ids)) == 40
    assert {row.attempts for row in desk.product.rows(WebhookDelivery)} == {1}


def test_receivers_that_hang_hold_up_nobody_else(small_desk: Desk, receiver: Receiver):
    product, released = small_desk.product, threading.Event()
    receiver.behaviour = lambda handler: released.wait(_PATIENCE_S) and replying(204)(handler)
    ann, bob = product.user("ann"), product.user("bob")
    for _each in range(10):
        small_desk.add(ann, receiver.url)
    with run_receiver() as quick:
        small_desk.add(bob, quick.url)
        for _each in range(6):
            small_desk.record(ann)

        def record_late() -> None:
            receiver.wait_for(40)
            small_desk.record(bob)

        async def run() -> None:
            async with sending(small_desk.sender()):
                await asyncio.to_thread(record_late)
                await asyncio.to_thread(quick.wait_for, 1)
                assert len(receiver.requests) == 40
                released.set()
                await asyncio.to_thread(receiver.wait_for, 60)

        asyncio.run(run())


def test_a_secret_that_cannot_be_read_any_more_is_told_in_the_log(small_desk: Desk, receiver: Receiver):
    ann = small_desk.product.user("ann")
    small_desk.add(ann, receiver.url)
    lost = SecretBox("another").seal("whsec_AAAA")

    def spoil(session):
        session.get_one(type(small_desk.endpoint()), small_desk.endpoint().id).secret = lost

    small_desk.product.do(spoil)
    small_desk.record(ann)

    async def run() -> None:
        async with sending(small_desk.sender()):
            await until(lambda: any(attempt.error for attempt in small_desk.log()))

    asyncio.run(run())
    assert "make a new one" in str(small_desk.log()[0].error)
    assert receiver.requests == []


def test_a_database_that_is_away_for_a_moment_ends_no_sender(small_desk: Desk, receiver: Receiver):
    ann, faults = small_desk.product.user("ann"), [ConnectionError("away"), ConnectionError("away")]
    small_desk.add(ann, receiver.url)
    small_desk.record(ann)

    engine = create_engine(small_desk.container.settings.database_url)

    def fail(*_statement: object) -> None:
        if faults:
            raise faults.pop()

    event.listen(engine, "before_cursor_execute", fail)
    send_all(small_desk, Sender(engine, Post(OWN_MACHINE), small_desk.container.box))
    engine.dispose()
    assert faults == []
    assert len(receiver.requests) == 1


@contextmanager
def sender_process(desk: Desk) -> Iterator["subprocess.Popen[bytes]"]:
    """A web process's sender, alone."""
    program = (
        "import asyncio\n"
        "from webapp.container import build_container\n"
        "from webapp.webhooks.post import Post\n"
        "from webapp.webhooks.sender import Sender\n"
        "c = build_container()\n"
        "asyncio.run(Sender(c.engine, Post(c.addresses), c.box).run())\n"
    )
    settings = desk.container.settings
    environment = {
        **os.environ,
        "REELGROVE_DATA_DIR": str(settings.app.data_dir),
        "REELGROVE_DATABASE_URL": settings.database.database_url,
    }
    process = subprocess.Popen([sys.executable, "-c", program], cwd=_ROOT, env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_what_a_killed_process_was_sending_is_sent_again_by_another(small_desk: Desk, receiver: Receiver):
    ann, killed = small_desk.product.user("ann"), threading.Event()
    small_desk.add(ann, receiver.url)
    receiver.behaviour = lambda handler: killed.wait(_PATIENCE_S) and replying(204)(handler)
    small_desk.record(ann)
    with sender_process(small_desk) as process:
        receiver.wait_for(1)
        process.send_signal(signal.SIGKILL)
        process.wait()
    killed.set()
    assert small_desk.delivery().state is DeliveryState.PENDING
    engine, box = small_desk.container.engine, small_desk.container.box
    send_all(small_desk, Sender(engine, Post(OWN_MACHINE), box, clock=lambda: utc_now() + LEASE))
    first, second = receiver.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    seen = small_desk.look_up(ann, small_desk.delivery())
    assert [(each.number, each.status_code) for each in seen.log] == [(2, 204), (1, None)]
    assert "interrupted" in str(seen.log[1].error)


def test_the_bell_wakes_senders_at_once(small_desk: Desk, receiver: Receiver, own_redis_url: str):
    engine, ann = small_desk.container.engine, small_desk.product.user("ann")
    endpoint_id = small_desk.add(ann, receiver.url).webhook.id
    sender = Sender(engine, Post(OWN_MACHINE), small_desk.container.box, redis_url=own_redis_url, poll_s=1000)
    redis = Redis.from_url(own_redis_url)
    bell, outbox = RedisBell(redis), Outbox(redis)

    def ping() -> None:
        small_desk.product.do(lambda session: send_ping(session, ann, endpoint_id, bell=bell))

    def publish_end(publish: Callable[[JobProgress], None]) -> None:
        small_desk.record(ann)
        publish(ENDED)

    async def run() -> None:
        async with sending(sender):
            await until(lambda: redis.pubsub_numsub(MESSAGES_CHANNEL)[0][1] == 1)
            ways = (ping, partial(publish_end, bell.publish), partial(publish_end, RedisProgress(outbox).publish))
            for count, tell in enumerate(ways, 1):
                await asyncio.to_thread(tell)
                await asyncio.to_thread(receiver.wait_for, count)

    asyncio.run(run())
    outbox.close()
    redis.close()
