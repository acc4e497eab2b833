"""The way in: which doors are open, and what became of the last try."""

from types import MappingProxyType
from urllib.parse import urlencode

import reflex as rx

from webapp.accounts.doors import Door
from webapp.accounts.logins import own_path
from webapp.errors import UnauthenticatedError
from webapp.ui.edge import Then, actor_of, container
from webapp.ui.routes import BEGIN_LOGIN, LOGIN
from webapp.ui.states.account import AccountState
from webapp.ui.states.deliveries import DeliveriesState
from webapp.ui.states.members import MembersState
from webapp.ui.states.webhooks import WebhooksState

_SENTENCES = MappingProxyType(
    {
        "ended": "Your session has ended. Log in again: what you have made is still there.",
        "expired": "That login took too long, or began in another browser. Please try again.",
        "declined": "The login was cancelled, so nothing has changed. Try again whenever you like.",
        "failed": "The answer of the login service did not prove who you are. Please try again.",
        "unavailable": "The login service does not answer right now. Try again in a moment.",
    }
)

_SHOWN_ONCE = (AccountState, MembersState, DeliveriesState, WebhooksState)
"""What holds secrets while they are shown: the next person at this tab gets none of them."""


class LoginState(rx.State):
    """What the page offers to somebody nobody knows yet."""

    has_telegram: bool = False
    has_demo: bool = False
    trouble: str = ""
    next_path: str = "/"
    _opened_at: str | None = None

    @rx.var
    def is_open(self) -> bool:
        """Whether all this is about the address that the tab is at, not about one that it came to before."""
        return self._opened_at == str(self.router.url)

    @rx.var
    def another_name(self) -> str:
        """Where the local issuer asks for a name."""
        return f"{BEGIN_LOGIN}?{urlencode({'via': Door.DEMO.value, 'next': self.next_path})}"

    @rx.event
    async def open(self) -> Then:
        """Offer what there is; whoever is logged in already goes on to the page that was wanted."""
        asked = self.router.url.query_parameters
        wanted = own_path(asked.get("next", "/"))
        self.next_path = "/" if wanted.startswith(LOGIN) else wanted
        self.trouble = _SENTENCES.get(asked.get("trouble", ""), "")
        doors = container().doors.open
        self.has_telegram, self.has_demo = Door.TELEGRAM in doors, Door.DEMO in doors
        self._opened_at = str(self.router.url)
        try:
            await actor_of(self)
        except UnauthenticatedError:
            for kind in _SHOWN_ONCE:
                (await self.get_state(kind)).reset()
            return None
        return rx.redirect(self.next_path)
