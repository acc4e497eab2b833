"""What to render, in which tasks. Pure."""

from collections.abc import Container, Iterator, Sequence
from fractions import Fraction
from math import ceil

from render_core.cells import Cell

LONGEST_CHUNK = 4
"""Cells in one task: eight seconds of video amortise opening the decoders, and more would delay others too long."""


def next_chunk(waiting: Sequence[Cell], cpus: int, alone: Container[str] = ()) -> tuple[Cell, ...]:
    """The neighbouring cells that the next task should render.

    Guided self-scheduling (Polychronopoulos and Kuck, 1987): a share of what is left, so that early tasks are long
    (decoders stay open) and late ones short (all CPUs finish together).

    Args:
        waiting: Cells that nobody renders yet, in the order of the grid; not empty.
        cpus: CPUs that could work on them.
        alone: Keys of cells that go without company, so that a failure speaks of one cell only.
    """
    if waiting[0].key in alone:
        return (waiting[0],)
    size = min(LONGEST_CHUNK, max(1, ceil(len(waiting) / (2 * max(1, cpus)))))
    chunk = [waiting[0]]
    for cell in waiting[1:size]:
        if cell.index != chunk[-1].index + 1 or cell.key in alone:
            break
        chunk.append(cell)
    return tuple(chunk)


def chunks(waiting: Sequence[Cell], cpus: int) -> Iterator[tuple[Cell, ...]]:
    """All tasks for the cells, in the order in which to start them."""
    left = list(waiting)
    while left:
        chunk = next_chunk(left, cpus)
        yield chunk
        del left[: len(chunk)]


def part_name(cell: Cell, fps: Fraction) -> str:
    """What a user would call the cell."""
    return f"the part from {float(cell.start / fps):g} to {float(cell.stop / fps):g} s"
