"""How much tabs may ask for through their sockets: events are bounded by tab and by browser, as requests are."""

import hashlib
from collections.abc import Callable

import reflex as rx
from reflex.middleware.middleware import Middleware
from reflex.state import BaseState, StateUpdate
from reflex_base.event import Event

from webapp.accounts.sessions import cookie_name, token_from_cookies
from webapp.container import Container
from webapp.metrics import LIMITED
from webapp.rates import MemoryRates, Quota, RateLimitedError, Rates, Taken, outermost_hop

_TABS_AT_WORK = 4
"""A browser may do as much as so many tabs that do all they can."""
_TOLD = Quota("told", requests=1, window_s=5)


class EventBounds(Middleware):
    """Drops the events of those who send more than hands can, and tells them so now and then.

    It counts in this process alone: a tab's socket stays with one. Typing and dragging send fifty events a second at
    most, for seconds; the quota of a minute can be spent at once.

    Args:
        open_container: For the settings, when the first event comes.
        rates: Where it is counted.
    """

    def __init__(self, open_container: Callable[[], Container], rates: Rates | None = None) -> None:
        self._open_container = open_container
        self._rates = rates or MemoryRates()

    async def preprocess(self, app: rx.App, state: BaseState, event: Event) -> StateUpdate | None:  # noqa: ARG002 - as the base has it
        """Nothing for an event that may be handled, an empty answer for one that is dropped.

        Raises:
            RateLimitedError: It is dropped, and the person has not just been told.
        """
        tab = state.router.session.client_token
        refused = self._take(state, tab)
        if refused is None:
            return None
        LIMITED.labels(refused.quota.name).inc()
        if not self._rates.take(tab, _TOLD).is_allowed:
            return StateUpdate()
        raise RateLimitedError(
            "This page sends more than a person does, so the last change was not taken. "
            f"Wait {max(1, round(refused.wait_s))} s, then make it again."
        )

    def _take(self, state: BaseState, tab: str) -> Taken | None:
        """What is spent, if anything is."""
        settings = self._open_container().settings
        bound = settings.rates.rate_events
        if not bound or not settings.rates.rate_limits:
            return None
        quotas = ((tab, Quota("events", bound)), (self._browser(state), Quota("browser", _TABS_AT_WORK * bound)))
        taken = (self._rates.take(caller, quota) for caller, quota in quotas)
        return next((one for one in taken if not one.is_allowed), None)

    def _browser(self, state: BaseState) -> str:
        """Its session, whether or not that is a good one; of those without one the address."""
        settings, headers = self._open_container().settings, state.router.headers
        token = token_from_cookies(headers.cookie or "", cookie_name(settings.app))
        if token:
            return hashlib.sha256(token.encode()).hexdigest()[:32]
        forwarded = headers.raw_headers.get("x-forwarded-for", "")
        return outermost_hop(forwarded, settings.web.trusted_proxies) or state.router.session.client_ip
