"""Users and the ways they prove who they are."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from webapp.models.base import Identified


class User(Identified, table=True):
    """A person, known by the subject that an issuer of identities vouches for."""

    __tablename__ = "users"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    issuer: str = Field(max_length=200)
    subject: str = Field(max_length=200)
    display_name: str = Field(max_length=200)
    last_login_at: datetime | None = None


class UserSession(Identified, table=True):
    """A browser that is logged in. Only the hash of its token is kept."""

    __tablename__ = "sessions"

    user_id: UUID = Field(foreign_key="users.id", index=True, ondelete="CASCADE")
    token_hash: str = Field(max_length=64, unique=True)
    expires_at: datetime
    last_seen_at: datetime
    revoked_at: datetime | None = None


class ApiKey(Identified, table=True):
    """A program that acts for a user. Only the hash of its key is kept."""

    __tablename__ = "api_keys"

    user_id: UUID = Field(foreign_key="users.id", index=True, ondelete="CASCADE")
    name: str = Field(max_length=100)
    prefix: str = Field(max_length=16)
    key_hash: str = Field(max_length=64, unique=True)
    last_used_at: datetime | None = None
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
