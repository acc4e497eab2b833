"""Logging in: a browser leaves for an issuer, comes back with its answer, and has a session."""

from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import Engine, delete
from sqlmodel import Session, col

from webapp.accounts.doors import Door, Doors
from webapp.accounts.openid import Secrets
from webapp.accounts.service import Actor, Identity, LoginError, recognise
from webapp.accounts.sessions import authenticate_session, forget_token, open_session
from webapp.accounts.tokens import hash_of, is_same, new_token
from webapp.db import unit_of_work
from webapp.models import LoginAttempt, PlanName, utc_now

CALLBACK = "/api/auth/callback"
PATIENCE = timedelta(minutes=10)
_LONGEST_PATH = 500
_LONGEST_CODE = 4000
_log = structlog.get_logger()


class LoginExpiredError(LoginError):
    """A login that nobody began here, in this browser, a moment ago."""

    code = "login_expired"
    status = 400


class LoginDeclinedError(LoginError):
    """The person, or the issuer, said no."""

    code = "login_declined"
    status = 403


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A login that somebody wants.

    Attributes:
        door: The provider to go through.
        site: Scheme and host that the browser sees.
        next_path: The page to come to in the end.
        browser: Of the cookie of a browser that has begun before, in another tab maybe.
        hint: Whom the provider may expect.
    """

    door: Door
    site: str
    next_path: str = "/"
    browser: str | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A login on its way.

    Attributes:
        url: Where the browser goes.
        browser: Belongs into a cookie: only the browser that began can finish.
    """

    url: str
    browser: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the issuer sends back by way of the browser; all of it may be anybody's invention."""

    state: str = ""
    code: str = ""
    error: str = ""
    issuer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """The browser that logs in.

    Attributes:
        former_token: Of the session that it had before, which ends.
    """

    user_agent: str = ""
    address: str = ""
    former_token: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedIn:
    """A login that has succeeded.

    Attributes:
        token: Belongs into the session's cookie.
        next_path: The page that was wanted.
    """

    actor: Actor
    token: str
    next_path: str = "/"


class Logins:
    """Logins by way of an OpenID provider. No transaction is open while one is asked."""

    def __init__(self, engine: Engine, doors: Doors) -> None:
        self._engine = engine
        self._doors = doors

    def begin(self, wish: Wish) -> Begun:
        """Send a browser to the provider.

        Raises:
            NotFoundError: That door is not open here.
            IssuerUnavailableError: The provider does not say where it is.
        """
        secrets = Secrets(state=new_token(), nonce=new_token(), code_verifier=new_token())
        redirect_uri = wish.site.rstrip("/") + CALLBACK
        url = self._doors.client(wish.door, wish.site).authorization_url(secrets, redirect_uri, wish.hint)
        browser, now = wish.browser or new_token(), utc_now()
        attempt = LoginAttempt(
            state_hash=hash_of(secrets.state),
            browser_hash=hash_of(browser),
            nonce=secrets.nonce,
            code_verifier=secrets.code_verifier,
            next_path=own_path(wish.next_path),
            door=wish.door,
            redirect_uri=redirect_uri,
            expires_at=now + PATIENCE,
        )
        with unit_of_work(self._engine) as session:
            session.execute(delete(LoginAttempt).where(col(LoginAttempt.expires_at) < now))
            session.add(attempt)
        return Begun(url=url, browser=browser)

    def finish(self, answer: Answer, browser: str | None, device: Device) -> LoggedIn:
        """Let a browser in that comes back.

        Raises:
            LoginExpiredError: It did not begin here, or it took too long, or comes a second time.
            LoginDeclinedError: The provider, or the person there, said no.
            IdentityRefusedError: The provider's answer proves nothing.
            IssuerUnavailableError: It does not answer.
        """
        with unit_of_work(self._engine) as session:
            attempt = _take(session, answer.state)
        if attempt is None or not is_same(attempt.browser_hash, hash_of(browser or "")):
            raise LoginExpiredError("This login was begun elsewhere or too long ago: begin again.")
        client = self._doors.client(Door(attempt.door), attempt.redirect_uri.removesuffix(CALLBACK))
        is_from_there = answer.issuer in {"", client.provider.issuer}
        if answer.error or not is_from_there or not 1 <= len(answer.code) <= _LONGEST_CODE:
            raise LoginDeclinedError("The login was not granted: begin again, and allow it.")
        identity = client.redeem(answer.code, attempt.nonce, attempt.code_verifier, attempt.redirect_uri)
        with unit_of_work(self._engine) as session:
            actor, token = log_in(session, identity, device, client.provider.plan)
        return LoggedIn(actor=actor, token=token, next_path=attempt.next_path)


def _take(session: Session, state: str) -> LoginAttempt | None:
    """The attempt of that state, once."""
    table = LoginAttempt.__table__  # type: ignore[attr-defined] # SQLModel's tables have one
    taken = delete(LoginAttempt).where(col(LoginAttempt.state_hash) == hash_of(state)).returning(*table.c)
    row = session.execute(taken).mappings().one_or_none()
    attempt = LoginAttempt(**row) if row else None
    return attempt if attempt and attempt.expires_at > utc_now() else None


def log_in(session: Session, identity: Identity, device: Device, plan: PlanName = PlanName.FREE) -> tuple[Actor, str]:
    """Give a browser a session in the name of somebody whose identity is proved; the one that it had before ends."""
    if device.former_token:
        forget_token(session, device.former_token)
    actor = recognise(session, identity, plan)
    token = open_session(session, actor, user_agent=device.user_agent, address=device.address)
    _log.info("login.succeeded", user_id=str(actor.user_id), issuer=identity.issuer)
    return authenticate_session(session, token), token


def own_path(wished: str) -> str:
    """The page to go on to: one of ours, whatever was wished for."""
    # Browsers take a backslash for a slash, and two of them for the beginning of another host.
    is_path = wished.startswith("/") and not wished.startswith("//") and "\\" not in wished
    return wished if is_path and wished.isprintable() and len(wished) <= _LONGEST_PATH else "/"
