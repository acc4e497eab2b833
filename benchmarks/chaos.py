"""Whether anything is lost, doubled or left behind while everything breaks: the same orders twice, calm and in a storm.

    python benchmarks/chaos.py [--jobs 300] [--faults 1000] [--seed 1] [--minutes 25] [--logs FOLDER]

PostgreSQL, SeaweedFS, Redis, a Ray cluster of two nodes, two dispatchers. Workers, dispatchers, the progress actor,
Redis and nodes are killed, commits and their answers lost, requests to the object store refused, cut or left without an
answer. The seed decides orders, cancellations, blows and which requests go wrong; it cannot decide which frame a worker
was at. Ends with 1 if anything is wrong, or if there were fewer faults than asked for.
"""

import argparse
import signal
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the tests' stage, when run as a program

from tests.chaos.chaos import Report, Weather, run_chaos
from tests.chaos.judge import KINDS

_STORM_SHARE = 0.7
"""Of the minutes: the undisturbed run, the end and the verdict need the rest."""


def main() -> int:
    """Run, print the table, say how it went."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=300, help="orders")
    parser.add_argument("--faults", type=int, default=1000, help="at least so many")
    parser.add_argument("--seed", type=int, default=1, help="decides what is ordered and what breaks")
    parser.add_argument("--minutes", type=float, default=25.0, help="about so long, everything together")
    parser.add_argument("--logs", type=Path, help="where to keep what dispatchers, nodes and workers have printed")
    arguments = parser.parse_args()
    began = time.monotonic()
    storm_s = 60 * _STORM_SHARE * arguments.minutes
    weather = Weather(seed=arguments.seed, jobs=arguments.jobs, faults=arguments.faults, storm_s=storm_s)
    report = run_chaos(
        weather, lambda line: print(f"{time.monotonic() - began:6.0f} s | {line}", flush=True), arguments.logs
    )
    _print(report, weather)
    return 0 if _has_held(report, weather) else 1


def _has_held(report: Report, weather: Weather) -> bool:
    return (
        not report.violations and report.fault_count >= weather.faults and sum(report.states.values()) == weather.jobs
    )


def _print(report: Report, weather: Weather) -> None:
    print(
        f"\nseed {weather.seed}: {weather.jobs} jobs, undisturbed {report.calm_s:.0f} s, storm {report.storm_s:.0f} s"
    )
    _print_counts("", report.faults)
    print(f"  {'faults, at least ' + str(weather.faults):<34}{report.fault_count:6}")
    _print_counts("no victim for ", report.unstruck)
    _print_counts("seen by dispatchers: ", report.seen)
    _print_counts("jobs ", report.states)
    found = Counter(violation.kind for violation in report.violations)
    _print_counts("", {kind: found[kind] for kind in KINDS} | {"cells written again": report.rendered_again})
    for violation in report.violations:
        print(f"! {violation}")


def _print_counts(what: str, counts: Mapping[str, int]) -> None:
    for name, count in sorted(counts.items()):
        print(f"  {what + name:<34}{count:6}")


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main())
