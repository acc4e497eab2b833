from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from cluster.planner import LONGEST_CHUNK, chunks, next_chunk, part_name
from render_core.cells import Cell


def _cells(*indexes: int) -> list[Cell]:
    return [Cell(index=n, start=n * 60, stop=n * 60 + 60, key=f"k{n}") for n in indexes]


def _indexes(chunk: tuple[Cell, ...]) -> list[int]:
    return [cell.index for cell in chunk]


def test_early_tasks_are_long_and_late_ones_short() -> None:
    assert [len(chunk) for chunk in chunks(_cells(*range(15)), cpus=2)] == [4, 3, 2, 2, 1, 1, 1, 1]


def test_every_cpu_gets_work_from_a_short_video() -> None:
    assert [len(chunk) for chunk in chunks(_cells(*range(3)), cpus=4)] == [1, 1, 1]


def test_a_task_ends_at_a_gap() -> None:
    assert [_indexes(chunk) for chunk in chunks(_cells(0, 1, 5, 6, 7), cpus=1)] == [[0, 1], [5, 6], [7]]


def test_a_suspicious_cell_goes_alone() -> None:
    assert _indexes(next_chunk(_cells(*range(9)), 1, alone={"k0"})) == [0]
    assert _indexes(next_chunk(_cells(*range(9)), 1, alone={"k2"})) == [0, 1]


def test_a_part_is_named_by_its_time() -> None:
    [cell] = _cells(2)
    assert part_name(cell, Fraction(30)) == "the part from 4 to 6 s"
    assert part_name(cell, Fraction(24)) == "the part from 5 to 7.5 s"


@given(st.sets(st.integers(0, 200), min_size=1), st.integers(1, 16))
def test_every_cell_is_in_one_task_of_neighbours(indexes: set[int], cpus: int) -> None:
    cells = _cells(*sorted(indexes))
    tasks = list(chunks(cells, cpus))
    assert [cell for task in tasks for cell in task] == cells
    for task in tasks:
        assert len(task) <= LONGEST_CHUNK
        assert _indexes(task) == list(range(task[0].index, task[0].index + len(task)))
