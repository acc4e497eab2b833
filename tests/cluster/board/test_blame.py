import pytest

from cluster.board.blame import Blame
from cluster.board.flights import Flight
from cluster.board.pieces import Pieces
from cluster.board.rendering import RunningRender
from cluster.board.running import RunningJob
from cluster.board.wishes import Wishes
from cluster.cost import CostModel
from cluster.metrics import CountingMetrics
from cluster.work import CellsTask, Fault, FaultKind
from render_core.cells import Cell
from tests.fakes import fake_request


class Board:
    """Two jobs that want the cell ``x``, the first of them also ``a``; all in one task of the first."""

    def __init__(self) -> None:
        self.jobs: dict[str, RunningJob] = {
            job_id: RunningRender(request=fake_request(job_id), costs=CostModel()) for job_id in ("j1", "j2")
        }
        self.wishes, self.pieces, self.metrics = Wishes(), Pieces(), CountingMetrics()
        self.wishes.update("j1", ("a", "x"))
        self.wishes.update("j2", ("x",))
        self.blame = Blame(self.jobs, self.wishes, self.pieces, self.metrics)

    def settle(self, kind: FaultKind, *keys: str) -> list[str]:
        owner = self.jobs["j1"]
        cells = tuple(Cell(index=n, start=60 * n, stop=60 * n + 60, key=key) for n, key in enumerate(keys))
        task = CellsTask(spec=fake_request("j1").spec, keys=keys, label="cells", cells=cells)
        flight = Flight(handle="h", task=task, owner=owner.candidate, since=0.0, expected_s=1.0, deadline=9.0)
        changed = self.blame.settle(flight, Fault(kind=kind, message="it was so"), 0.0)
        return [job.request.job_id for job in changed]


@pytest.fixture
def board() -> Board:
    return Board()


def test_bad_input_ends_its_owner_alone(board: Board) -> None:
    assert board.settle(FaultKind.INVALID_INPUT, "x") == ["j1"]
    assert [job.is_open for job in board.jobs.values()] == [False, True]


def test_of_several_that_may_have_killed_a_worker_none_is_blamed(board: Board) -> None:
    assert board.settle(FaultKind.WORKER_DIED, "a", "x") == []
    assert board.pieces.alone(("a", "x")) == {"a", "x"}
    assert board.pieces["a"].faults == board.pieces["x"].faults == ()


def test_the_only_one_is_blamed_and_in_the_end_all_who_want_it_end(board: Board) -> None:
    assert board.settle(FaultKind.WORKER_DIED, "x") == ["j1", "j2"]
    assert all(job.is_open for job in board.jobs.values())
    assert board.settle(FaultKind.WORKER_DIED, "x") == ["j1", "j2"]
    assert not any(job.is_open for job in board.jobs.values())


def test_what_nobody_wants_is_nobody_s_fault(board: Board) -> None:
    assert board.settle(FaultKind.WORKER_DIED, "unwanted") == []
    assert board.metrics.counts["retries_worker_died"] == 0
