"""What every test may ask for."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from cluster.s3 import S3ObjectStore
from tests.seaweed import clear, seaweed, seaweed_store
from tests.webapp.servers import free_port

ROOT = Path(__file__).parents[1]

settings.register_profile("seeded", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("seeded")


def pytest_configure() -> None:
    """A run that was started in the background ignores Ctrl-C, and so would every program that it starts."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A busy machine takes long over a cluster or a browser: the limit is there for what hangs."""
    for item in items:
        slow = item.get_closest_marker("ray") or item.get_closest_marker("browser")
        if slow and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(1200))


def beside_checkout(name: str) -> Path:
    """A folder of real inputs kept beside the checkout; skips by name without it, fails on CI."""
    folder = ROOT.parent / "shared" / name
    if not folder.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"on CI the folder ../shared/{name} must be there")
        pytest.skip(f"no ../shared/{name} beside the checkout: this test needs real files")
    return folder


@pytest.fixture(scope="session")
def shared_media() -> Path:
    """Real clips: a person speaking, four b-rolls, a cover, music; 1080x1920."""
    return beside_checkout("media")


@pytest.fixture(scope="session")
def shared_corpus() -> Path:
    """Odd and hostile media files."""
    return beside_checkout("corpus")


@pytest.fixture(scope="session")
def shared_references() -> Path:
    """Stills of the LipSync scene drawn by a browser-based renderer."""
    return beside_checkout("references")


@pytest.fixture(scope="session")
def s3_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where SeaweedFS, a real S3 server, answers."""
    port = free_port()
    server = seaweed(tmp_path_factory.mktemp("seaweedfs"), port).start()
    try:
        server.until_ready()
        yield port
    finally:
        server.kill()  # asked politely it waits half a minute for connections, and its data are thrown away


@pytest.fixture
def s3_store(s3_port: int, tmp_path: Path) -> S3ObjectStore:
    """A store on the real server, its bucket emptied."""
    store = seaweed_store(s3_port, tmp_path / "cache")
    clear(store)
    return store
