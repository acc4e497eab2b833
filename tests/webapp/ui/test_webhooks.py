"""Webhooks on the page: what a person does, against the real services."""

import asyncio

import pytest
from reflex.istate.data import RouterData

from tests.webapp.product import Product
from tests.webapp.ui.tabs import Tab
from tests.webapp.webhooks.desk import Desk
from tests.webapp.webhooks.receiver import replying, run_receiver
from tests.webapp.webhooks.test_sender import send_all, sending, until
from webapp.container import Container
from webapp.errors import InvalidError, NotFoundError
from webapp.models import Role, WebhookEndpoint, WorkspaceMember
from webapp.ui.states.deliveries import DeliveriesState
from webapp.ui.states.login import LoginState
from webapp.ui.states.webhooks import WebhooksState, look_again
from webapp.ui.states.workspace import WorkspaceState

FORM = {"url": "https://example.com/hook", "description": "shop", "render.completed": "on", "render.failed": "on"}


@pytest.fixture
def desk(services: Container, media) -> Desk:
    return Desk(Product(services, media))


@pytest.fixture
def hooks(tab: Tab) -> WebhooksState:
    tab.do(WebhooksState, "open")
    return tab._states[WebhooksState]


@pytest.fixture
def log(tab: Tab) -> DeliveriesState:
    return tab._states[DeliveriesState]


def test_a_webhook_is_added_and_its_secret_shown_until_it_is_put_away(tab: Tab, hooks: WebhooksState, desk: Desk):
    tab.do(WebhooksState, "add", FORM)
    (card,) = hooks.webhooks
    assert (card.url, card.description, card.events) == (FORM["url"], "shop", "render.completed, render.failed")
    assert hooks.secret == desk.container.box.open(desk.endpoint().secret)
    assert hooks.secret_url == card.url
    tab.do(WebhooksState, "forget_secret")
    assert hooks.secret == ""
    tab.do(WebhooksState, "open")
    assert hooks.secret == ""


def test_a_new_secret_is_shown_once_too(tab: Tab, hooks: WebhooksState):
    tab.do(WebhooksState, "add", FORM)
    first = hooks.secret
    tab.do(WebhooksState, "rotate", hooks.webhooks[0].id)
    assert hooks.secret.startswith("whsec_")
    assert hooks.secret != first


def test_with_nothing_or_everything_chosen_all_events_are_told(tab: Tab, hooks: WebhooksState):
    everything = {"asset.ready": "on", "asset.rejected": "on", "render.cancelled": "on"}
    tab.do(WebhooksState, "add", {"url": FORM["url"]})
    tab.do(WebhooksState, "add", {**FORM, **everything})
    assert [card.events for card in hooks.webhooks] == ["All events", "All events"]


@pytest.mark.parametrize("url", ["", "http://10.0.0.1/", "https://example.com/" + "a" * 3000])
def test_an_address_that_cannot_be_taken_is_told(tab: Tab, hooks: WebhooksState, url: str):
    with pytest.raises(InvalidError):
        tab.do(WebhooksState, "add", {**FORM, "url": url})
    assert hooks.webhooks == []


def test_a_webhook_is_switched_off_and_on_and_removed(tab: Tab, hooks: WebhooksState, log: DeliveriesState):
    tab.do(WebhooksState, "add", FORM)
    webhook_id = hooks.webhooks[0].id
    tab.do(WebhooksState, "switch", webhook_id, False)
    assert (hooks.webhooks[0].state, hooks.webhooks[0].reason) == ("off", "It was switched off by hand.")
    tab.do(WebhooksState, "switch", webhook_id, True)
    assert (hooks.webhooks[0].state, hooks.webhooks[0].reason) == ("on", "")
    tab.do(WebhooksState, "remove", webhook_id)
    assert (hooks.webhooks, log.webhook_id) == ([], "")


def test_a_webhook_is_changed_in_place(tab: Tab, hooks: WebhooksState, desk: Desk):
    tab.do(WebhooksState, "add", FORM)
    secret, webhook_id = desk.endpoint().secret, hooks.webhooks[0].id
    tab.do(WebhooksState, "begin_editing", webhook_id)
    assert (hooks.editing, hooks.webhooks[0].chosen) == (webhook_id, ["render.completed", "render.failed"])
    other = {"id": webhook_id, "url": "https://example.org/other", "description": "", "asset.ready": "on"}
    with pytest.raises(InvalidError):
        tab.do(WebhooksState, "change", {**other, "url": "http://10.0.0.1/"})
    assert (hooks.editing, hooks.webhooks[0].url) == (webhook_id, FORM["url"])
    tab.do(WebhooksState, "change", other)
    [card] = hooks.webhooks
    assert (hooks.editing, card.url, card.description, card.events) == ("", other["url"], "", "asset.ready")
    assert desk.endpoint().secret == secret


