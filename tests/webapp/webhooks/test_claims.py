"""Several processes send at the same time: each message is one's own until it is settled, or its lease is over."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tests.webapp.webhooks.desk import Desk
from webapp.db import unit_of_work
from webapp.models import DeliveryState, WebhookDelivery, utc_now
from webapp.webhooks import claims
from webapp.webhooks.claims import LEASE, MOST_AT_ONCE, Claim
from webapp.webhooks.retries import LIFETIME, PATIENCE, Answer

OK = Answer(status_code=204)
BROKEN = Answer(status_code=500)
SILENT = Answer(error="No answer came in time.")


@pytest.fixture
def waiting(desk: Desk) -> Desk:
    """One message that waits for one endpoint."""
    ann = desk.product.user("ann")
    desk.add(ann)
    desk.record(ann)
    return desk


def test_what_is_taken_is_nobody_else_s_until_the_lease_is_over(waiting: Desk):
    now = utc_now()
    (first,) = waiting.take(now)
    assert waiting.take(now) == []
    assert waiting.take(now + LEASE - timedelta(seconds=1)) == []
    (second,) = waiting.take(now + LEASE)
    assert (first.number, second.number) == (1, 2)
    assert (first.message_id, first.body) == (second.message_id, second.body)


def test_of_many_who_saw_the_same_message_one_takes_it(waiting: Desk):
    now, engine = utc_now(), waiting.container.engine
    with unit_of_work(engine, is_read_only=True) as session:
        due = claims.find_due(session, now, {}, 10)

    def take(_number: int) -> list[Claim]:
        with unit_of_work(engine) as session:
            return claims.claim(session, due, now)

    with ThreadPoolExecutor(8) as threads:
        taken = [each for found in threads.map(take, range(8)) for each in found]
    assert len(taken) == 1
    assert waiting.delivery().attempts == 1
    assert len(waiting.log()) == 1


def test_a_failure_is_tried_again_later_and_a_success_ends_it(waiting: Desk):
    now = utc_now()
    waiting.settle(waiting.take(now)[0], SILENT, now)
    later = waiting.delivery()
    assert later.state is DeliveryState.PENDING
    assert later.next_attempt_at == now + timedelta(seconds=5)
    assert waiting.endpoint().failing_since == now
    assert waiting.take(now + timedelta(seconds=4)) == []
    waiting.settle(waiting.take(now + timedelta(seconds=5))[0], OK, now + timedelta(seconds=6))
    assert waiting.delivery().state is DeliveryState.DELIVERED
    assert waiting.endpoint().failing_since is None
    assert waiting.take(now + LIFETIME) == []


def test_who_comes_back_after_the_lease_changes_nothing_but_the_log_unless_it_has_arrived(waiting: Desk):
    now = utc_now()
    (slow,) = waiting.take(now)
    (second,) = waiting.take(now + LEASE)
    lease = waiting.delivery().next_attempt_at
    waiting.settle(slow, SILENT, now + LEASE)
    assert waiting.delivery().next_attempt_at == lease
    assert [attempt.error for attempt in waiting.log()] == [SILENT.error, None]
    waiting.settle(slow, OK, now + LEASE)
    assert waiting.delivery().state is DeliveryState.DELIVERED
    waiting.settle(second, BROKEN, now + LEASE)
    assert waiting.delivery().state is DeliveryState.DELIVERED


def test_after_a_day_of_failures_a_message_is_given_up(waiting: Desk):
    moment, attempts = utc_now(), 0
    while waiting.delivery().state is DeliveryState.PENDING:
        (claimed,) = waiting.take(moment)
        waiting.settle(claimed, BROKEN, moment)
        moment, attempts = waiting.delivery().next_attempt_at, attempts + 1
    assert waiting.delivery().state is DeliveryState.FAILED
    assert attempts == 12
    assert [attempt.number for attempt in waiting.log()] == list(range(1, 13))
    assert waiting.endpoint().disabled_at is None


def test_gone_switches_the_endpoint_off_and_says_so(waiting: Desk):
    waiting.settle(waiting.take()[0], Answer(status_code=410))
    endpoint = waiting.endpoint()
    assert endpoint.disabled_at is not None
    assert "410" in str(endpoint.disabled_reason)
    assert waiting.delivery().state is DeliveryState.FAILED


def test_an_endpoint_that_has_failed_for_days_is_switched_off_when_a_message_is_given_up(waiting: Desk):
    now = utc_now()
    waiting.settle(waiting.take(now)[0], BROKEN, now)
    waiting.record(waiting.product.user("ann"))
    for day in range(1, PATIENCE.days + 1):
        moment = now + timedelta(days=day, seconds=1)
        for claimed in waiting.take(moment):
            waiting.settle(claimed, BROKEN, moment)
        waiting.record(waiting.product.user("ann"))
        assert waiting.endpoint().disabled_at is None or day == PATIENCE.days
    assert waiting.endpoint().disabled_reason == "Nothing that was sent has arrived for 5 days."


def test_one_failure_long_ago_and_one_now_are_no_days_of_failing(waiting: Desk):
    now = utc_now()
    waiting.settle(waiting.take(now)[0], BROKEN, now)

    def begin_late(session):
        session.get_one(WebhookDelivery, waiting.delivery().id).begun_at = now + timedelta(days=9)

    waiting.product.do(begin_late)
    later = now + timedelta(days=9)
    waiting.settle(waiting.take(later)[0], BROKEN, later)
    assert waiting.endpoint().disabled_at is None


def test_one_endpoint_s_pile_holds_up_nobody_else(desk: Desk):
    ann, bob = desk.product.user("ann"), desk.product.user("bob")
    busy, quiet = desk.add(ann).webhook.id, desk.add(bob).webhook.id
    for _each in range(30):
        desk.record(ann)
    desk.record(bob)
    taken = [claimed.endpoint_id for claimed in desk.take(limit=10)]
    assert taken.count(busy) == MOST_AT_ONCE
    assert taken.count(quiet) == 1
    assert desk.take(busy={busy: MOST_AT_ONCE}) == []
    assert len(desk.take(busy={busy: MOST_AT_ONCE - 1})) == 1


def test_the_next_moment_is_known_so_that_nobody_need_look_before(waiting: Desk):
    now = utc_now()

    def ask() -> object:
        return waiting.product.do(lambda session: claims.next_due(session, now))

    waiting.settle(waiting.take(now)[0], BROKEN, now)
    assert ask() == now + timedelta(seconds=5)
    waiting.change(waiting.product.user("ann"), waiting.endpoint().id, is_enabled=False)
    assert ask() is None
