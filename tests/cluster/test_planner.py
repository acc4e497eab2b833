from collections.abc import Sequence
from fractions import Fraction
from heapq import heapify, heapreplace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.planner import LONGEST_TASK_S, OVERHEAD, chunks, is_late, next_chunk, part_name
from render_core.cells import Cell


def _cells(*indexes: int) -> list[Cell]:
    return [Cell(index=n, start=n * 60, stop=n * 60 + 60, key=f"k{n}") for n in indexes]


def _indexes(chunk: Sequence[Cell]) -> list[int]:
    return [cell.index for cell in chunk]


def _lengths(seconds: Sequence[float], cpus: int, setup_s: float = 0.0) -> list[int]:
    return [
        len(chunk) for chunk in chunks(dict(zip(_cells(*range(len(seconds))), seconds, strict=True)), cpus, setup_s)
    ]


def _end_s(seconds: Sequence[float], cpus: int, setup_s: float) -> float:
    """When the last CPU is done, if each takes the next task as soon as it is free."""
    costs = dict(zip(_cells(*range(len(seconds))), seconds, strict=True))
    free_at = [0.0] * cpus
    heapify(free_at)
    for chunk in chunks(costs, cpus, setup_s):
        heapreplace(free_at, free_at[0] + setup_s + sum(costs[cell] for cell in chunk))
    return max(free_at)


@pytest.mark.parametrize(
    ("seconds", "cpus", "lengths"),
    [
        ([1.0] * 15, 2, [4, 3, 2, 2, 1, 1, 1, 1]),
        ([1.0] * 3, 4, [1, 1, 1]),
        ([4.0, 4.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0], 2, [1, 1, 2, 1, 1, 1, 1]),
        ([6.0, 6.0, 6.0, 6.0, 6.0, 6.0], 1, [1, 1, 1, 1, 1, 1]),
        ([2.0] * 60, 2, [5] * 9 + [4, 3, 2, 2, 1, 1, 1, 1]),
        ([20.0, 20.0], 1, [1, 1]),
        ([0.1] * 8, 1, [4, 2, 1, 1]),
    ],
)
def test_tasks_shrink_with_what_is_left(seconds: list[float], cpus: int, lengths: list[int]) -> None:
    assert _lengths(seconds, cpus) == lengths


@pytest.mark.parametrize(
    ("left", "cpus", "others_s", "setup_s", "length"),
    [
        (8, 2, 0.0, 0.0, 2),
        (8, 2, 100.0, 0.0, 8),
        (30, 2, 100.0, 0.0, 10),
        (3, 2, 100.0, 0.15, 3),
        (3, 2, 0.0, 0.15, 2),
        (8, 2, 0.0, 0.15, 4),
        (8, 8, 0.0, 0.15, 1),
        (8, 0, 0.0, 0.0, 4),
    ],
)
def test_tasks_are_longer_where_others_fill_the_cpus_or_setting_up_is_dear(
    left: int, cpus: int, others_s: float, setup_s: float, length: int
) -> None:
    cells = _cells(*range(left))
    assert len(next_chunk(cells, [1.0] * left, cpus=cpus, others_s=others_s, setup_s=setup_s)) == length


def test_a_task_ends_at_a_gap() -> None:
    chosen = chunks(dict.fromkeys(_cells(0, 1, 5, 6, 7), 1.0), cpus=1)
    assert [_indexes(chunk) for chunk in chosen] == [[0, 1], [5, 6], [7]]


def test_a_suspicious_cell_goes_alone() -> None:
    cells = _cells(*range(9))
    assert _indexes(next_chunk(cells, [1.0] * 9, cpus=1, alone={"k0"})) == [0]
    assert _indexes(next_chunk(cells, [1.0] * 9, cpus=1, alone={"k2"})) == [0, 1]


def test_a_late_task_is_known_by_its_double_and_a_margin() -> None:
    assert not is_late(5.9, 2.0)
    assert is_late(6.1, 2.0)
    assert not is_late(1.9, 0.0)


def test_a_part_is_named_by_its_time() -> None:
    [cell] = _cells(2)
    assert part_name(cell, Fraction(30)) == "the part from 4 to 6 s"
    assert part_name(cell, Fraction(24)) == "the part from 5 to 7.5 s"


_COSTS = st.lists(st.floats(0.05, 12.0), min_size=1, max_size=80)


@given(st.sets(st.integers(0, 200), min_size=1), st.data(), st.integers(1, 16), st.floats(0, 0.5))
def test_every_cell_is_in_one_task_of_neighbours(
    indexes: set[int], data: st.DataObject, cpus: int, setup_s: float
) -> None:
    cells = _cells(*sorted(indexes))
    costs = {cell: data.draw(st.floats(0.05, 12.0)) for cell in cells}
    tasks = list(chunks(costs, cpus, setup_s))
    assert [cell for task in tasks for cell in task] == cells
    for task in tasks:
        assert len(task) == 1 or sum(costs[cell] for cell in task) <= LONGEST_TASK_S
        assert _indexes(task) == list(range(task[0].index, task[0].index + len(task)))


@given(_COSTS, st.integers(1, 16), st.floats(0, 0.3))
def test_no_cpu_is_held_up_longer_than_by_one_cell_and_the_setting_up(
    seconds: list[float], cpus: int, setup_s: float
) -> None:
    fair_s = sum(seconds) / cpus
    tasks = len(_lengths(seconds, cpus, setup_s))
    slack_s = setup_s * (1 + tasks / cpus) + max(seconds) + min(LONGEST_TASK_S, fair_s / 2)
    assert _end_s(seconds, cpus, setup_s) <= fair_s + slack_s


@given(st.integers(1, 16), st.floats(0.01, 0.25), st.floats(0.1, 1.0))
def test_setting_up_stays_within_its_share_while_there_is_work_enough(cpus: int, setup_s: float, cell_s: float) -> None:
    cells = _cells(*range(200))
    chunk = next_chunk(cells, [cell_s] * 200, cpus=cpus, others_s=1000.0 * cpus, setup_s=setup_s)
    assert setup_s <= OVERHEAD * len(chunk) * cell_s * 1.15


def test_cpus_of_a_job_that_is_alone_end_together() -> None:
    assert _end_s([1.0] * 30, 2, 0.15) <= 15 * 1.08
    assert _end_s([1.0] * 30, 4, 0.15) <= 8 * 1.08
    assert _end_s([0.5] * 12, 2, 0.15) <= 3 * 1.2
