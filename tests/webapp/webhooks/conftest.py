"""Receivers for what is sent."""

from collections.abc import Iterator

import pytest

from tests.webapp.product import Product
from tests.webapp.webhooks.desk import Desk
from tests.webapp.webhooks.receiver import Receiver, run_receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with run_receiver() as receiver:
        yield receiver


@pytest.fixture
def desk(product: Product) -> Desk:
    """Webhooks on either back end."""
    return Desk(product)


@pytest.fixture
def small_desk(small_product: Product) -> Desk:
    """Webhooks on SQLite: for what does not depend on the database."""
    return Desk(small_product)
