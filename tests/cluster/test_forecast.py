from collections.abc import Sequence
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.fair import Group
from cluster.forecast import MOST_PIECES, Course, forecast
from cluster.jobs import JobKind
from tests.virtual import Eta, VirtualCluster, VirtualJob


def _group(name: str) -> Group:
    return name, JobKind.RENDER


def _course(job_id: str, workspace: str = "w", weight: float = 1.0, **rest: object) -> Course:
    return Course(job_id=job_id, group=_group(workspace), weight=weight, **rest)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("running", "waiting", "cpus", "end_s"),
    [
        ((), (1.0, 1.0, 1.0), 2, 2.0),
        ((0.7, 0.7), (1.0,), 2, 1.7),
        ((), (6.0, 1.0, 1.0, 1.0), 2, 6.0),
        ((3.0,), (), 4, 3.0),
        ((), (2.0, 2.0), 1, 4.0),
        ((2.0, 2.0, 2.0), (2.0,), 2, 4.0),
        ((), (), 2, 0.0),
    ],
)
def test_pieces_are_laid_on_cpus(running: Sequence[float], waiting: Sequence[float], cpus: int, end_s: float) -> None:
    assert forecast([_course("a", running=running, waiting=waiting)], cpus) == {"a": pytest.approx(end_s)}


def test_the_plan_comes_before_and_the_assembly_after() -> None:
    course = _course("a", before_s=0.5, waiting=(1.0, 1.0), after_s=0.25)
    assert forecast([course], 2) == {"a": pytest.approx(1.75)}


def test_workspaces_have_their_shares() -> None:
    light = _course("light", "f", 1.0, waiting=(1.0,) * 100)
    heavy = _course("heavy", "p", 3.0, waiting=(1.0,) * 90)
    ends = forecast([light, heavy], 1)
    assert ends["heavy"] == pytest.approx(120, abs=2)
    assert ends["light"] == pytest.approx(190, abs=2)


def test_jobs_of_a_workspace_go_in_their_order() -> None:
    jobs = [_course(name, waiting=(1.0,) * 4) for name in "abc"]
    assert forecast(jobs, 2) == {"a": 2.0, "b": 4.0, "c": 6.0}


def test_assemblies_wait_for_a_lane() -> None:
    jobs = [_course(name, name, running=(1.0,), after_s=2.0) for name in "abc"]
    assert sorted(forecast(jobs, 3, lanes=2).values()) == [3.0, 3.0, 5.0]


def test_without_cpus_nothing_is_foretold() -> None:
    assert forecast([_course("a", waiting=(1.0,))], 0) == {}


def test_thousands_of_pieces_are_joined_and_the_end_hardly_moves() -> None:
    jobs = [_course(str(n), str(n), waiting=(1.0,) * 300) for n in range(30)]
    assert 4 * MOST_PIECES < 30 * 300
    assert max(forecast(jobs, 10).values()) == pytest.approx(900, rel=0.02)


_SECONDS = st.floats(0.01, 20)
_COURSES = st.lists(
    st.tuples(st.sampled_from("abc"), st.lists(_SECONDS, max_size=3), st.lists(_SECONDS, max_size=8), st.floats(0, 5)),
    min_size=1,
    max_size=12,
)


@given(_COURSES, st.integers(1, 8))
def test_every_job_ends_neither_before_its_longest_piece_nor_after_all_work(
    jobs: list[tuple[str, list[float], list[float], float]], cpus: int
) -> None:
    courses = [
        _course(str(n), workspace, 1.0 + ord(workspace) % 3, running=running, waiting=waiting, after_s=after_s)
        for n, (workspace, running, waiting, after_s) in enumerate(jobs)
    ]
    ends = forecast(courses, cpus)
    total = sum(sum(course.running) + sum(course.waiting) + course.after_s for course in courses)
    assert ends.keys() == {course.job_id for course in courses}
    for course in courses:
        assert max([0.0, *course.running, *course.waiting]) + course.after_s <= ends[course.job_id] + 1e-6
        assert ends[course.job_id] <= total + 1e-6


def _error(etas: Sequence[Eta]) -> float:
    """Mean over time of the error of the end, relative to the whole time, once a fifth of the work is done."""
    return fmean(abs(eta.said_s - eta.true_s) / eta.whole_s for eta in etas if eta.share_done >= 0.2)


@pytest.mark.parametrize("cells", [3, 10, 30])
def test_a_job_that_is_alone_is_foretold_within_15_per_cent(cells: int) -> None:
    errors = []
    for seed in range(6):
        cluster = VirtualCluster(cpus=2, seed=seed)
        cluster.add(VirtualJob(job_id="alone", workspace_id="w", plan="pro", cells=cells))
        errors.append(_error(cluster.run()))
    assert fmean(errors) < 0.15


@pytest.mark.parametrize("cpus", [2, 8])
def test_under_load_all_jobs_are_foretold_within_15_per_cent(cpus: int) -> None:
    cluster = VirtualCluster(cpus=cpus, seed=7)
    plans = {"a": "free", "b": "free", "c": "pro", "d": "pro", "e": "enterprise", "f": "enterprise"}
    for n in range(30):
        workspace = "abcdef"[n % 6]
        cells = 3 if n % 5 else 15
        cluster.add(VirtualJob(job_id=f"j{n}", workspace_id=workspace, plan=plans[workspace], cells=cells))
    etas = cluster.run()
    assert len({eta.job_id for eta in etas}) == 30
    assert _error(etas) < 0.15


def test_percents_never_fall_and_keep_pace_with_the_work() -> None:
    cluster = VirtualCluster(cpus=2, seed=3)
    cluster.add(VirtualJob(job_id="alone", workspace_id="w", plan="free", cells=12))
    etas = cluster.run()
    percents = [eta.percent for eta in etas]
    assert percents == sorted(percents)
    for eta in etas:
        assert eta.percent == pytest.approx(100 * (1 - eta.true_s / eta.whole_s), abs=15)
