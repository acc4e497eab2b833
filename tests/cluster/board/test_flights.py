import pytest

from cluster.board.flights import Flight, Flights
from cluster.fair import Candidate
from cluster.jobs import CellResult, JobKind
from cluster.work import CellSnapshot, CellsTask, PlanTask, Task
from render_core.cells import Cell
from render_core.spec import RenderSpec

_SPEC = RenderSpec(template="Fake", assets={}, config={})
_OWNER = Candidate(job_id="j", workspace_id="w", plan="free")


def _cells(*keys: str, attempt: int = 1) -> CellsTask:
    cells = tuple(Cell(index=n, start=60 * n, stop=60 * n + 60, key=key) for n, key in enumerate(keys))
    return CellsTask(spec=_SPEC, keys=keys, label="cells", cells=cells, attempt=attempt)


def _flight(handle: str, task: Task, **facts: object) -> Flight:
    usual = {"owner": _OWNER, "since": 0.0, "expected_s": 2.0, "deadline": 100.0}
    return Flight(handle=handle, task=task, **{**usual, **facts})  # type: ignore[arg-type]  # facts of a test


def _heard(key: str, frames: int, attempt: int = 1) -> dict[str, CellSnapshot]:
    return {key: CellSnapshot(key=key, attempt=attempt, frames_done=frames, frames_total=60)}


@pytest.fixture
def flights() -> Flights:
    return Flights()


def test_short_tasks_are_counted_apart(flights: Flights) -> None:
    flights.add(_flight("h1", _cells("a")))
    flights.add(_flight("h2", PlanTask(spec=_SPEC, keys=("plan:j",), label="plan")))
    assert (flights.count(between=True), flights.count(between=False)) == (1, 1)
    assert flights.of(_OWNER) == 1
    flights.remove("h1")
    assert (flights.count(between=False), flights.of(_OWNER)) == (0, 0)


def test_groups_are_counted_apart(flights: Flights) -> None:
    flights.add(_flight("h1", _cells("a")))
    assert flights.of(Candidate(job_id="p", workspace_id="w", plan="free", kind=JobKind.PREPARE)) == 0


def test_somebody_is_at_a_key_until_the_last_attempt_at_it_ends(flights: Flights) -> None:
    flights.add(_flight("h1", _cells("a")))
    flights.add(_flight("h2", _cells("a", attempt=2), twin_of="h1"))
    flights.remove("h1")
    assert "a" in flights
    flights.remove("h2")
    assert "a" not in flights


def test_a_task_runs_from_its_first_snapshot_on(flights: Flights) -> None:
    flight = _flight("h1", _cells("a"))
    flights.add(flight)
    flights.observe({}, 5.0)
    assert flight.running_since is None
    flights.observe(_heard("a", 0), 7.0)
    flights.observe(_heard("a", 30), 9.0)
    assert flight.running_since == 7.0
    assert flight.overdue_s(10.0) == 1.0


def test_snapshots_of_other_attempts_say_nothing(flights: Flights) -> None:
    flight = _flight("h1", _cells("a", attempt=2))
    flights.add(flight)
    flights.observe(_heard("a", 30, attempt=1), 5.0)
    assert flight.running_since is None


def test_what_moves_does_not_hang_and_what_stops_does(flights: Flights) -> None:
    flights.add(_flight("h1", _cells("a")))
    flights.observe(_heard("a", 30), 99.0)
    assert flights.expired(101.0) == ()
    flights.observe(_heard("a", 30), 150.0)
    assert flights.expired(160.0) == ("h1",)


def test_a_task_that_is_being_overtaken_is_left_to_its_twin(flights: Flights) -> None:
    flights.add(_flight("h1", _cells("a")))
    flights.add(_flight("h2", _cells("a", attempt=2), twin_of="h1", deadline=300.0))
    assert flights.expired(200.0) == ()
    flights.remove("h2")
    assert flights.expired(200.0) == ("h1",)


def test_keys_are_unfinished_until_their_last_frame_is_heard_of(flights: Flights) -> None:
    flight = _flight("h1", _cells("a", "b", "c"))
    flights.add(flight)
    flights.observe({**_heard("a", 60), **_heard("b", 59)}, 1.0)
    assert flight.unfinished() == ("b", "c")


def test_only_running_tasks_can_have_a_twin_and_only_one(flights: Flights) -> None:
    flights.add(_flight("h1", _cells("a")))
    flights.add(_flight("h2", _cells("b")))
    flights.observe(_heard("a", 1), 1.0)
    assert [flight.handle for flight in flights.without_twin()] == ["h1"]
    flights.add(_flight("h3", _cells("a", attempt=2), twin_of="h1"))
    assert flights.without_twin() == ()


def test_a_job_pays_once_for_a_task_that_is_begun_twice() -> None:
    assert _flight("h1", _cells("a")).is_charged
    assert not _flight("h2", _cells("a"), twin_of="h1").is_charged


def test_what_a_task_took_is_what_its_result_says() -> None:
    result = (CellResult(index=0, key="a", size_bytes=1, seconds=3.0, setup_s=0.5),)
    flight = _flight("h1", _cells("a"), running_since=1.0)
    assert flight.took_s(result, 100.0) == 3.5
    assert flight.took_s(None, 5.0) == 4.0
    assert _flight("h2", _cells("a")).took_s(None, 5.0) == 0.0


def test_only_running_cells_can_be_late() -> None:
    plan = PlanTask(spec=_SPEC, keys=("plan:j",), label="plan")
    assert not _flight("h1", _cells("a")).is_late(1000.0)
    assert not _flight("h2", plan, running_since=0.0).is_late(1000.0)
    assert not _flight("h3", _cells("a"), running_since=0.0).is_late(6.0)
    assert _flight("h4", _cells("a"), running_since=0.0).is_late(6.1)
