from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.webhooks.retries import LIFETIME, Answer, next_attempt

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)


def attempts(jitter: float, takes: timedelta = timedelta()) -> list[timedelta]:
    """When attempts end that all fail, from the beginning on."""
    ended, moment = [], BEGUN
    while True:
        moment += takes
        ended.append(moment - BEGUN)
        again = next_attempt(BEGUN, moment, jitter=jitter)
        if again is None:
            return ended
        moment = again


def test_attempts_come_ever_later_and_the_last_one_after_a_day():
    seconds = [round(ended.total_seconds()) for ended in attempts(0.5)]
    assert seconds == [0, 5, 20, 80, 320, 1280, 5120, 20480, 38480, 56480, 74480, 86400]


@pytest.mark.parametrize("jitter", [0.0, 0.25, 1.0])
@pytest.mark.parametrize("takes", [timedelta(), timedelta(seconds=20)])
def test_whatever_the_jitter_there_are_about_a_dozen_within_a_day(jitter: float, takes: timedelta):
    ended = attempts(jitter, takes)
    assert 8 <= len(ended) <= 15
    assert LIFETIME <= ended[-1] <= LIFETIME + takes


@given(st.floats(0, 1), st.integers(0, 86_399))
def test_the_next_attempt_is_always_later_and_never_after_the_end(jitter: float, elapsed_s: int):
    now = BEGUN + timedelta(seconds=elapsed_s)
    again = next_attempt(BEGUN, now, jitter=jitter)
    assert again is not None
    assert now < again <= BEGUN + LIFETIME


def test_jitter_moves_an_attempt_by_a_fifth():
    now = BEGUN + timedelta(seconds=100)
    pauses = [(next_attempt(BEGUN, now, jitter=jitter) or BEGUN) - now for jitter in (0.0, 0.5, 1.0)]
    assert [pause.total_seconds() for pause in pauses] == [240, 300, 360]
    assert all(earlier < later for earlier, later in pairwise(pauses))


def test_a_receiver_may_ask_for_time_but_not_for_more_than_an_hour():
    asked = next_attempt(BEGUN, BEGUN, jitter=0.5, retry_after=timedelta(minutes=2))
    greedy = next_attempt(BEGUN, BEGUN, jitter=0.5, retry_after=timedelta(days=9))
    assert asked == BEGUN + timedelta(minutes=2)
    assert greedy == BEGUN + timedelta(hours=1)


def test_every_answer_of_the_two_hundreds_is_a_success_and_nothing_else():
    assert [status for status in range(100, 600) if Answer(status_code=status).is_success] == list(range(200, 300))
    assert not Answer(error="No answer came in time.").is_success


def test_gone_is_a_farewell():
    assert Answer(status_code=410).is_farewell
    assert not Answer(status_code=404).is_farewell
