"""Lists in pages, the newest first: a page ends with an opaque cursor, and the next one begins behind it.

A cursor names a place between rows and not a number of rows, so that what is added or deleted meanwhile neither repeats
nor hides anything.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Select, tuple_
from sqlalchemy.orm import Mapped

from webapp.errors import InvalidError

LARGEST_PAGE = 100
LONGEST_CURSOR = 100
CursorText = Annotated[str, Field(max_length=LONGEST_CURSOR, json_schema_extra={"pattern": "^[A-Za-z0-9_-]{32}$"})]
"""A cursor as it is sent. What it looks like is documented only: of others the refusal says where cursors come from."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MOMENT_BYTES = 8

T = TypeVar("T")
Rows = TypeVar("Rows", bound=Select[*tuple[Any, ...]])


class Page(BaseModel):
    """What pages of all lists have in common.

    Attributes:
        next_cursor: Ask for the next page with it; None on the last one.
    """

    model_config = ConfigDict(frozen=True)

    next_cursor: str | None = None


def encode_cursor(moment: datetime, row_id: UUID) -> str:
    """The place right behind a row, as text of 32 letters and digits. Times to the microsecond."""
    micros = (moment - _EPOCH) // _MICROSECOND
    return base64.urlsafe_b64encode(micros.to_bytes(_MOMENT_BYTES, signed=True) + row_id.bytes).decode()


def decode_cursor(cursor: str) -> tuple[datetime, UUID]:
    """The moment and the id of the row that the cursor stands behind.

    Raises:
        InvalidError: It is none of ours.
    """
    try:
        told = base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True)
        moment = _EPOCH + int.from_bytes(told[:_MOMENT_BYTES], signed=True) * _MICROSECOND
        return moment, UUID(bytes=told[_MOMENT_BYTES:])
    except (ValueError, OverflowError, binascii.Error) as error:
        raise InvalidError("This is no cursor of ours: send next_cursor of the page before.", "cursor") from error


def behind(rows: Rows, moment: Mapped[datetime], row_id: Mapped[UUID], *, limit: int, cursor: str | None) -> Rows:
    """The newest rows behind the cursor: one more than the page has, by which ``cut`` knows whether it is the last.

    Args:
        rows: What is listed, in no order.
        moment: The column by which it is listed, the newest first.
        row_id: Decides between rows of the same moment.
        limit: Rows of a page, 1 to 100.
        cursor: ``next_cursor`` of the page before; None for the first one.

    Raises:
        InvalidError: The limit or the cursor is not possible.
    """
    if not 1 <= limit <= LARGEST_PAGE:
        raise InvalidError(f"A page has 1 to {LARGEST_PAGE} entries.", "limit")
    if cursor is not None:
        rows = rows.where(tuple_(moment, row_id) < tuple_(*decode_cursor(cursor)))
    return rows.order_by(moment.desc(), row_id.desc()).limit(limit + 1)


def cut(
    found: Sequence[T], limit: int, place_of: Callable[[T], tuple[datetime, UUID]]
) -> tuple[tuple[T, ...], str | None]:
    """The page and the cursor of the next one, from what ``behind`` has found."""
    page = tuple(found[:limit])
    return page, encode_cursor(*place_of(page[-1])) if len(found) > limit else None
