"""What all tables share: their metadata, names of constraints, identifiers and clocks."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Enum, MetaData
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

# Our own metadata: what frameworks define beside us must not enter our migrations.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def utc_now() -> datetime:
    """The time, aware of its zone."""
    return datetime.now(UTC)


class Table(SQLModel, registry=registry(metadata=metadata)):
    """The base of all tables."""


class Identified(Table):
    """Tables whose rows have an identifier of their own and a time of birth."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    created_at: datetime = Field(default_factory=utc_now, nullable=False)


def words(enum: type[StrEnum]) -> Any:  # noqa: ANN401 - SQLModel's sa_type is typed Any
    """A column type: the enum's values as text, held by a CHECK on every database."""
    return Enum(
        enum,
        name=enum.__name__.lower(),
        native_enum=False,
        create_constraint=True,
        length=16,
        values_callable=lambda members: [member.value for member in members],
    )
