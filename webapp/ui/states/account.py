"""One's own account in the browser: where one is logged in, and keys for programs."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

import reflex as rx
from sqlmodel import Session

from webapp.accounts.keys import KeyView, create_api_key, list_api_keys, revoke_api_key
from webapp.accounts.service import Actor, Profile, profile_of
from webapp.accounts.sessions import SessionView, end_other_sessions, end_session, list_sessions
from webapp.errors import AppError
from webapp.models import Scope, utc_now
from webapp.ui.agents import browser_and_system
from webapp.ui.edge import Then, actor_of, as_user
from webapp.ui.ids import uuid_of
from webapp.ui.words import number_of, text_of

LIFETIMES = {"0": "Until revoked", "30": "30 days", "90": "90 days", "365": "A year"}
"""Days that a key lives, as the form offers them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCard:
    """A browser that is logged in, in words."""

    id: str
    browser: str
    device: str
    address: str
    since: str
    last_seen: str
    is_current: bool

    @classmethod
    def of(cls, view: SessionView) -> Self:
        """The words for a session."""
        browser, device = browser_and_system(view.user_agent)
        return cls(
            id=str(view.id),
            browser=browser,
            device=device,
            address=view.address or "an unknown address",
            since=view.created_at.isoformat(),
            last_seen=view.last_seen_at.isoformat(),
            is_current=view.is_current,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyCard:
    """A key without its secret, in words; moments are empty where there is none."""

    id: str
    name: str
    prefix: str
    scopes: str
    last_used: str
    expires: str

    @classmethod
    def of(cls, view: KeyView) -> Self:
        """The words for a key."""
        scopes = ", ".join(view.scopes) if len(view.scopes) < len(Scope) else "everything"
        return cls(
            id=str(view.id),
            name=view.name,
            prefix=view.prefix,
            scopes=scopes,
            last_used=_moment(view.last_used_at),
            expires=_moment(view.expires_at),
        )


def _moment(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


class AccountState(rx.State):
    """Who it is, and everything that acts in their name.

    Attributes:
        new_secret: Of the key that was made last, until the page is left.
        problem: What was wrong with the key that was asked for.
    """

    user_name: str = ""
    about: str = ""
    sessions: list[SessionCard] = []
    keys: list[KeyCard] = []
    new_name: str = ""
    new_secret: str = ""
    problem: str = ""

    @rx.event
    async def open(self) -> None:
        """Fill the page from the database; secrets are not shown again."""
        self.new_name, self.new_secret, self.problem = "", "", ""
        profile = await as_user(self, profile_of)
        self.user_name, self.about = profile.display_name, _about(profile)
        await self._read()

    async def _read(self) -> None:
        sessions, keys = await as_user(self, _lists)
        this_first = sorted(sessions, key=lambda view: not view.is_current)
        self.sessions, self.keys = [*map(SessionCard.of, this_first)], [*map(KeyCard.of, keys)]

    @rx.event
    async def end(self, session_id: str) -> Then:
        """Log a browser out."""
        await actor_of(self)
        wanted = uuid_of(session_id, "session")
        await as_user(self, lambda session, actor: end_session(session, actor, wanted))
        await self._read()
        return rx.toast.success("That browser is logged out")

    @rx.event
    async def end_others(self) -> Then:
        """Log all other browsers out."""
        count = await as_user(self, end_other_sessions)
        await self._read()
        return rx.toast.success(f"{count} other {'browser is' if count == 1 else 'browsers are'} logged out")

    @rx.event
    async def make_key(self, form: dict[str, Any]) -> None:
        """Make a key and show its secret, this once."""
        await actor_of(self)
        self.new_name, self.new_secret, self.problem = "", "", ""
        days = number_of(text_of(form, "days"))
        until = utc_now() + timedelta(days=min(days, 3650)) if days > 0 else None
        scopes = [scope for scope in Scope if text_of(form, scope)]
        try:
            made = await as_user(
                self,
                lambda session, actor: create_api_key(
                    session, actor, text_of(form, "name"), scopes=scopes, expires_at=until
                ),
            )
        except AppError as error:
            self.problem = error.detail
            return
        self.new_name, self.new_secret = made.name, made.secret
        await self._read()

    @rx.event
    async def forget_secret(self) -> None:
        """The secret has been copied: take it off the page."""
        await actor_of(self)
        self.new_name, self.new_secret = "", ""

    @rx.event
    async def revoke(self, key_id: str) -> Then:
        """End a key."""
        await actor_of(self)
        wanted = uuid_of(key_id, "key")
        await as_user(self, lambda session, actor: revoke_api_key(session, actor, wanted))
        await self._read()
        return rx.toast.success("The key is revoked")


def _lists(session: Session, actor: Actor) -> tuple[tuple[SessionView, ...], tuple[KeyView, ...]]:
    return list_sessions(session, actor), list_api_keys(session, actor)


def _about(profile: Profile) -> str:
    since = f"here since {profile.created_at:%B %Y}"
    return f"@{profile.username}, {since}" if profile.username else since.capitalize()
