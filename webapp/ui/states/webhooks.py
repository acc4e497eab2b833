"""The webhooks of the workspace that is worked in: added, switched, tried out, given new secrets, removed."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import reflex as rx
import structlog
from pydantic import ValidationError

from webapp.errors import AppError, InvalidError
from webapp.ui.edge import Then, actor_of, as_user, container, focus_on
from webapp.ui.ids import uuid_of
from webapp.ui.routes import WEBHOOKS
from webapp.ui.states.deliveries import DeliveriesState, read_again, turn_to
from webapp.ui.states.workspace import WorkspaceState, current_id, look_around
from webapp.ui.words import text_of
from webapp.webhooks import endpoints
from webapp.webhooks.messages import CHOICES
from webapp.webhooks.views import EndpointChange, EndpointDraft, EndpointView, NewSecret

_QUICK_LOOKS, _QUICK_S, _SLOW_S = 16, 0.5, 3.0
"""Just after something was sent the log is looked at often, then now and then for as long as the page is open."""
_log = structlog.get_logger()
EVENTS = {
    "render.completed": "A video is ready",
    "render.failed": "A render has failed",
    "render.cancelled": "A render was cancelled",
    "asset.ready": "An upload is ready",
    "asset.rejected": "An upload cannot be used",
}


@dataclass
class WebhookCard:
    """A webhook as the page shows it.

    Attributes:
        failing_since: When attempts began to fail; empty while all is well.
        chosen: The events that it is told of, by name.
        reason: Why it was switched off.
    """

    id: str = ""
    url: str = ""
    description: str = ""
    events: str = ""
    chosen: list[str] = field(default_factory=list)
    is_enabled: bool = True
    reason: str = ""
    failing_since: str = ""
    state: str = ""

    @classmethod
    def of(cls, view: EndpointView) -> "WebhookCard":
        """The card of a view."""
        is_failing = view.is_enabled and view.failing_since is not None
        return cls(
            id=str(view.id),
            url=view.url,
            description=view.description,
            events=", ".join(view.event_types) or "All events",
            chosen=[event.value for event in view.event_types or CHOICES],
            is_enabled=view.is_enabled,
            reason=view.disabled_reason or "",
            failing_since=view.failing_since.isoformat() if is_failing and view.failing_since else "",
            state="failing" if is_failing else "on" if view.is_enabled else "off",
        )


class WebhooksState(rx.State):
    """What the page shows.

    Attributes:
        secret: That was just made: shown this once.
        secret_url: Whose it is.
        editing: The webhook whose form is open; empty for none.
    """

    user_name: str = ""
    webhooks: list[WebhookCard] = []
    secret: str = ""
    secret_url: str = ""
    is_adding: bool = False
    editing: str = ""

    @rx.event
    async def open(self) -> Then:
        """Fill the page from the database, and keep it up to date."""
        self.user_name = (await actor_of(self)).display_name
        workspace = await look_around(self)
        self.secret = self.secret_url = ""
        self.webhooks, self.is_adding, self.editing = [], False, ""
        if workspace.can_manage:
            await self._read()
        await turn_to(await self.get_state(DeliveriesState), self.webhooks[0].id if self.webhooks else "")
        return WebhooksState.follow()

    async def _read(self) -> None:
        workspace_id = await current_id(self)
        found = await as_user(
            self, lambda session, actor: endpoints.list_endpoints(session, actor, workspace_id).webhooks
        )
        cards = [WebhookCard.of(view) for view in found]
        if cards != self.webhooks:
            self.webhooks = cards

    @rx.event
    async def begin_adding(self, wish: bool) -> None:  # noqa: FBT001 - what the buttons send
        """Show the form for another webhook, or hide it."""
        await actor_of(self)
        self.is_adding, self.editing = bool(wish), ""

    @rx.event
    async def begin_editing(self, webhook_id: str) -> Then:
        """Turn what is said of a webhook into a form; nothing turns it back."""
        await actor_of(self)
        self.editing, self.is_adding = webhook_id if isinstance(webhook_id, str) else "", False
        return focus_on("edited-url") if self.editing else None

    @rx.event
    async def change(self, form: dict[str, Any]) -> Then:
        """Give a webhook another address, description or choice of events."""
        await actor_of(self)
        wanted, policy = uuid_of(text_of(form, "id"), "webhook"), container().addresses
        draft = _draft(form)
        change = EndpointChange(url=draft.url, description=draft.description, event_types=draft.event_types)
        await as_user(
            self, lambda session, actor: endpoints.change_endpoint(session, actor, wanted, change, policy=policy)
        )
        self.editing = ""
        await self._read()
        return rx.toast.success("The webhook was changed", duration=2500)

    @rx.event
    async def add(self, form: dict[str, Any]) -> None:
        """Add a webhook, and show its secret this once."""
        await actor_of(self)
        workspace_id = await current_id(self)
        draft, services = _draft(form, workspace_id=workspace_id), container()
        new = await as_user(
            self,
            lambda session, actor: endpoints.add_endpoint(
                session, actor, draft, box=services.box, policy=services.addresses
            ),
        )
        self.is_adding = False
        await self._show(new)

    @rx.event
    async def rotate(self, webhook_id: str) -> None:
        """Give a webhook a new secret, and show it this once."""
        await actor_of(self)
        wanted, box = uuid_of(webhook_id, "webhook"), container().box
        await self._show(
            await as_user(self, lambda session, actor: endpoints.rotate_secret(session, actor, wanted, box=box))
        )

    async def _show(self, new: NewSecret) -> None:
        self.secret, self.secret_url = new.secret, new.webhook.url
        await self._read()
        await turn_to(await self.get_state(DeliveriesState), str(new.webhook.id))

    @rx.event
    async def forget_secret(self) -> None:
        """It was copied: show it no more."""
        await actor_of(self)
        self.secret = self.secret_url = ""

    @rx.event
    async def switch(self, webhook_id: str, wish: bool) -> None:  # noqa: FBT001 - what the switch sends
        """Switch a webhook on or off."""
        await actor_of(self)
        wanted, policy = uuid_of(webhook_id, "webhook"), container().addresses
        change = EndpointChange(is_enabled=bool(wish))
        await as_user(
            self, lambda session, actor: endpoints.change_endpoint(session, actor, wanted, change, policy=policy)
        )
        await self._read()

    @rx.event
    async def remove(self, webhook_id: str) -> None:
        """Remove a webhook with its log."""
        await actor_of(self)
        wanted = uuid_of(webhook_id, "webhook")
        await as_user(self, lambda session, actor: endpoints.delete_endpoint(session, actor, wanted))
        self.secret = self.secret_url = ""
        await self._read()
        await turn_to(await self.get_state(DeliveriesState), self.webhooks[0].id if self.webhooks else "")

    @rx.event
    async def look_at(self, webhook_id: str) -> None:
        """Show the log of a webhook, with what has become of it meanwhile."""
        await actor_of(self)
        wanted = str(uuid_of(webhook_id, "webhook"))
        await self._read()
        await turn_to(await self.get_state(DeliveriesState), wanted)

    @rx.event(background=True, supersedes=True)
    async def follow(self) -> None:
        """Show what comes of what is sent, for as long as the page is open: often at first, then now and then."""
        await actor_of(self)
        looks = 0
        while True:
            await asyncio.sleep(_QUICK_S if looks < _QUICK_LOOKS else _SLOW_S)
            looks += 1
            try:
                async with self:
                    if self.router.url.path.rstrip("/") != WEBHOOKS:
                        return
                    await look_again(self)
            except AppError:  # they are no longer logged in, or no owner
                raise
            except Exception as error:  # noqa: BLE001 - a database that is away comes back
                _log.warning("ui.webhooks_unread", error=str(error))


async def look_again(webhooks: WebhooksState) -> None:
    """Show what has become of the webhooks and of what was sent to the chosen one."""
    if (await webhooks.get_state(WorkspaceState)).can_manage:
        await webhooks._read()  # noqa: SLF001 - this module's own
        await read_again(await webhooks.get_state(DeliveriesState))


def _draft(form: dict[str, Any], **place: Any) -> EndpointDraft:  # noqa: ANN401 - fields of the draft
    chosen = [event for event in CHOICES if text_of(form, event.value)]
    fields = {"url": text_of(form, "url"), "description": text_of(form, "description")}
    try:
        return EndpointDraft(**fields, event_types=() if len(chosen) == len(CHOICES) else chosen, **place)
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidError(f"{first['msg']}.", str(first["loc"][0])) from error
