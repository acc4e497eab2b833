from pathlib import Path

import pytest

from cluster.storage import LocalObjectStore
from tests.cluster.dispatcher.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(LocalObjectStore(tmp_path))
