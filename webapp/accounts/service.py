"""People: who acts, and who an issuer of identities vouches for."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, col, select

from webapp.db import insert_into
from webapp.errors import AppError, ForbiddenError
from webapp.models import PlanName, Role, Scope, User, Workspace, WorkspaceMember
from webapp.variables import is_https


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks.

    Attributes:
        session_id: The browser's session; None for programs.
        scopes: What an API key was made for; None for sessions, which may do all that the user may.
    """

    user_id: UUID
    display_name: str
    session_id: UUID | None = None
    scopes: frozenset[Scope] | None = None


_LONGEST_URL = 500


class LoginError(AppError):
    """Somebody could not be let in; the code says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Somebody as an issuer of identities knows them; only the first two tell people apart."""

    issuer: str
    subject: str
    name: str | None = None
    username: str | None = None
    picture_url: str | None = None


class Profile(BaseModel):
    """Somebody who has logged in.

    Attributes:
        username: As the issuer knows them, where it has one.
        scopes: What the API key that asks was made for; None for a browser.
    """

    model_config = ConfigDict(frozen=True)

    user_id: UUID
    display_name: str
    username: str | None
    picture_url: str | None
    created_at: datetime
    scopes: tuple[Scope, ...] | None


def require_session(actor: Actor) -> None:
    """Refuse API keys where only the person at the browser may act: keys and sessions themselves.

    Raises:
        ForbiddenError: The actor is a program.
    """
    if actor.scopes is not None:
        raise ForbiddenError("This takes a login in the browser: an API key cannot do it.")


def profile_of(session: Session, actor: Actor) -> Profile:
    """Who the actor is."""
    user = session.get_one(User, actor.user_id)
    scopes = None if actor.scopes is None else tuple(scope for scope in Scope if scope in actor.scopes)
    return Profile(**user.model_dump(exclude={"id"}), user_id=user.id, scopes=scopes)


def ensure_user(session: Session, issuer: str, subject: str, plan: PlanName = PlanName.FREE) -> Actor:
    """The user whom an issuer of identities calls ``subject``; a new one gets a workspace of their own on ``plan``."""
    user = _find_user(session, issuer, subject) or _create_user(session, issuer, subject, plan)
    return Actor(user_id=user.id, display_name=user.display_name)


def recognise(session: Session, identity: Identity, plan: PlanName = PlanName.FREE) -> Actor:
    """The user with an identity, under the name that the issuer has for them now."""
    issuer, subject = identity.issuer, identity.subject
    user = _find_user(session, issuer, subject) or _create_user(session, issuer, subject, plan, identity.name)
    user.display_name = _line(identity.name, 200) or user.display_name
    user.username = _line(identity.username, 100)
    picture = identity.picture_url or ""
    user.picture_url = picture if is_https(picture) and len(picture) <= _LONGEST_URL else None
    return Actor(user_id=user.id, display_name=user.display_name)


def _find_user(session: Session, issuer: str, subject: str) -> User | None:
    return session.exec(select(User).where(User.issuer == issuer, User.subject == subject)).one_or_none()


def _create_user(session: Session, issuer: str, subject: str, plan: PlanName, name: str | None = None) -> User:
    name = _line(name, 200) or subject
    person = User(issuer=issuer, subject=subject, display_name=name).model_dump()
    made = insert_into(session, User).values(**person).on_conflict_do_nothing().returning(col(User.id))
    user_id = session.execute(made).scalar()
    if user_id is not None:  # else their other tab was quicker
        _give_workspace(session, user_id, f"{name}'s workspace"[:100], plan)
    return session.exec(select(User).where(User.issuer == issuer, User.subject == subject)).one()


def _give_workspace(session: Session, user_id: UUID, name: str, plan: PlanName) -> None:
    workspace = Workspace(name=name, plan=plan)
    session.add(workspace)
    session.flush()
    session.add(WorkspaceMember(workspace_id=workspace.id, user_id=user_id, role=Role.OWNER))
    session.flush()


def _line(text: str | None, longest: int) -> str | None:
    """What others have written about somebody, as one line that can be stored."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text or "")
    return " ".join(printable.split())[:longest] or None
