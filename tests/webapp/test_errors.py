import errno
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from webapp.errors import DiskFullError, as_app_error


def test_a_full_disk_is_called_so():
    error = as_app_error(OSError(errno.ENOSPC, "No space left on device"))
    assert isinstance(error, DiskFullError)
    assert "disk is full" in error.detail


def test_a_full_database_is_called_so(tmp_path: Path):
    with create_engine(f"sqlite:///{tmp_path / 'small.db'}").connect() as connection:
        connection.execute(text("PRAGMA max_page_count=2"))
        with pytest.raises(OperationalError) as caught:
            connection.execute(text("CREATE TABLE a AS SELECT zeroblob(100000)"))
    assert isinstance(as_app_error(caught.value), DiskFullError)


@pytest.mark.parametrize("error", [PermissionError(errno.EACCES, "no"), sqlite3.OperationalError("locked"), KeyError()])
def test_what_is_nobodys_business_stays_ours(error: Exception):
    assert as_app_error(error) is None
