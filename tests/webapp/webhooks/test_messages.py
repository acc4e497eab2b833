"""Messages are there if, and only if, what they tell of is so."""

import json

import pytest
from sqlalchemy import event
from sqlmodel import select

from cluster.jobs import JobOutput, JobState
from tests.webapp.product import Product, RecordingBell
from tests.webapp.webhooks.desk import Desk
from webapp.accounts.service import Actor
from webapp.db import unit_of_work
from webapp.models import AssetType, RenderJob, WebhookDelivery, WebhookMessage
from webapp.renders import orders
from webapp.renders.service import cancel_render
from webapp.renders.views import VideoView
from webapp.webhooks.messages import EventType, body_of, record


def told(desk: Desk) -> list[tuple[str, dict[str, object]]]:
    oldest_first = select(WebhookMessage).order_by(WebhookMessage.created_at)  # type: ignore[arg-type] # a column
    found = desk.product.do(lambda session: list(session.exec(oldest_first)))
    return [(message.event_type, message.payload) for message in found]


def order_of(product: Product, actor: Actor) -> VideoView:
    return product.render(actor, product.order(product.upload(actor, product.media.avatar).id))


def end(product: Product, video: VideoView, state: JobState) -> None:
    """What the dispatcher does when a render ends."""
    output = JobOutput(
        key="videos/a.mp4", size_bytes=5, sha256="0" * 64, duration_s=1.0, frame_count=30, render_seconds=1.0
    )
    with unit_of_work(product.container.engine) as session:
        job = session.exec(select(RenderJob).where(RenderJob.video_id == video.id)).one()
        job.job_status = state
        if state is JobState.COMPLETED:
            orders.complete(session, job, output)
        else:
            job.error_code, job.error_message = "media", "The clip cannot be read."
            orders.fail(session, job)


def test_how_renders_and_uploads_end_is_told(desk: Desk):
    product, ann = desk.product, desk.product.user("ann")
    desk.add(ann)
    done, failed, cancelled = (order_of(product, ann) for _each in range(3))
    end(product, done, JobState.COMPLETED)
    end(product, failed, JobState.FAILED)
    product.do(lambda session: cancel_render(session, ann, cancelled.id, bell=RecordingBell()))
    names = [name for name, _payload in told(desk)]
    assert names == ["asset.ready", "render.completed", "render.failed", "render.cancelled"]
    uploaded, complete, broken, stopped = (payload for _name, payload in told(desk))
    assert uploaded["status"] == "ready"
    assert uploaded["width"]
    assert (complete["video_id"], complete["status"], complete["progress"]) == (str(done.id), "completed", 100)
    assert complete["download_url"] == f"/api/video/{done.id}/download"
    assert (broken["video_id"], broken["error"]) == (str(failed.id), "The clip cannot be read.")
    assert (stopped["video_id"], stopped["status"]) == (str(cancelled.id), "cancelled")


def test_a_rejected_upload_is_told_with_its_reason(small_desk: Desk, tmp_path):
    product, ann = small_desk.product, small_desk.product.user("ann")
    small_desk.add(ann)
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(product.media.avatar.read_bytes()[:600])
    product.upload(ann, broken, AssetType.AVATAR)
    ((name, payload),) = told(small_desk)
    assert name == "asset.rejected"
    assert payload["status"] == "rejected"
    assert payload["reject_reason"]


def test_cancelling_twice_is_told_once(small_desk: Desk):
    product, ann = small_desk.product, small_desk.product.user("ann")
    video = order_of(product, ann)
    small_desk.add(ann)
    for _time in range(2):
        product.do(lambda session: cancel_render(session, ann, video.id, bell=RecordingBell()))
    assert [name for name, _payload in told(small_desk)] == ["render.cancelled"]


def test_what_is_rolled_back_is_not_told(desk: Desk):
    ann = desk.product.user("ann")
    desk.add(ann)
    workspace = desk.product.workspace(ann)

    def fail_after_it() -> None:
        with unit_of_work(desk.container.engine) as session:
            record(session, workspace.id, EventType.RENDER_COMPLETED, {})
            raise InterruptedError

    with pytest.raises(InterruptedError):
        fail_after_it()
    assert told(desk) == []


def test_each_endpoint_gets_each_message_once_and_only_what_it_asked_for(desk: Desk):
    ann, bob = desk.product.user("ann"), desk.product.user("bob")
    everything = desk.add(ann).webhook.id
    failures = desk.add(ann, event_types=[EventType.RENDER_FAILED]).webhook.id
    off = desk.add(ann).webhook.id
    desk.change(ann, off, is_enabled=False)
    desk.add(bob)
    desk.record(ann, EventType.RENDER_COMPLETED)
    desk.record(ann, EventType.RENDER_FAILED)
    sent = [delivery.endpoint_id for delivery in desk.product.rows(WebhookDelivery)]
    assert sorted(sent) == sorted([everything, everything, failures])


def test_where_nobody_listens_it_costs_one_look_and_writes_nothing(small_desk: Desk):
    product, ann = small_desk.product, small_desk.product.user("ann")
    small_desk.add(product.user("bob"))
    workspace, statements = product.workspace(ann), []
    event.listen(product.container.engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    with unit_of_work(product.container.engine) as session:
        record(session, workspace.id, EventType.RENDER_COMPLETED, {})
        (look,) = [statement for statement in statements if not statement.startswith("BEGIN")]
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {look}", (str(workspace.id),)).all()
    assert "USING INDEX ix_webhook_endpoints_workspace_id" in str(plan)
    assert told(small_desk) == []


def test_the_body_is_the_same_to_the_byte_whenever_it_is_written(desk: Desk):
    ann = desk.product.user("ann")
    desk.add(ann)
    desk.record(ann, video_title="Привет 👋", progress=100, eta=None)
    first, second = (body_of(*desk.product.rows(WebhookMessage)) for _each in range(2))
    assert first == second
    body = json.loads(first)
    assert list(body) == ["type", "timestamp", "data"]
    assert body["type"] == "render.completed"
    assert body["timestamp"].endswith("Z")
    assert body["data"] == {"video_title": "Привет 👋", "progress": 100, "eta": None}
