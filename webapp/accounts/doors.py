"""Which ways in are open here: Telegram's issuer where it is set up, one's own machine's in development."""

from enum import StrEnum
from functools import cached_property

import httpx

from webapp.accounts.openid import OpenIdClient, Provider
from webapp.errors import NotFoundError
from webapp.issuer.issuer import CLIENT_ID, CLIENT_SECRET, LocalIssuer, issuer_at
from webapp.issuer.transport import LocalIssuerTransport
from webapp.models import PlanName
from webapp.settings import TELEGRAM_ISSUER, AppSettings, LoginSettings


class Door(StrEnum):
    """An OpenID provider."""

    TELEGRAM = "telegram"
    DEMO = "demo"


class Doors:
    """The providers that people may come through.

    Args:
        app: Whether this is development.
        login: What is set up.
        http: The way to providers elsewhere.

    Attributes:
        issuer: One's own machine's, where there is one.
    """

    def __init__(self, app: AppSettings, login: LoginSettings, http: httpx.Client | None = None) -> None:
        is_local = app.is_development if login.dev_login is None else login.dev_login
        self.issuer = LocalIssuer(app) if is_local else None
        self._app = app
        self._login = login
        self._http = http

    @property
    def open(self) -> tuple[Door, ...]:
        """Those that are open, the usual one first."""
        has_telegram, has_local = bool(self._login.telegram_client_id), self.issuer is not None
        return (Door.TELEGRAM,) * has_telegram + (Door.DEMO,) * has_local

    def client(self, door: Door, site: str) -> OpenIdClient:
        """The relying party of a provider.

        Args:
            door: Which one.
            site: Scheme and host that the browser sees: the local issuer is below it.

        Raises:
            NotFoundError: It is not open here.
        """
        if door not in self.open:
            raise NotFoundError("This way to log in is not set up here: go to the login page for those that are.")
        return self._telegram if door is Door.TELEGRAM else self._local(site)

    @cached_property
    def _telegram(self) -> OpenIdClient:
        provider = Provider(
            issuer=self._login.login_issuer,
            client_id=self._login.telegram_client_id,
            client_secret=self._login.telegram_client_secret.get_secret_value(),
            known_as=self._login.login_issuer,
            subject_claim="id" if self._login.login_issuer == TELEGRAM_ISSUER else "sub",
        )
        return OpenIdClient(provider, self._http or httpx.Client())

    def _local(self, site: str) -> OpenIdClient:
        provider = Provider(
            issuer=issuer_at(site),
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            known_as="development",  # whatever port it is seen at
            plan=PlanName(self._app.development_plan),
        )
        return OpenIdClient(provider, self._local_http)

    @cached_property
    def _local_http(self) -> httpx.Client:
        assert self.issuer is not None  # noqa: S101 - asked for through the open door only
        return httpx.Client(transport=LocalIssuerTransport(self.issuer), trust_env=False)
