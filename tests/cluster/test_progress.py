from hypothesis import given
from hypothesis import strategies as st

from cluster.progress import ProgressMeter, RenderProgress, Reporter, Throttle
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
    progress.forget(("a", "never heard of"))
    assert progress.snapshots() == ()


def test_a_known_plan_shows_one_percent() -> None:
    assert ProgressMeter(600, 0, 0.0).percent == 1


def test_a_hundred_is_left_to_the_completion() -> None:
    meter = ProgressMeter(600, 0, 0.0)
    meter.update(600, 1.0)
    assert 95 <= meter.percent < 100


@given(st.lists(st.integers(0, 600)))
def test_the_percentage_never_falls(reports: list[int]) -> None:
    meter, shown = ProgressMeter(600, 0, 0.0), [0]
    for frames in reports:
        meter.update(frames, 1.0)
        shown.append(meter.percent)
    assert shown == sorted(shown)


def test_the_rest_is_expected_at_the_speed_so_far() -> None:
    meter = ProgressMeter(600, 0, started_at=10.0)
    meter.update(200, 14.0)
    assert meter.eta_s == 8.0


def test_cached_frames_say_nothing_about_speed() -> None:
    meter = ProgressMeter(600, 400, started_at=0.0)
    meter.update(400, 5.0)
    assert meter.eta_s is None
    meter.update(500, 5.0)
    assert meter.eta_s == 5.0


def test_nothing_is_expected_from_the_first_frames() -> None:
    meter = ProgressMeter(600, 0, 0.0)
    meter.update(10, 1.0)
    assert meter.eta_s is None


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
