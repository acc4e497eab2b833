from pathlib import Path

import pytest

from cluster.cost import CostModel
from cluster.dispatcher.errands import Errands
from cluster.storage import LocalObjectStore, StorageError

_COSTS = "cluster/cost-model.json"


class AwayStore(LocalObjectStore):
    """A store that does not answer."""

    def size(self, key: str) -> int | None:
        raise StorageError(key, "is away")

    def put_bytes(self, key: str, data: bytes) -> None:
        raise StorageError(key, "is away")


@pytest.fixture
def objects(tmp_path: Path) -> LocalObjectStore:
    return LocalObjectStore(tmp_path)


def _learnt() -> CostModel:
    costs = CostModel()
    for _ in range(50):
        costs.learn_step("assemble", 100, 30.0)
    return costs


def test_what_was_learnt_is_there_for_the_next(objects: LocalObjectStore) -> None:
    errands = Errands(objects)
    errands.keep_costs(_learnt())
    errands.close()
    assert Errands(objects).known_costs().dump() == _learnt().dump()


def test_a_damaged_memory_is_none(objects: LocalObjectStore) -> None:
    objects.put_bytes(_COSTS, b"\xff not json")
    assert Errands(objects).known_costs().dump() == CostModel().dump()


def test_a_store_that_is_away_costs_the_memory_and_nothing_else(tmp_path: Path) -> None:
    errands = Errands(AwayStore(tmp_path))
    assert errands.known_costs().dump() == CostModel().dump()
    errands.keep_costs(CostModel())
    errands.close()


def test_files_are_removed_and_those_that_are_gone_do_no_harm(objects: LocalObjectStore) -> None:
    objects.put_bytes("rendered-videos/v/j.mp4", b"video")
    errands = Errands(objects)
    errands.delete(["rendered-videos/v/j.mp4", "rendered-videos/v/gone.mp4"])
    errands.close()
    assert list(objects.keys("rendered-videos/")) == []
