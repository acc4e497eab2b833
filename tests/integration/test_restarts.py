"""Anything may go away under a running render and come back: the render goes on by itself and is counted once."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql

from cluster.jobs import JobState
from tests.orders import Customer, Ordered
from tests.processes import held, until
from tests.programs import Program
from tests.stage import Stage, StageOptions
from tests.webapp.servers import free_port
from webapp.accounts.keys import create_api_key
from webapp.db import unit_of_work
from webapp.models import RenderStatus, UsageEntry, UsageState, UserUsage
from webapp.ui.build import build_frontend

pytestmark = [pytest.mark.ray, pytest.mark.postgres]


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """PostgreSQL, Redis, an S3 server, a node of one CPU, two dispatchers; nothing of it stays behind."""
    with Stage(StageOptions(database="postgres", objects="s3", nodes=(1,), dispatchers=2)) as stage:
        yield stage
    assert not stage.processes()
    assert not stage.folder.exists()


@contextmanager
def rendering(stage: Stage, name: str) -> Iterator[tuple[Customer, Ordered]]:
    """A render of six cells. The only CPU is held at one of them until the block ends."""
    customer = stage.customer(name)
    ordered = stage.orders.submit(customer, mainText=name, duration=12)
    with held(stage.at_cells):
        yield customer, ordered


def assert_completed_once(stage: Stage, customer: Customer, ordered: Ordered) -> None:
    stage.orders.await_all()
    job, video = stage.orders.job(ordered), stage.orders.video(ordered)
    assert (job.job_status, video.render_status) == (JobState.COMPLETED, RenderStatus.COMPLETED), job.error_message
    assert stage.container.objects.size(video.output_path or "") == video.output_size
    until(lambda: told(stage, "job.completed", str(ordered.job_id)) > 0)  # the log follows the row
    assert told(stage, "job.completed", str(ordered.job_id)) == 1
    lines = [entry for entry in stage.orders.rows(UsageEntry) if entry.workspace_id == customer.workspace_id]
    assert [(entry.job_id, entry.state) for entry in lines] == [(ordered.job_id, UsageState.SETTLED)]
    months = [usage for usage in stage.orders.rows(UserUsage) if usage.user_id == customer.actor.user_id]
    assert [usage.videos_rendered for usage in months] == [1]


def told(stage: Stage, *what: str) -> int:
    """How many lines of the dispatchers' logs hold all of this."""
    lines = [line for each in stage.dispatchers for line in each.log.read_text("utf-8").splitlines()]
    return sum(all(word in line for word in what) for line in lines)


@contextmanager
def database_away(stage: Stage) -> Iterator[None]:
    """It ends everybody's connections and takes no new ones."""
    url, name = stage.settings.database.database_url.rsplit("/", 1)
    allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    with psycopg.connect(f"{url}/template1", autocommit=True) as connection:
        connection.execute(allow.format(sql.Identifier(name), sql.Literal(False)))
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        try:
            yield
        finally:
            connection.execute(allow.format(sql.Identifier(name), sql.Literal(True)))


@contextmanager
def away(program: Program) -> Iterator[None]:
    """A server is killed, and started again later."""
    program.kill()
    yield
    program.start().until_ready()


def noticed(stage: Stage, *what: str) -> Callable[[], bool]:
    """Whether a dispatcher has said so since now."""
    before = told(stage, *what)
    return lambda: told(stage, *what) > before


def test_everything_on_the_stage_is_found(stage: Stage):
    with rendering(stage, "all") as (customer, ordered):
        active = stage.active_dispatcher()
        assert active in stage.dispatchers
        assert active is not None
        assert {stage.raylet(stage.nodes[0]), stage.redis.pid, active.pid} < stage.processes()
        until(lambda: "RenderProgress" in "".join(stage.tasks().values()))
        stage.orders.cancel(customer, ordered)
    until(lambda: not stage.at_cells())


def test_redis_the_database_and_the_object_store_go_away_one_after_the_other(stage: Stage):
    assert stage.store is not None
    with rendering(stage, "servers") as (customer, ordered):
        has_noticed = noticed(stage, "redis.")
        with away(stage.redis):
            until(has_noticed)
        has_noticed = noticed(stage, "dispatcher.store_failed")
        with database_away(stage):
            until(has_noticed)
        stage.container.engine.dispose()  # this process's own connections were ended too
        has_noticed = noticed(stage, "cluster.task_failed", "storage")
        stage.store.kill()
    until(has_noticed)
    stage.store.start().until_ready()
    assert_completed_once(stage, customer, ordered)


def test_the_dispatcher_is_killed_and_another_one_goes_on(stage: Stage):
    with rendering(stage, "dispatcher") as (customer, ordered):
        attempt = stage.orders.job(ordered).attempt
        active = stage.active_dispatcher()
        assert active is not None
        active.kill()
        active.start()
    assert_completed_once(stage, customer, ordered)
    assert stage.orders.job(ordered).attempt > attempt


def test_a_machine_falls_and_another_one_makes_the_same_bytes(stage: Stage):
    with rendering(stage, "machine") as (customer, ordered):
        stage.remove_node(stage.nodes[0])
        stage.add_node()
    assert_completed_once(stage, customer, ordered)
    for key in tuple(stage.container.objects.keys("cells/")):
        stage.container.objects.delete(key)
    undisturbed = stage.orders.submit(customer, mainText="machine", duration=12)
    stage.orders.await_all()
    assert stage.orders.job(undisturbed).output_sha256 == stage.orders.job(ordered).output_sha256


def test_the_web_process_is_killed_and_tells_the_end_to_who_comes_back(stage: Stage):
    build_frontend()
    port = free_port()
    web = stage.add_web(port)
    until_answered(port)
    with rendering(stage, "web") as (customer, ordered):
        with unit_of_work(stage.container.engine) as session:
            key = create_api_key(session, customer.actor, "watcher").secret
        with watching(port, key) as events:
            last_id = next(event_id for event_id, update in events if update["status"] == "rendering")
        web.kill_all()
        web.start()
        until_answered(port)
    with watching(port, key, last_id) as events:
        assert any(update["status"] == "completed" for _event_id, update in events)
    assert_completed_once(stage, customer, ordered)


def until_answered(port: int) -> None:
    def is_answered() -> bool:
        with suppress(httpx.TransportError):
            return httpx.get(f"http://127.0.0.1:{port}/healthz").is_success
        return False

    until(is_answered, every_s=0.1)


Events = Iterator[tuple[str, dict[str, Any]]]


@contextmanager
def watching(port: int, key: str, last_id: str = "") -> Iterator[Events]:
    """The server-sent events of somebody's renders, each with its id."""
    headers = {"Authorization": f"Bearer {key}"} | ({"Last-Event-ID": last_id} if last_id else {})
    url = f"http://127.0.0.1:{port}/api/render/live-status"
    with httpx.stream("GET", url, headers=headers, timeout=600) as answer:
        answer.raise_for_status()
        yield _events(answer.iter_lines())


def _events(lines: Iterator[str]) -> Events:
    data: dict[str, Any] = {}
    for line in lines:
        if line.startswith("data: "):
            data = json.loads(line.removeprefix("data: "))
        elif line.startswith("id: "):
            yield line.removeprefix("id: "), data
