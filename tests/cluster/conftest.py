"""A real S3 server from a wheel."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster.s3 import S3ObjectStore
from tests.seaweed import seaweed, seaweed_ports, seaweed_store


@pytest.fixture(scope="session")
def s3_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where SeaweedFS answers, with an empty bucket."""
    ports = seaweed_ports()
    server = seaweed(tmp_path_factory.mktemp("seaweedfs"), ports).start()
    try:
        server.until_ready()
        yield ports[0]
    finally:
        server.kill()  # asked politely it waits half a minute for connections, and its data are thrown away


@pytest.fixture
def s3_store(s3_port: int, tmp_path: Path) -> S3ObjectStore:
    """A store on the real server, its bucket emptied."""
    store = seaweed_store(s3_port, tmp_path / "cache")
    for key in tuple(store.keys("")):
        store.delete(key)
    return store
