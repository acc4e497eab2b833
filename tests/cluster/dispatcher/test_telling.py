import pytest

from cluster.dispatcher.telling import Teller
from cluster.jobs import JobProgress, JobState
from cluster.memory import InMemorySink


def _progress(percent: int, eta_s: float | None = None, job_id: str = "j", cells_done: int = 0) -> JobProgress:
    return JobProgress(
        job_id=job_id,
        video_id="v",
        attempt=1,
        state=JobState.PROCESSING,
        percent=percent,
        cells_done=cells_done,
        cells_total=4,
        cells_cached=0,
        eta_s=eta_s,
    )


@pytest.fixture
def sink() -> InMemorySink:
    return InMemorySink()


@pytest.fixture
def teller(sink: InMemorySink) -> Teller:
    return Teller(sink, tell_every_s=0.2, record_every_s=1.0)


def test_watchers_hear_of_changes_as_often_as_is_enough(teller: Teller, sink: InMemorySink) -> None:
    for now, percent in ((0.0, 1), (0.1, 2), (0.2, 3), (0.5, 3), (0.7, 4)):
        teller.tell([_progress(percent)], now)
    assert [each.percent for each in sink.published] == [1, 3, 4]


def test_watchers_hear_of_a_cell_that_is_done_though_no_percent_moves(teller: Teller, sink: InMemorySink) -> None:
    for now, cells_done in ((0.0, 0), (0.3, 0), (0.6, 1)):
        teller.tell([_progress(50, cells_done=cells_done)], now)
    assert [each.cells_done for each in sink.published] == [0, 1]


def test_rows_of_all_jobs_are_written_together(teller: Teller) -> None:
    teller.worth_recording([_progress(5)], 0.0)
    both = [_progress(6), _progress(1, job_id="other")]
    assert teller.worth_recording(both, 0.5) == ()
    assert teller.worth_recording(both, 1.0) == tuple(both)


def test_rows_are_written_for_a_change_but_not_sooner_than_a_second_later(teller: Teller) -> None:
    written = [
        now
        for now, percent in ((0.0, 1), (0.9, 2), (1.0, 2), (2.5, 2), (2.6, 3))
        if teller.worth_recording([_progress(percent)], now)
    ]
    assert written == [0.0, 1.0, 2.6]


@pytest.mark.parametrize(
    ("eta_s", "news"),
    [(98.0, 0), (100.0, 0), (106.0, 0), (120.0, 1), (80.0, 1), (None, 1)],
    ids=["as said", "two seconds later", "a little later", "much later", "much sooner", "not known any more"],
)
def test_an_expected_end_is_news_when_it_moves(teller: Teller, eta_s: float | None, news: int) -> None:
    teller.worth_recording([_progress(5, 100.0)], 0.0)
    assert len(teller.worth_recording([_progress(5, eta_s)], 2.0)) == news


def test_an_end_is_told_with_its_state(teller: Teller, sink: InMemorySink) -> None:
    teller.tell_end(_progress(40, 3.0), JobState.COMPLETED)
    teller.tell_end(_progress(40, 3.0), JobState.CANCELLED)
    assert [(each.state, each.percent, each.eta_s) for each in sink.published] == [
        (JobState.COMPLETED, 100, None),
        (JobState.CANCELLED, 40, None),
    ]


def test_a_job_that_was_forgotten_begins_anew(teller: Teller) -> None:
    both = [_progress(5), _progress(5, job_id="other")]
    teller.worth_recording(both, 0.0)
    teller.keep_only({"other"})
    assert [each.job_id for each in teller.worth_recording(both, 5.0)] == ["j"]
