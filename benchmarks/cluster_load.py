"""A hundred renders at once on a cluster of this machine, and what one of them waits for.

    python benchmarks/cluster_load.py [--renders 120] [--only load,cancel] [--database sqlite] [--objects folder]

PostgreSQL or SQLite, Redis, an S3 server or a folder, a Ray cluster of one worker node a core, and a dispatcher: all
processes of their own, as in a deployment. Videos are 6 s at 270×480, each with another text, so that all their cells
differ. Figures of CPU are those of the kernel; what else runs on the machine makes every time longer.
"""

import argparse
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

sys.path.insert(0, str(Path(__file__).parents[1]))  # the tests' stage, when run as a program

from benchmarks.cluster_crowd import load, updates
from benchmarks.cluster_figures import Figure, table
from benchmarks.cluster_remains import remains
from benchmarks.cluster_single import again, alone, cancel, first_cell
from tests.stage import Stage, StageOptions

_MANY_CPUS = 25
"""Of the cluster with a hundred running jobs: more than the machine has, so that as many are taken up."""


def main() -> None:
    """Measure and print the table."""
    arguments = _arguments()
    signal.signal(signal.SIGTERM, _leave)
    chosen, times = arguments.only.split(","), 2 if arguments.quick else 10
    parts: dict[str, Callable[[Stage], list[Figure]]] = {
        "first": lambda stage: first_cell(stage, times),
        "second": lambda stage: again(stage, times),
        "alone": lambda stage: alone(stage, times // 2),
        "cancel": lambda stage: cancel(stage, 2 * times),
        "load": lambda stage: load(stage, 20 if arguments.quick else arguments.renders),
        "remains": remains,
    }
    figures = _play(_options(arguments), {name: part for name, part in parts.items() if name in chosen})
    if "updates" in chosen:
        cpus = 2 if arguments.quick else _MANY_CPUS
        options = StageOptions(nodes=(cpus,), database=arguments.database)
        figures += _play(options, {"updates": lambda stage: updates(stage, 4 * cpus, 4 * cpus)})
    print(table(figures))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--renders", type=int, default=120, help="videos of the load, a multiple of twenty")
    parser.add_argument(
        "--only", default="first,second,alone,cancel,load,remains,updates", help="parts, with commas between them"
    )
    parser.add_argument("--cpus", type=int, default=os.cpu_count() or 1, help="worker nodes, of one CPU each")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="postgres")
    parser.add_argument("--objects", choices=("folder", "s3"), default="s3")
    parser.add_argument("--quick", action="store_true", help="a few of everything, to see that it works")
    return parser.parse_args()


def _options(arguments: argparse.Namespace) -> StageOptions:
    return StageOptions(database=arguments.database, objects=arguments.objects, nodes=(1,) * arguments.cpus)


def _play(options: StageOptions, parts: dict[str, Callable[[Stage], list[Figure]]]) -> list[Figure]:
    """Every part on one stage, one after the other; each line is also shown as soon as it is known."""
    figures: list[Figure] = []
    if not parts:
        return figures
    with Stage(options) as stage:
        stage.orders.submit(stage.customer("first of all"))  # nobody measures how long workers take to start
        stage.orders.await_all()
        for part in parts.values():
            for figure in part(stage):
                print(f"{figure.name:<64} {figure.goal:>12} {figure.measured:>24}", file=sys.stderr, flush=True)
                figures.append(figure)
    return figures


def _leave(_number: int, _frame: FrameType | None) -> None:
    """Ended from outside, nothing of the stage stays behind."""
    sys.exit(1)


if __name__ == "__main__":
    main()
