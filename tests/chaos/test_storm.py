from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from tests.chaos.script import Blow, Order, Script, Step, write_script
from tests.chaos.shop import Placed
from tests.chaos.storm import Pace, Storm

_PACE = Pace(most_open=5, storm_s=60, look_every_s=0)
_BLOWS = {Blow.KILL_WORKER: 10, Blow.RESTART_REDIS: 3}


@dataclass
class FakeShop:
    """Ends the oldest order at each look.

    Attributes:
        is_stuck: Whether no order ends any more.
        has_victims: Whether blows find something to hit.
    """

    is_stuck: bool = False
    has_victims: bool = True
    open: list[UUID] = field(default_factory=list)
    done: set[UUID] = field(default_factory=set)
    most_open: int = 0
    struck: list[tuple[int, Step]] = field(default_factory=list)

    def submit(self, order: Order) -> Placed:
        self.open.append(uuid4())
        self.most_open = max(self.most_open, len(self.open))
        return Placed(video_id=uuid4(), job_id=self.open[-1])

    def cancel(self, order: Order, placed: Placed) -> bool:
        if placed.job_id not in self.open:
            return False
        self.open.remove(placed.job_id)
        self.done.add(placed.job_id)
        return True

    def ended(self, orders: Collection[Placed]) -> set[UUID]:
        if self.open and not self.is_stuck:
            self.done.add(self.open.pop(0))
        return self.done

    def mend(self) -> None:
        """Nothing falls."""

    def strike(self, step: Step) -> bool:
        if self.has_victims:
            self.struck.append((len(self.done), step))
        return self.has_victims

    def faults(self) -> Mapping[str, int]:
        return Counter(step.blow.value for _, step in self.struck)


def _script() -> Script:
    return write_script(1, 60, 3, _BLOWS)


def test_all_is_ordered_within_bounds_and_broken_when_due():
    shop, script = FakeShop(), _script()
    storm = Storm(script, shop, _PACE, print)
    storm.blow()
    assert set(storm.ordered) == set(range(60))
    assert shop.most_open == 5
    assert storm.unstruck == []
    assert sorted(step.due for _, step in shop.struck) == sorted(step.due for step in script.steps)
    assert all(ended >= step.due for ended, step in shop.struck)


def test_orders_are_taken_back_while_they_can_be():
    shop, script = FakeShop(), _script()
    storm = Storm(script, shop, _PACE, print)
    storm.blow()
    assert storm.cancelled == {order.number for order in script.orders if order.cancel_after is not None}


def test_blows_without_a_victim_are_told():
    storm = Storm(_script(), FakeShop(has_victims=False), _PACE, print)
    storm.blow()
    assert Counter(step.blow for step in storm.unstruck) == _BLOWS


def test_a_storm_that_gets_nowhere_ends_with_its_time():
    told: list[str] = []
    storm = Storm(_script(), FakeShop(is_stuck=True), Pace(most_open=5, storm_s=0.05, look_every_s=0), told.append)
    storm.blow()
    storm.await_rest(0.05)
    assert len(storm.ordered) == 5
    assert "0/60 ended, 5 open" in told[-1]
