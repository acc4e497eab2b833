import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.progress import ProgressMeter, RenderProgress, Reporter, Throttle, pace
from cluster.work import CellSnapshot


def _snapshot(key: str, frames_done: int, attempt: int = 1) -> CellSnapshot:
    return CellSnapshot(key=key, attempt=attempt, frames_done=frames_done, frames_total=60)


def test_the_latest_snapshot_of_a_cell_counts() -> None:
    progress = RenderProgress()
    for snapshot in (_snapshot("a", 10), _snapshot("b", 5), _snapshot("a", 20)):
        progress.report(snapshot)
    assert progress.snapshots() == (_snapshot("b", 5), _snapshot("a", 20))


def test_a_message_that_overtook_another_is_not_undone() -> None:
    progress = RenderProgress()
    progress.report(_snapshot("a", 20))
    progress.report(_snapshot("a", 10))
    assert progress.snapshots() == (_snapshot("a", 20),)


def test_a_new_attempt_begins_again() -> None:
    progress = RenderProgress()
    progress.report(_snapshot("a", 50))
    progress.report(_snapshot("a", 2, attempt=2))
    progress.report(_snapshot("a", 60))
    assert progress.snapshots() == (_snapshot("a", 2, attempt=2),)


def test_forgotten_cells_leave_nothing() -> None:
    progress = RenderProgress()
    progress.report(_snapshot("a", 50))
    assert progress.snapshots(("a", "never heard of")) == ()
    assert progress.snapshots() == ()


def test_a_known_plan_shows_one_percent() -> None:
    assert ProgressMeter().percent == 1


def test_a_hundred_is_left_to_the_completion() -> None:
    meter = ProgressMeter()
    meter.update(600.0, 600.0)
    assert meter.percent == 99


def test_what_came_from_the_store_counts_as_done() -> None:
    meter = ProgressMeter()
    meter.update(400.0, 500.0)
    assert meter.percent == 80


@given(st.lists(st.tuples(st.floats(0, 600), st.floats(0, 600))))
def test_the_percentage_never_falls(reports: list[tuple[float, float]]) -> None:
    meter, shown = ProgressMeter(), [0]
    for done_s, total_s in reports:
        meter.update(min(done_s, total_s), total_s)
        shown.append(meter.percent)
    assert shown == sorted(shown)
    assert shown[-1] <= 99


def test_a_job_goes_on_at_the_pace_of_its_own_parts_once_enough_of_them_are_seen() -> None:
    assert pace(0.0, 0.0) == 1.0
    assert 1.0 < pace(2.0, 1.0) < 1.5
    assert pace(200.0, 100.0) == pytest.approx(2.0, rel=0.05)
    assert pace(1e6, 1.0) == 10.0
    assert pace(1.0, 1e6) == 0.3


def test_a_throttle_passes_changes_but_not_too_often() -> None:
    throttle = Throttle(1.0)
    values = [(0, 0.0), (1, 0.5), (1, 1.0), (1, 3.0), (2, 3.0)]
    assert [throttle.is_due("job", value, now) for value, now in values] == [True, False, True, False, True]


def test_a_throttle_keeps_keys_apart() -> None:
    throttle = Throttle(1.0)
    assert throttle.is_due("a", 0, 0.0)
    assert throttle.is_due("b", 0, 0.0)
    throttle.forget("a")
    assert throttle.is_due("a", 0, 0.0)


def test_a_reporter_never_swallows_the_first_and_the_last_frame() -> None:
    sent: list[CellSnapshot] = []
    report = Reporter(sent.append, every_s=3600)
    for key in ("a", "b"):
        for frames in (0, 1, 30, 60):
            report(_snapshot(key, frames))
    assert sent == [_snapshot("a", 0), _snapshot("a", 60), _snapshot("b", 0), _snapshot("b", 60)]


def test_a_reporter_in_no_hurry_passes_everything() -> None:
    sent: list[CellSnapshot] = []
    report = Reporter(sent.append, every_s=0)
    for frames in range(61):
        report(_snapshot("a", frames))
    assert len(sent) == 61
