import pytest

from cluster.board.flights import Flight, Flights
from cluster.board.pieces import Pieces
from cluster.board.ready import ReadyWork
from cluster.board.rendering import RunningRender
from cluster.board.running import RunningJob
from cluster.board.wishes import Wishes
from cluster.cost import CostModel
from cluster.work import FaultKind, PlanTask
from tests.fakes import fake_request

_PLAN = "plan:j"


class Board:
    """One job that wants its plan."""

    def __init__(self) -> None:
        self.job = RunningRender(request=fake_request("j"), costs=CostModel())
        self.jobs: dict[str, RunningJob] = {"j": self.job}
        self.wishes, self.flights, self.pieces = Wishes(), Flights(), Pieces()
        self.ready = ReadyWork(self.jobs, self.wishes, self.flights, self.pieces)
        self.wishes.update("j", self.job.wanted())

    def keys(self, now: float) -> tuple[str, ...]:
        self.ready.look_again(now)
        return self.ready.of(between=True).get("j", ())


@pytest.fixture
def board() -> Board:
    return Board()


def test_what_is_wanted_and_nobody_is_at_could_start(board: Board) -> None:
    assert board.keys(0.0) == (_PLAN,)
    assert board.ready.of(between=False) == {}
    assert board.ready.count() == 1


def test_what_somebody_is_at_could_not(board: Board) -> None:
    task = PlanTask(spec=board.job.request.spec, keys=(_PLAN,), label=_PLAN)
    board.flights.add(Flight(handle="h", task=task, owner=board.job.candidate, since=0.0, expected_s=1.0, deadline=9.0))
    board.wishes.touch((_PLAN,))
    assert board.keys(0.0) == ()
    assert board.ready.count() == 0


def test_what_rests_could_start_when_its_rest_is_over(board: Board) -> None:
    board.pieces.blame(_PLAN, FaultKind.STORAGE, not_before=5.0)
    assert board.keys(4.9) == ()
    assert board.keys(5.0) == (_PLAN,)


def test_who_wants_nothing_more_has_nothing_ready(board: Board) -> None:
    assert board.keys(0.0) == (_PLAN,)
    del board.jobs["j"]
    board.wishes.update("j", ())
    assert board.keys(1.0) == ()
