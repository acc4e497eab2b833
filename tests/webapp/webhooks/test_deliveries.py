import json
from datetime import timedelta

from tests.webapp.product import RecordingBell
from tests.webapp.webhooks.desk import Desk
from webapp.models import DeliveryState, WebhookAttempt, WebhookDelivery, WebhookMessage, utc_now
from webapp.webhooks.clearing import KEPT, clear_messages
from webapp.webhooks.deliveries import list_deliveries, resend, send_ping
from webapp.webhooks.messages import EventType
from webapp.webhooks.retries import Answer

OK = Answer(status_code=200, text="thanks", duration_ms=12)
BROKEN = Answer(status_code=500, text="oh", duration_ms=30)


def test_the_log_shows_each_attempt_with_what_was_answered(desk: Desk):
    ann = desk.product.user("ann")
    desk.add(ann)
    desk.record(ann, words="hello")
    began = utc_now()
    desk.settle(desk.take(began)[0], BROKEN, began)
    again = desk.delivery().next_attempt_at
    desk.settle(desk.take(again)[0], OK, again)
    seen = desk.look_up(ann, desk.delivery())
    assert [(each.number, each.status_code, each.answer, each.duration_ms) for each in seen.log] == [
        (2, 200, "thanks", 12),
        (1, 500, "oh", 30),
    ]
    assert (seen.state, seen.attempts, seen.next_attempt_at) == (DeliveryState.DELIVERED, 2, None)
    assert seen.ended_at == again
    assert json.loads(seen.body)["data"] == {"words": "hello"}
    assert seen.message_id.startswith("msg_")


def test_an_attempt_is_under_way_until_its_lease_is_over_and_then_was_interrupted(desk: Desk):
    ann = desk.product.user("ann")
    desk.add(ann)
    desk.record(ann)
    (claimed,) = desk.take()
    (attempt,) = desk.look_up(ann, desk.delivery()).log
    assert (attempt.status_code, attempt.error) == (None, None)
    desk.take(desk.delivery().next_attempt_at)
    second, first = desk.look_up(ann, desk.delivery()).log
    assert (first.number, claimed.number) == (1, 1)
    assert "interrupted" in str(first.error)
    assert second.error is None


def test_deliveries_are_listed_in_pages_the_newest_first_and_by_state(desk: Desk):
    ann = desk.product.user("ann")
    endpoint_id = desk.add(ann).webhook.id
    made = [desk.ping(ann, endpoint_id) for _each in range(5)]
    desk.settle(desk.take()[0], OK)

    def page(**wanted: object):
        return desk.product.do(lambda session: list_deliveries(session, ann, endpoint_id, **wanted))  # type: ignore[arg-type] # a test's options

    first = page(limit=3)
    second = page(limit=3, cursor=first.next_cursor)
    assert [view.id for view in (*first.deliveries, *second.deliveries)] == made[::-1]
    assert second.next_cursor is None
    assert len(page(state=DeliveryState.DELIVERED).deliveries) == 1
    assert len(page(state=DeliveryState.PENDING).deliveries) == 4


def test_what_was_given_up_or_has_arrived_can_be_sent_again_under_the_same_id(desk: Desk):
    ann, bell = desk.product.user("ann"), RecordingBell()
    endpoint_id = desk.add(ann).webhook.id
    delivery_id = desk.ping(ann, endpoint_id)
    (first,) = desk.take()
    desk.settle(first, OK)
    assert desk.take() == []
    again = desk.product.do(lambda session: resend(session, ann, endpoint_id, delivery_id, bell=bell))
    assert again.state is DeliveryState.PENDING
    (second,) = desk.take()
    assert (second.message_id, second.body, second.number) == (first.message_id, first.body, 2)
    desk.settle(second, OK)
    assert [each.number for each in desk.look_up(ann, desk.delivery()).log] == [2, 1]
    assert bell.sender_rings == 1


def test_what_was_sent_again_by_hand_is_tried_for_another_day(desk: Desk):
    ann = desk.product.user("ann")
    endpoint_id = desk.add(ann).webhook.id
    delivery_id = desk.ping(ann, endpoint_id)
    late = utc_now() + timedelta(hours=25)
    desk.settle(desk.take(late)[0], BROKEN, late)
    assert desk.delivery().state is DeliveryState.FAILED
    desk.product.do(lambda session: resend(session, ann, endpoint_id, delivery_id, bell=RecordingBell()))
    now = utc_now()
    desk.settle(desk.take(now)[0], BROKEN, now)
    assert desk.delivery().state is DeliveryState.PENDING
    assert desk.delivery().next_attempt_at > now


def test_a_ping_goes_to_one_endpoint_whatever_it_listens_to(desk: Desk):
    ann, bell = desk.product.user("ann"), RecordingBell()
    desk.add(ann)
    endpoint_id = desk.add(ann, event_types=[EventType.ASSET_READY]).webhook.id
    view = desk.product.do(lambda session: send_ping(session, ann, endpoint_id, bell=bell))
    assert view.event_type is EventType.PING
    assert desk.delivery().endpoint_id == endpoint_id
    assert bell.sender_rings == 1


def test_messages_go_after_thirty_days_with_their_log_and_younger_ones_stay(desk: Desk):
    ann = desk.product.user("ann")
    desk.add(ann)
    for _each in range(3):
        desk.record(ann)
    for claimed in desk.take():
        desk.settle(claimed, OK)
    old, _older, young = desk.product.rows(WebhookMessage)

    def age(session):
        for key, days in ((old.id, 1), (_older.id, 99)):
            session.get_one(WebhookMessage, key).created_at = utc_now() - KEPT - timedelta(days=days)

    desk.product.do(age)
    clear_messages(desk.container.engine)
    assert [message.id for message in desk.product.rows(WebhookMessage)] == [young.id]
    assert [delivery.message_id for delivery in desk.product.rows(WebhookDelivery)] == [young.id]
    assert len(desk.product.rows(WebhookAttempt)) == 1
