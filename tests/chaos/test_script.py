from collections import Counter
from itertools import pairwise

import pytest

from tests.chaos.script import Blow, mix, write_script

_BLOWS = mix(1000)


def test_a_seed_writes_one_script():
    assert write_script(5, 300, 6, _BLOWS) == write_script(5, 300, 6, _BLOWS)
    assert str(write_script(5, 300, 6, _BLOWS)) != str(write_script(6, 300, 6, _BLOWS))


def test_every_blow_is_struck_as_often_as_asked_while_there_is_work():
    script = write_script(1, 300, 6, _BLOWS)
    assert Counter(step.blow for step in script.steps) == _BLOWS
    assert [step.due for step in script.steps] == sorted(step.due for step in script.steps)
    assert 0 < script.steps[0].due < script.steps[-1].due <= 270


@pytest.mark.parametrize("blow", [Blow.KILL_DISPATCHER, Blow.REMOVE_NODE])
def test_hard_blows_are_spread(blow: Blow):
    due = [step.due for step in write_script(1, 300, 6, _BLOWS).steps if step.blow is blow]
    assert all(later - sooner <= 2 * 270 / len(due) for sooner, later in pairwise(due))


def test_some_orders_share_cells_some_are_cancelled_some_are_uploads():
    orders = write_script(1, 300, 6, _BLOWS).orders
    members = Counter(order.group for order in orders)
    assert [order.number for order in orders] == list(range(300))
    assert 30 < sum(count > 1 for count in members.values()) < 100
    assert 10 < sum(order.cancel_after is not None for order in orders) < 50
    assert 10 < sum(order.is_upload for order in orders) < 50
    assert not any(order.is_upload and order.cancel_after is not None for order in orders)
    assert {order.customer for order in orders} == set(range(6))


def test_a_small_chaos_has_a_blow_of_every_kind():
    assert set(mix(20)) == set(Blow)
    assert all(count >= 1 for count in mix(20).values())
