from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.errors import InvalidError
from webapp.pages import LONGEST_CURSOR, cut, decode_cursor, encode_cursor

_MOMENTS = st.datetimes(timezones=st.just(UTC))


@given(_MOMENTS, st.uuids())
def test_a_cursor_names_its_place_to_the_microsecond_and_needs_no_quoting(moment: datetime, row_id: UUID):
    cursor = encode_cursor(moment, row_id)
    assert decode_cursor(cursor) == (moment, row_id)
    assert cursor.replace("-", "").replace("_", "").isalnum()
    assert len(cursor) <= LONGEST_CURSOR


@given(st.text())
def test_what_holds_other_characters_is_refused_as_cursor(text: str):
    with pytest.raises(InvalidError) as refusal:
        decode_cursor(f"{text}~")
    assert refusal.value.field == "cursor"


@pytest.mark.parametrize("cursor", ["", "f" * 32, "A" * 31, "A" * 36, "2026-01-01T00:00:00Z_x", "é" * 32])
def test_foreign_cursors_are_refused(cursor: str):
    with pytest.raises(InvalidError):
        decode_cursor(cursor)


def test_only_a_page_with_something_behind_it_has_a_next_cursor():
    began = datetime(2026, 1, 1, tzinfo=UTC)
    rows = [(began - timedelta(seconds=n), uuid4()) for n in range(3)]
    assert cut(rows, 3, lambda row: row) == (tuple(rows), None)
    page, cursor = cut(rows, 2, lambda row: row)
    assert page == tuple(rows[:2])
    assert decode_cursor(cursor) == rows[1]
