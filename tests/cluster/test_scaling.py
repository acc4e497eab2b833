from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.scaling import Demand, Scaler, ScalingPolicy

POLICY = ScalingPolicy(most_cpus=16, finish_in_s=30, patience_s=60)
IDLE = Demand(busy=0, ready=0, backlog_s=0)

demands = st.builds(
    Demand, busy=st.integers(0, 40), ready=st.integers(0, 400), backlog_s=st.floats(0, 10_000, allow_nan=False)
)
histories = st.lists(st.tuples(demands | st.just(IDLE), st.floats(0.5, 20)), min_size=1, max_size=60)


def wanting(cpus: int) -> Demand:
    """Work that so many CPUs would be done with in time."""
    return Demand(busy=0, ready=100, backlog_s=cpus * POLICY.finish_in_s)


@pytest.mark.parametrize(
    ("busy", "ready", "backlog_s", "cpus"),
    [
        (0, 0, 0, 0),
        (0, 1, 0, 1),  # work whose cost nobody knows yet
        (0, 10, 29, 1),  # one CPU will do in time
        (0, 10, 31, 2),
        (2, 10, 240, 8),
        (2, 3, 240, 5),  # no more than can be used at once
        (4, 0, 900, 4),
        (0, 500, 9000, 16),  # no more than we may
    ],
)
def test_cpus_that_work_is_worth(busy: int, ready: int, backlog_s: float, cpus: int):
    assert POLICY.cpus_for(Demand(busy=busy, ready=ready, backlog_s=backlog_s)) == cpus


def test_more_work_is_answered_at_once():
    scaler = Scaler(POLICY)
    assert scaler.decide(wanting(2), 0) == 2
    assert scaler.decide(wanting(7), 1) == 7


def test_a_request_that_holds_is_not_repeated():
    scaler = Scaler(POLICY)
    scaler.decide(wanting(4), 0)
    assert scaler.decide(wanting(4), 5) is None


def test_cpus_are_given_back_after_the_patience():
    scaler = Scaler(POLICY)
    scaler.decide(wanting(8), 0)
    assert [scaler.decide(wanting(3), at) for at in (1, 30, 59, 61, 90)] == [None, None, None, 3, None]


def test_work_that_comes_and_goes_does_not_flap():
    scaler = Scaler(POLICY)
    told = [scaler.decide(wanting(8 if at % 40 == 0 else 2), at) for at in range(0, 600, 5)]
    assert [each for each in told if each is not None] == [8]


def test_an_idle_cluster_is_given_back_at_once():
    scaler = Scaler(POLICY)
    scaler.decide(wanting(8), 0)
    assert scaler.decide(IDLE, 1) == 0
    assert scaler.decide(IDLE, 2) is None
    assert scaler.decide(wanting(2), 3) == 2


def test_what_a_dead_predecessor_asked_for_is_taken_back():
    assert Scaler(POLICY).decide(IDLE, 0) == 0


@given(histories)
def test_the_request_is_bounded_and_covers_what_is_wanted(history: list[tuple[Demand, float]]):
    scaler, now, asked = Scaler(POLICY), 0.0, 0
    for demand, step in history:
        now += step
        told = scaler.decide(demand, now)
        asked = asked if told is None else told
        assert POLICY.cpus_for(demand) <= asked <= POLICY.most_cpus
        assert (asked == 0) == demand.is_idle


@given(histories)
def test_the_request_shrinks_only_to_what_was_wanted_within_the_patience(history: list[tuple[Demand, float]]):
    scaler, now = Scaler(POLICY), 0.0
    asked, wanted = 0, []
    for demand, step in history:
        now += step
        wanted.append((now, POLICY.cpus_for(demand)))
        told = scaler.decide(demand, now)
        if told is not None and 0 < told < asked:
            assert told == max(cpus for at, cpus in wanted if at > now - POLICY.patience_s)
        asked = asked if told is None else told


@given(histories)
def test_nothing_is_told_twice(history: list[tuple[Demand, float]]):
    scaler, now = Scaler(POLICY), 0.0
    told = []
    for demand, step in history:
        now += step
        told.append(scaler.decide(demand, now))
    said = [each for each in told if each is not None]
    assert all(before != after for before, after in pairwise(said))
