"""A small storm over the whole system: whatever breaks, every order ends once, with the bytes of an undisturbed run."""

import pytest

from tests.chaos.chaos import Weather, run_chaos
from tests.chaos.script import Blow

_BLOWS = {
    Blow.KILL_WORKER: 3,
    Blow.KILL_ACTOR: 1,
    Blow.KILL_DISPATCHER: 1,
    Blow.RESTART_REDIS: 2,
    Blow.FREEZE_REDIS: 1,
    Blow.REMOVE_NODE: 1,
    Blow.CUT_DATABASE: 2,
    Blow.STORE_OUTAGE: 1,
}


_WEATHER = Weather(seed=5, jobs=10, faults=30, blows=_BLOWS, last=0.5, most_open=4, customers=3, storm_s=1500)
"""Ten orders: an upload among them, one that is cancelled, three that share cells."""


@pytest.mark.ray
@pytest.mark.postgres
@pytest.mark.timeout(3600)
def test_a_storm_loses_nothing_doubles_nothing_and_leaves_nothing_behind():
    report = run_chaos(_WEATHER, print)
    assert report.violations == ()
    assert sum(report.states.values()) == _WEATHER.jobs
    struck = {name for name, count in report.faults.items() if count}
    assert struck >= {blow.value for blow in _BLOWS if blow is not Blow.STORE_OUTAGE}
    assert report.fault_count >= 20
