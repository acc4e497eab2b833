import pytest
from sqlalchemy import text

from tests.webapp.webhooks.desk import HOOK, Desk
from webapp.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from webapp.models import DeliveryState, Role, WebhookAttempt, WebhookDelivery, WebhookEndpoint, WorkspaceMember
from webapp.webhooks import deliveries, endpoints
from webapp.webhooks.endpoints import MOST_ENDPOINTS
from webapp.webhooks.messages import CHOICES, EventType
from webapp.webhooks.retries import Answer
from webapp.webhooks.signatures import SecretBox


def test_an_endpoint_is_added_with_a_secret_that_is_shown_once(desk: Desk):
    ann = desk.product.user("ann")
    new = desk.add(ann, description=" our   shop ", event_types=[EventType.RENDER_FAILED, EventType.RENDER_FAILED])
    assert new.secret.startswith("whsec_")
    (listed,) = desk.product.do(lambda session: endpoints.list_endpoints(session, ann)).webhooks
    assert listed == new.webhook
    assert (listed.url, listed.description, listed.is_enabled) == (HOOK, "our shop", True)
    assert listed.event_types == (EventType.RENDER_FAILED,)
    assert "secret" not in listed.model_dump()


def test_the_database_does_not_hold_the_secret_as_it_is(desk: Desk):
    new = desk.add(desk.product.user("ann"))
    row = desk.product.do(lambda session: session.execute(text("SELECT * FROM webhook_endpoints")).one())
    assert new.secret.removeprefix("whsec_") not in str(row)
    assert desk.container.box.open(desk.endpoint().secret) == new.secret


def test_a_new_secret_leaves_the_old_one_a_day(desk: Desk):
    ann = desk.product.user("ann")
    old = desk.add(ann)
    new = desk.product.do(lambda session: endpoints.rotate_secret(session, ann, old.webhook.id, box=desk.container.box))
    assert new.secret != old.secret
    assert new.webhook.previous_secret_until is not None
    desk.ping(ann, old.webhook.id)
    (claimed,) = desk.take()
    assert [desk.container.box.open(sealed) for sealed in claimed.sealed_secrets] == [new.secret, old.secret]
    (later,) = desk.take(new.webhook.previous_secret_until)
    assert [desk.container.box.open(sealed) for sealed in later.sealed_secrets] == [new.secret]


def test_an_old_secret_that_cannot_be_read_any_more_is_not_kept_beside_the_new_one(small_desk: Desk):
    ann, box = small_desk.product.user("ann"), small_desk.container.box
    endpoint_id = small_desk.add(ann).webhook.id
    lost = SecretBox("another").seal("whsec_AAAA")

    def lose(session):
        session.get_one(WebhookEndpoint, endpoint_id).secret = lost

    small_desk.product.do(lose)
    new = small_desk.product.do(lambda session: endpoints.rotate_secret(session, ann, endpoint_id, box=box))
    assert new.webhook.previous_secret_until is None
    small_desk.ping(ann, endpoint_id)
    assert [box.open(sealed) for sealed in small_desk.take()[0].sealed_secrets] == [new.secret]


def test_what_is_changed_is_checked_as_what_is_added(desk: Desk):
    ann = desk.product.user("ann")
    endpoint_id = desk.add(ann).webhook.id
    changed = desk.change(ann, endpoint_id, url="https://example.org/", event_types=[EventType.ASSET_READY])
    assert (changed.url, changed.event_types) == ("https://example.org/", (EventType.ASSET_READY,))
    assert desk.change(ann, endpoint_id, description="x") == changed.model_copy(update={"description": "x"})
    for change in ({"url": "http://10.0.0.1/"}, {"description": "\x00"}, {"event_types": [EventType.PING]}):
        with pytest.raises(InvalidError) as refused:
            desk.change(ann, endpoint_id, **change)
        assert refused.value.field in change


def test_a_ping_cannot_be_chosen_and_all_else_can(small_desk: Desk):
    ann = small_desk.product.user("ann")
    assert small_desk.add(ann, event_types=CHOICES).webhook.event_types == CHOICES
    with pytest.raises(InvalidError, match="sent by hand"):
        small_desk.add(ann, event_types=[EventType.PING])


def test_a_workspace_has_a_bounded_number_of_them(small_desk: Desk):
    ann = small_desk.product.user("ann")
    for _each in range(MOST_ENDPOINTS):
        small_desk.add(ann)
    with pytest.raises(ConflictError, match=str(MOST_ENDPOINTS)):
        small_desk.add(ann)


def test_switched_off_nothing_is_sent_and_switched_on_what_waits_is(desk: Desk):
    ann = desk.product.user("ann")
    endpoint_id = desk.add(ann).webhook.id
    desk.record(ann)
    off = desk.change(ann, endpoint_id, is_enabled=False)
    assert (off.is_enabled, off.disabled_reason) == (False, "It was switched off by hand.")
    assert desk.take() == []
    with pytest.raises(ConflictError, match="switch it on"):
        desk.ping(ann, endpoint_id)
    on = desk.change(ann, endpoint_id, is_enabled=True)
    assert (on.is_enabled, on.disabled_reason, on.disabled_at) == (True, None, None)
    assert len(desk.take()) == 1


def test_removed_it_takes_its_log_with_it(desk: Desk):
    ann = desk.product.user("ann")
    endpoint_id = desk.add(ann).webhook.id
    desk.record(ann)
    (claimed,) = desk.take()
    desk.product.do(lambda session: endpoints.delete_endpoint(session, ann, endpoint_id))
    desk.settle(claimed, Answer(status_code=200))
    for table in (WebhookEndpoint, WebhookDelivery, WebhookAttempt):
        assert desk.product.rows(table) == []


def test_owners_alone_see_and_change_webhooks(small_desk: Desk):
    product = small_desk.product
    ann, ed, eve = (product.user(name) for name in ("ann", "ed", "eve"))
    workspace_id = product.workspace(ann).id
    member = WorkspaceMember(workspace_id=workspace_id, user_id=ed.user_id, role=Role.EDITOR)
    product.do(lambda session: session.add(member))
    endpoint_id = small_desk.add(ann).webhook.id
    delivery_id = small_desk.ping(ann, endpoint_id)
    for actor, refusal in ((ed, ForbiddenError), (eve, NotFoundError)):
        for work in (
            lambda session, actor=actor: endpoints.list_endpoints(session, actor, workspace_id),
            lambda session, actor=actor: endpoints.get_endpoint(session, actor, endpoint_id),
            lambda session, actor=actor: endpoints.delete_endpoint(session, actor, endpoint_id),
            lambda session, actor=actor: deliveries.list_deliveries(session, actor, endpoint_id),
            lambda session, actor=actor: deliveries.get_delivery(session, actor, endpoint_id, delivery_id),
        ):
            with pytest.raises(refusal):
                product.do(work)
        with pytest.raises(refusal):
            small_desk.change(actor, endpoint_id, is_enabled=False)
        with pytest.raises(refusal):
            small_desk.add(actor, workspace_id=workspace_id)
    assert [delivery.state for delivery in product.rows(WebhookDelivery)] == [DeliveryState.PENDING]


def test_a_delivery_is_found_below_its_own_webhook_alone(small_desk: Desk):
    ann = small_desk.product.user("ann")
    first, second = small_desk.add(ann).webhook.id, small_desk.add(ann).webhook.id
    delivery_id = small_desk.ping(ann, first)
    with pytest.raises(NotFoundError):
        small_desk.product.do(lambda session: deliveries.get_delivery(session, ann, second, delivery_id))
