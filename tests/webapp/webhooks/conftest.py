"""Receivers for what is sent."""

from collections.abc import Iterator

import pytest

from tests.webapp.webhooks.receiver import Receiver, run_receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with run_receiver() as receiver:
        yield receiver
