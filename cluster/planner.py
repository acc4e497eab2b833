"""What to render, in which tasks. Pure. Costs are seconds of one CPU."""

from collections.abc import Container, Iterator, Mapping, Sequence
from fractions import Fraction

from render_core.cells import Cell

OVERHEAD = 0.03
"""Share of a task that its set-up may take, where there is work enough."""

LONGEST_TASK_S = 10.0
"""More would keep a newcomer waiting too long for a CPU, and would be too much to lose with a worker."""

_LATE_FACTOR, _LATE_MARGIN_S = 2.0, 2.0


def next_chunk(
    waiting: Sequence[Cell],
    seconds: Sequence[float],
    *,
    cpus: int,
    others_s: float = 0.0,
    setup_s: float = 0.0,
    alone: Container[str] = (),
) -> tuple[Cell, ...]:
    """The neighbouring cells that the next task should render.

    Guided self-scheduling (Polychronopoulos and Kuck, 1987) in seconds: a share of what is left in the cluster, so
    that early tasks are long (decoders stay open) and late ones short (all CPUs end together).

    Args:
        waiting: Cells that nobody renders yet, in the order of the grid; not empty.
        seconds: What each of them costs.
        cpus: CPUs that could work on them.
        others_s: Work of other jobs that could fill the CPUs as well.
        setup_s: What a task costs beside its cells.
        alone: Keys of cells that go without company, so that a failure speaks of one cell only.
    """
    wished_s = _wished_s(sum(seconds) + others_s, cpus, setup_s)
    chunk, taken_s = [waiting[0]], seconds[0]
    if waiting[0].key in alone:
        return tuple(chunk)
    for cell, more_s in zip(waiting[1:], seconds[1:], strict=True):
        is_apart = cell.index != chunk[-1].index + 1 or cell.key in alone
        if is_apart or taken_s + more_s / 2 > wished_s or taken_s + more_s > LONGEST_TASK_S:
            break
        chunk.append(cell)
        taken_s += more_s
    return tuple(chunk)


def _wished_s(left_s: float, cpus: int, setup_s: float) -> float:
    """How long the next task should take: half a CPU's share, but not so little that set-ups weigh on it.

    Towards the end a share of what is left is all that a task may take: an idle CPU costs more than a set-up.
    """
    share_s = left_s / max(1, cpus)
    return min(LONGEST_TASK_S, max(share_s / 2, min(setup_s / OVERHEAD, share_s)))


def chunks(waiting: Mapping[Cell, float], cpus: int, setup_s: float = 0.0) -> Iterator[tuple[Cell, ...]]:
    """All tasks of a job that has the CPUs for itself, in the order in which to start them.

    Args:
        waiting: Cells with what each costs, in the order of the grid.
        cpus: CPUs that work on them.
        setup_s: What a task costs beside its cells.
    """
    left, seconds = list(waiting), list(waiting.values())
    while left:
        chunk = next_chunk(left, seconds, cpus=cpus, setup_s=setup_s)
        yield chunk
        del left[: len(chunk)], seconds[: len(chunk)]


def is_late(elapsed_s: float, expected_s: float) -> bool:
    """Whether a task takes so much longer than it should that an idle CPU had better begin it a second time."""
    return elapsed_s > _LATE_FACTOR * expected_s + _LATE_MARGIN_S


def part_name(cell: Cell, fps: Fraction) -> str:
    """What a user would call the cell."""
    return f"the part from {float(cell.start / fps):g} to {float(cell.stop / fps):g} s"
