"""What one who watches is told."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from webapp.models import AssetStatus, RenderStatus, utc_now
from webapp.renders.news import News, event_id_of
from webapp.renders.updates import AssetUpdate, RenderUpdate, Update
from webapp.renders.watcher import Watcher, is_news

NOW = utc_now()
ANN = UUID(int=2)


def render(status: str = "rendering", progress: int = 0, left_s: float | None = None, at: datetime = NOW) -> Update:
    return RenderUpdate(
        video_id=UUID(int=1),
        status=RenderStatus(status),
        progress=progress,
        estimated_completion=None if left_s is None else NOW + timedelta(seconds=left_s),
        event_id=event_id_of(at),
    )


def asset(status: str, at: datetime = NOW) -> Update:
    return AssetUpdate(asset_id=UUID(int=1), status=AssetStatus(status), event_id=event_id_of(at))


def row(update: Update, at: datetime = NOW) -> News:
    return News(user_id=ANN, maker_id=ANN, workspace_id=UUID(int=3), changed_at=at, update=update)


def taken(watcher: Watcher) -> list[Update]:
    return asyncio.run(watcher.take(0.01))


def test_who_is_slow_finds_the_newest_only():
    watcher = Watcher(NOW)
    watcher.see([row(render(progress=1))], NOW)
    watcher.hear(render(progress=2))
    watcher.hear(render(progress=3))
    assert taken(watcher) == [render(progress=3)]
    assert taken(watcher) == []


def test_what_is_said_of_what_nobody_has_seen_is_not_believed():
    watcher = Watcher(NOW)
    watcher.hear(render(progress=2))
    assert taken(watcher) == []


def test_a_new_beginning_is_told_once_the_rows_say_so():
    watcher, later = Watcher(NOW), NOW + timedelta(seconds=1)
    watcher.see([row(render("failed", 40))], NOW)
    assert taken(watcher) == [render("failed", 40)]
    assert watcher.has_seen_the_end_of(render().subject)
    watcher.hear(render("pending", at=later))
    assert taken(watcher) == []
    watcher.see([row(render("pending", at=later), later)], later)
    assert taken(watcher) == [render("pending", at=later)]
    assert not watcher.has_seen_the_end_of(render().subject)


def test_nothing_is_said_after_the_end():
    watcher = Watcher(NOW)
    watcher.see([row(render("cancelled"))], NOW)
    watcher.hear(render(progress=50, at=NOW + timedelta(seconds=1)))
    assert taken(watcher) == [render("cancelled")]


def test_what_ended_long_before_one_came_is_not_told():
    watcher = Watcher(NOW)
    watcher.see([row(render("completed"), at=NOW - timedelta(minutes=1))], NOW)
    assert taken(watcher) == []


@pytest.mark.parametrize(
    ("update", "known", "is_told"),
    [
        (render(progress=1), render(progress=1), False),
        (render(progress=1), render(progress=2), False),
        (render("pending"), render("rendering"), False),
        (render("pending", left_s=60), render("pending"), True),
        (render("pending"), render("pending", left_s=60), False),
        (render("pending", left_s=64), render("pending", left_s=60), False),
        (render("pending", left_s=75), render("pending", left_s=60), True),
        (render(progress=1, left_s=10), render(progress=2, left_s=60), False),
        (asset("processing", NOW + timedelta(seconds=1)), asset("rejected"), True),
        (asset("processing", NOW - timedelta(seconds=1)), asset("rejected"), False),
    ],
)
def test_what_is_news(update: Update, known: Update, *, is_told: bool):
    assert is_news(update, known, NOW) is is_told