def test_what_is_sent_by_itself_shows_up_by_itself(tab: Tab, hooks: WebhooksState, log: DeliveriesState, desk: Desk):
    with run_receiver() as receiver:
        tab.do(WebhooksState, "add", {**FORM, "url": receiver.url})
        elsewhere = Tab(tab.token)
        elsewhere.do(WebhooksState, "open")
        elsewhere.do(DeliveriesState, "ping")
        send_all(desk)
        assert log.deliveries == []
        asyncio.run(look_again(hooks))
        assert [(card.event, card.words) for card in log.deliveries] == [("ping", "Delivered")]


def test_a_test_message_is_seen_with_its_attempts_and_sent_again(
    tab: Tab, hooks: WebhooksState, log: DeliveriesState, desk: Desk
):
    with run_receiver() as receiver:
        tab.do(WebhooksState, "add", {**FORM, "url": receiver.url})
        receiver.behaviour = replying(500, b"not yet")
        tab.do(DeliveriesState, "ping")
        assert (log.deliveries[0].event, log.deliveries[0].words) == ("ping", "Sending")

        async def send() -> None:
            async with sending(desk.sender()):
                await until(lambda: any(attempt.status_code for attempt in desk.log()))

        asyncio.run(send())
        tab.do(WebhooksState, "look_at", log.webhook_id)
        assert hooks.webhooks[0].state == "failing"
        tab.do(DeliveriesState, "look_at", log.deliveries[0].id)
        assert (log.deliveries[0].words, log.deliveries[0].attempts) == ("Waiting", "1 attempt")
        assert log.log[0].words.startswith("Answered 500")
        assert (log.log[0].answer, log.log[0].is_good) == ("not yet", False)
        assert '"type":"ping"' in log.body
        receiver.behaviour = replying(204)
        tab.do(DeliveriesState, "resend", log.shown)
        send_all(desk)
        tab.do(DeliveriesState, "show_state", "delivered")
        assert [card.attempts for card in log.deliveries] == ["2 attempts"]
        tab.do(DeliveriesState, "show_state", "failed")
        assert log.deliveries == []


def test_the_log_is_turned_page_by_page(tab: Tab, hooks: WebhooksState, log: DeliveriesState):
    tab.do(WebhooksState, "add", FORM)
    for _each in range(12):
        tab.do(DeliveriesState, "ping")
    assert (len(log.deliveries), log.has_more) == (10, True)
    tab.do(DeliveriesState, "older")
    assert (len(log.deliveries), log.has_more, log.page) == (2, False, 2)
    tab.do(DeliveriesState, "newer")
    assert (len(log.deliveries), log.page) == (10, 1)


def test_who_owns_nothing_here_is_shown_nothing(tab: Tab, hooks: WebhooksState, desk: Desk):
    product, typist = desk.product, tab._states[WorkspaceState]
    eve = product.user("eve")
    hook_id = str(desk.add(eve).webhook.id)
    for name in ("look_at", "rotate", "remove"):
        with pytest.raises(NotFoundError):
            tab.do(WebhooksState, name, hook_id)
    assert len(product.rows(WebhookEndpoint)) == 1

    def demote(session):
        (row,) = [row for row in product.rows(WorkspaceMember) if str(row.workspace_id) == typist.current.id]
        session.get_one(WorkspaceMember, (row.workspace_id, row.user_id)).role = Role.EDITOR

    tab.do(WebhooksState, "add", FORM)
    product.do(demote)
    tab.do(WebhooksState, "open")
    assert hooks.webhooks == []


def test_a_secret_is_gone_from_the_tab_once_nobody_is_logged_in(tab: Tab, hooks: WebhooksState, log: DeliveriesState):
    tab.do(WebhooksState, "add", FORM)
    assert hooks.secret
    root = hooks.parent_state
    assert root is not None
    root.router = RouterData()
    tab.do(LoginState, "open")
    assert (hooks.secret, hooks.secret_url, hooks.webhooks, log.webhook_id) == ("", "", [], "")
