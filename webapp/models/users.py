"""Users and the ways they prove who they are."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from webapp.models.base import Identified, Table, utc_now


class Scope(StrEnum):
    """What an API key may be used for. A browser's session may do all that its user may."""

    VIDEOS_READ = "videos:read"
    VIDEOS_WRITE = "videos:write"
    ASSETS_READ = "assets:read"
    ASSETS_WRITE = "assets:write"
    TEMPLATES_READ = "templates:read"
    TEMPLATES_WRITE = "templates:write"
    WORKSPACES_READ = "workspaces:read"
    WORKSPACES_WRITE = "workspaces:write"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"


class User(Identified, table=True):
    """A person, known by the subject that an issuer of identities vouches for."""

    __tablename__ = "users"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    issuer: str = Field(max_length=200)
    subject: str = Field(max_length=200)
    display_name: str = Field(max_length=200)
    username: str | None = Field(default=None, max_length=100)
    picture_url: str | None = Field(default=None, max_length=500)
    last_login_at: datetime | None = None


class UserSession(Identified, table=True):
    """A browser that is logged in. Only the hash of its token is kept.

    Attributes:
        previous_hash: Of the token before, which is still taken for a moment after ``rotated_at``.
        next_hash: Of the token that the browser has been offered and has not come with yet.
        rotated_at: Since when the browser comes with its token.
        user_agent: What the browser said it was, shortened.
        address: Where the login came from.
    """

    __tablename__ = "sessions"

    user_id: UUID = Field(foreign_key="users.id", index=True, ondelete="CASCADE")
    token_hash: str = Field(max_length=64, unique=True)
    previous_hash: str | None = Field(default=None, max_length=64, unique=True, index=True)
    next_hash: str | None = Field(default=None, max_length=64, unique=True, index=True)
    rotated_at: datetime = Field(default_factory=utc_now)
    expires_at: datetime
    last_seen_at: datetime
    user_agent: str = Field(default="", max_length=300)
    address: str = Field(default="", max_length=64)
    revoked_at: datetime | None = None


class ApiKey(Identified, table=True):
    """A program that acts for a user. Only the hash of its key is kept."""

    __tablename__ = "api_keys"

    user_id: UUID = Field(foreign_key="users.id", index=True, ondelete="CASCADE")
    name: str = Field(max_length=100)
    prefix: str = Field(max_length=16)
    key_hash: str = Field(max_length=64, unique=True)
    scopes: list[str] = Field(default_factory=list, sa_type=JSON)
    last_used_at: datetime | None = None
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


class LoginAttempt(Identified, table=True):
    """A login that was sent to the issuer of identities and has not come back. It is used once.

    Attributes:
        state_hash: Of the ``state`` that the issuer sends back.
        browser_hash: Of the cookie of the browser that began: another one cannot finish.
        door: Which issuer it was sent to.
        redirect_uri: Where that one sends it back to.
    """

    __tablename__ = "login_attempts"

    state_hash: str = Field(max_length=64, unique=True)
    browser_hash: str = Field(max_length=64)
    nonce: str = Field(max_length=100)
    code_verifier: str = Field(max_length=200)
    next_path: str = Field(default="/", max_length=500)
    door: str = Field(max_length=16)
    redirect_uri: str = Field(max_length=500)
    expires_at: datetime = Field(index=True)


class SpentProof(Table, table=True):
    """A signed proof of identity that was accepted, so that it is never accepted again."""

    __tablename__ = "spent_proofs"

    proof_hash: str = Field(primary_key=True, max_length=64)
    expires_at: datetime = Field(index=True)
