from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from cluster.alarms import AlarmLimits, AlarmWatch, find_alarms
from cluster.health import AlarmCode, ClusterHealth
from cluster.memory import InMemoryHealth

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FINE = ClusterHealth(at=NOW, holder="host:1", epoch=1, cpus=2)
LIMITS = AlarmLimits(queue_age_s=600, without_cpus_s=10, store_failing_s=5, disk_free_bytes=1000)


@pytest.mark.parametrize(
    ("health", "free_bytes", "codes"),
    [
        (FINE, 1000, set()),
        (FINE, 999, {AlarmCode.DISK_LOW}),
        (replace(FINE, oldest_queued_s=600.0), 1000, set()),
        (replace(FINE, oldest_queued_s=601.0), 1000, {AlarmCode.QUEUE_OLD}),
        (replace(FINE, without_cpus_s=11.0), 1000, {AlarmCode.NO_CAPACITY}),
        (replace(FINE, store_failing_s=6.0), 1000, {AlarmCode.STORE_FAILING}),
        (
            replace(FINE, without_cpus_s=11.0, store_failing_s=6.0),
            0,
            {AlarmCode.NO_CAPACITY, AlarmCode.STORE_FAILING, AlarmCode.DISK_LOW},
        ),
    ],
)
def test_alarms_are_found_in_the_picture(health: ClusterHealth, free_bytes: int, codes: set[AlarmCode]):
    found = find_alarms(health, LIMITS, free_bytes)
    assert found.keys() == codes
    assert all(": " in sentence and sentence.endswith(".") for sentence in found.values()), "each says what to do"


def test_an_alarm_is_logged_when_it_comes_and_when_it_goes_and_keeps_its_beginning():
    shown, room = InMemoryHealth(), iter([2000, 500, 400, 2000])
    watch = AlarmWatch(shown, LIMITS, lambda: next(room))
    since = []
    with capture_logs() as lines:
        for second in range(4):
            watch.publish(replace(FINE, at=NOW + timedelta(seconds=second)))
            assert shown.latest
            since.append([alarm.since for alarm in shown.latest.alarms])
    begun = NOW + timedelta(seconds=1)
    assert since == [[], [begun], [begun], []]
    assert [(line["event"], line["code"]) for line in lines] == [
        ("cluster.alarm_raised", "disk_low"),
        ("cluster.alarm_cleared", "disk_low"),
    ]
    assert lines[1]["lasted_s"] == 2.0


def test_the_message_of_an_alarm_is_of_today():
    shown, room = InMemoryHealth(), iter([900, 100])
    watch = AlarmWatch(shown, replace(LIMITS, disk_free_bytes=10**9), lambda: next(room) * 10**6)
    for _ in range(2):
        watch.publish(FINE)
    assert shown.latest
    assert "0.1 GB" in shown.latest.alarms[0].message


def test_the_object_store_is_well_again_when_nothing_has_failed_for_it_for_a_minute():
    shown = InMemoryHealth()
    watch = AlarmWatch(shown, LIMITS, lambda: 2000)
    codes = []
    for second, faults in ((0, 0), (1, 2), (30, 3), (89, 3), (91, 3)):
        watch.publish(replace(FINE, at=NOW + timedelta(seconds=second), counts={"retries_storage": faults}))
        assert shown.latest
        codes.append([alarm.code for alarm in shown.latest.alarms])
    assert codes == [[], ["objects_failing"], ["objects_failing"], ["objects_failing"], []]
