from cluster.dispatcher.capacity import Capacity
from cluster.scaling import Demand, ScalingPolicy
from tests.fakes import FakeRuntime

_WORK = Demand(busy=2, ready=10, backlog_s=600.0)
_NOTHING = Demand(busy=0, ready=0, backlog_s=0.0)


def test_time_without_cpus_counts_only_while_there_is_work() -> None:
    runtime = FakeRuntime(cpus=0)
    capacity = Capacity(runtime, ScalingPolicy(), 0.0)
    capacity.look(10.0, has_work=False)
    assert capacity.without_s(10.0) == 0.0
    capacity.look(20.0, has_work=True)
    assert capacity.without_s(30.0) == 20.0
    runtime.cpus = 1
    capacity.look(40.0, has_work=True)
    assert capacity.without_s(40.0) == 0.0


def test_the_autoscaler_hears_of_changes_only() -> None:
    runtime = FakeRuntime()
    capacity = Capacity(runtime, ScalingPolicy(), 0.0)
    for now, demand in ((0.0, _NOTHING), (2.0, _WORK), (4.0, _WORK), (6.0, _NOTHING)):
        assert capacity.is_ask_due(now)
        capacity.ask(demand, now)
        assert not capacity.is_ask_due(now + 1.9)
    assert runtime.requested == [0, 12, 0]


def test_the_wish_is_taken_back_at_the_end() -> None:
    runtime = FakeRuntime()
    capacity = Capacity(runtime, ScalingPolicy(), 0.0)
    capacity.ask(_WORK, 0.0)
    capacity.release()
    assert runtime.requested[-1] == capacity.asked == 0
