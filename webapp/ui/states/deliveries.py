"""What was sent to one webhook: listed, looked at, sent again."""

from dataclasses import dataclass

import reflex as rx

from webapp.errors import AppError, NotFoundError
from webapp.models import DeliveryState
from webapp.ui.edge import actor_of, as_user, container
from webapp.ui.ids import uuid_of
from webapp.webhooks import deliveries
from webapp.webhooks.views import AttemptView, DeliveryDetail, DeliveryView

_PAGE = 10
_SENDING = "Sending"
_WORDS = {
    DeliveryState.PENDING: "Waiting",
    DeliveryState.DELIVERED: "Delivered",
    DeliveryState.FAILED: "Given up",
}
STATES = {"": "All", **{state.value: words for state, words in _WORDS.items()}}


@dataclass
class DeliveryCard:
    """A delivery as the log shows it."""

    id: str = ""
    event: str = ""
    state: str = ""
    words: str = ""
    attempts: str = ""
    created_at: str = ""
    next_at: str = ""

    @classmethod
    def of(cls, view: DeliveryView) -> "DeliveryCard":
        """The card of a view."""
        is_new = view.attempts == 0 and view.state is DeliveryState.PENDING
        return cls(
            id=str(view.id),
            event=view.event_type.value,
            state=view.state.value,
            words=_SENDING if is_new else _WORDS[view.state],
            attempts="" if view.attempts == 0 else f"{view.attempts} attempt{'s' * (view.attempts > 1)}",
            created_at=view.created_at.isoformat(),
            next_at="" if is_new or view.next_attempt_at is None else view.next_attempt_at.isoformat(),
        )


@dataclass
class AttemptCard:
    """One attempt."""

    number: int
    began_at: str
    words: str
    answer: str
    is_good: bool

    @classmethod
    def of(cls, view: AttemptView) -> "AttemptCard":
        """The card of a view."""
        took = f" after {view.duration_ms} ms" if view.duration_ms else ""
        told = f"Answered {view.status_code}{took}" if view.status_code else view.error or "Under way"
        return cls(
            number=view.number,
            began_at=view.created_at.isoformat(),
            words=told,
            answer=view.answer,
            is_good=view.status_code is not None and 200 <= view.status_code < 300,
        )


class DeliveriesState(rx.State):
    """A page of the log of one webhook, and the delivery that is looked at."""

    webhook_id: str = ""
    deliveries: list[DeliveryCard] = []
    shown: str = ""
    only: str = ""
    message_id: str = ""
    body: str = ""
    log: list[AttemptCard] = []
    page: int = 1
    has_more: bool = False
    _cursors: list[str | None] = [None]

    @rx.event
    async def show_state(self, wish: str) -> None:
        """Show what has come so far, or with nothing all."""
        await actor_of(self)
        if wish not in STATES:
            raise NotFoundError("There is no such state: choose one of those shown.", "state")
        self.only = wish
        await turn_to(self, self.webhook_id)

    @rx.event
    async def older(self) -> None:
        """Turn the page."""
        await actor_of(self)
        if self.has_more:
            self.page += 1
            await self._read()

    @rx.event
    async def newer(self) -> None:
        """Turn the page back."""
        await actor_of(self)
        if self.page > 1:
            self.page -= 1
            await self._read()

    @rx.event
    async def look_at(self, delivery_id: str) -> None:
        """Unfold a delivery, or fold it again."""
        await actor_of(self)
        wanted = str(uuid_of(delivery_id, "delivery"))
        self.shown = "" if wanted == self.shown else wanted
        await self._read_shown()

    @rx.event
    async def resend(self, delivery_id: str) -> None:
        """Send a message again at once."""
        await actor_of(self)
        webhook_id, wanted = uuid_of(self.webhook_id, "webhook"), uuid_of(delivery_id, "delivery")
        bell = container().bell
        await as_user(self, lambda session, actor: deliveries.resend(session, actor, webhook_id, wanted, bell=bell))
        await self._read()

    @rx.event
    async def ping(self) -> None:
        """Send a message that tries the webhook out."""
        await actor_of(self)
        webhook_id, bell = uuid_of(self.webhook_id, "webhook"), container().bell
        sent = await as_user(self, lambda session, actor: deliveries.send_ping(session, actor, webhook_id, bell=bell))
        self.only, self.shown = "", str(sent.id)
        self.page, self._cursors = 1, [None]
        await self._read()

    async def _read(self) -> None:
        webhook_id, cursor = uuid_of(self.webhook_id, "webhook"), self._cursors[self.page - 1]
        only = DeliveryState(self.only) if self.only else None
        found = await as_user(
            self,
            lambda session, actor: deliveries.list_deliveries(
                session, actor, webhook_id, state=only, limit=_PAGE, cursor=cursor
            ),
        )
        cards = [DeliveryCard.of(view) for view in found.deliveries]
        if cards != self.deliveries:
            self.deliveries = cards
        self.has_more = found.next_cursor is not None
        self._cursors = [*self._cursors[: self.page], found.next_cursor]
        await self._read_shown()

    async def _read_shown(self) -> None:
        if not any(card.id == self.shown for card in self.deliveries):
            self.shown = ""
        if not self.shown:
            self.message_id, self.body, self.log = "", "", []
            return
        webhook_id, wanted = uuid_of(self.webhook_id, "webhook"), uuid_of(self.shown, "delivery")
        detail: DeliveryDetail = await as_user(
            self, lambda session, actor: deliveries.get_delivery(session, actor, webhook_id, wanted)
        )
        attempts = [AttemptCard.of(each) for each in detail.log]
        if (detail.message_id, attempts) != (self.message_id, self.log):
            self.message_id, self.body, self.log = detail.message_id, detail.body, attempts


# Public methods of a state are handlers that any client can call: what other states need are functions.


async def read_again(state: DeliveriesState) -> None:
    """Show what has become of the page's deliveries, and what is new."""
    if state.webhook_id:
        await state._read()  # noqa: SLF001 - this module's own


async def turn_to(state: DeliveriesState, webhook_id: str) -> None:
    """Show the log of a webhook, from its first page on; of none with nothing."""
    if state.webhook_id != webhook_id:
        state.only = ""
    state.webhook_id, state.shown = webhook_id, ""
    state.page, state._cursors = 1, [None]  # noqa: SLF001 - this module's own
    if not webhook_id:
        state.deliveries, state.has_more = [], False
        return
    try:
        await state._read()  # noqa: SLF001 - as above
    except AppError:
        state.webhook_id, state.deliveries = "", []
        raise
