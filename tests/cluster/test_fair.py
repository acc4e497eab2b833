import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.fair import (
    PATIENCE,
    PLAN_SHARES,
    PREPARE_FACTOR,
    Candidate,
    FairShare,
    Stride,
    claims,
    share_of,
    weight_of,
)
from cluster.jobs import JobKind, WaitingJob
from tests.virtual import VirtualCluster, VirtualJob

_PLANS = {"f": "free", "p": "pro", "e": "enterprise"}


def _candidate(workspace: str, job: str = "1", plan: str = "free") -> Candidate:
    return Candidate(job_id=f"{workspace}{job}", workspace_id=workspace, plan=plan)


def _served(share: FairShare, candidates: list[Candidate], rounds: int, cost: float = 1.0) -> Counter[str]:
    served: Counter[str] = Counter()
    for _ in range(rounds):
        chosen = share.choose(candidates)
        share.charge(chosen, cost)
        served[chosen.job_id] += 1
    return served


def _waiting(*workspaces: str, plan: str = "", size: float = 60.0) -> list[WaitingJob]:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        WaitingJob(
            job_id=f"{workspace}-{n}",
            workspace_id=workspace,
            plan=plan or _PLANS.get(workspace[0], "free"),
            queued_at=start + timedelta(seconds=n),
            size=size,
        )
        for n, workspace in enumerate(workspaces)
    ]


def test_plans_have_their_weights() -> None:
    assert [weight_of(plan) for plan in ("free", "pro", "enterprise", "unheard of")] == [1, 3, 6, 1]


def test_workspaces_share_by_the_weights_of_their_plans() -> None:
    everyone = [_candidate("f", plan="free"), _candidate("p", plan="pro"), _candidate("e", plan="enterprise")]
    assert _served(FairShare(), everyone, 1000) == {"f1": 100, "p1": 300, "e1": 600}


def test_many_jobs_do_not_make_a_workspace_s_share_larger() -> None:
    crowd = [_candidate("a", str(n)) for n in range(9)]
    served = _served(FairShare(), [*crowd, _candidate("b")], 100)
    assert served["b1"] == 50


def test_a_small_job_goes_before_a_long_one_of_the_same_workspace() -> None:
    share, long, small = FairShare(), _candidate("a", "long"), _candidate("a", "small")
    left_s = {"along": 100.0, "asmall": 5.0}
    share.charge(share.choose([long], left_s), 10)
    assert share.choose([long, small], left_s) is small


def test_equal_jobs_of_a_workspace_go_one_after_the_other() -> None:
    share, first, second = FairShare(), _candidate("a", "1"), _candidate("a", "2")
    left_s = {"a1": 9.0, "a2": 9.0}
    order = []
    while any(left_s.values()):
        chosen = share.choose([each for each in (first, second) if left_s[each.job_id]], left_s)
        share.charge(chosen, 3.0)
        left_s[chosen.job_id] -= 3.0
        order.append(chosen.job_id)
    assert order == ["a1"] * 3 + ["a2"] * 3


def test_small_jobs_overtake_a_long_one_no_longer_than_it_takes_itself() -> None:
    share, long = FairShare(), _candidate("a", "long")
    left_s, served_s = {"along": 60.0}, 0.0
    share.choose([long], left_s)
    for n in range(100):
        small = _candidate("a", str(n))
        chosen = share.choose([long, small], {**left_s, small.job_id: 5.0})
        if chosen is long:
            break
        share.charge(small, 5.0)
        served_s += 5.0
    assert 50 <= served_s <= 60


def test_preparations_have_a_larger_share_of_their_own() -> None:
    render, upload = _candidate("a", "r"), replace(_candidate("a", "p"), kind=JobKind.PREPARE)
    served = _served(FairShare(), [render, upload], 100)
    assert served["ap"] == pytest.approx(PREPARE_FACTOR * served["ar"])


def test_a_charge_is_corrected_by_what_it_really_took() -> None:
    share, a, b = FairShare(), _candidate("a"), _candidate("b")
    took: Counter[str] = Counter()
    for _ in range(600):
        chosen = share.choose([a, b])
        share.charge(chosen, 2.0)
        took_s = 1.0 if chosen is a else 3.0
        share.correct(chosen, 2.0, took_s)
        took[chosen.workspace_id] += took_s
    assert took["a"] == pytest.approx(took["b"], rel=0.02)


def test_work_that_never_began_is_given_back() -> None:
    share, a, b = FairShare(), _candidate("a"), _candidate("b")
    share.charge(a, 100.0)
    share.correct(a, 100.0, 0.0)
    assert _served(share, [a, b], 600)["a1"] >= 240


def test_what_a_workspace_is_owed_lapses_when_it_has_no_more_work() -> None:
    share, a, b = FairShare(), _candidate("a"), _candidate("b")
    share.charge(share.choose([a]), 100.0)
    share.correct(a, 100.0, 0.0)
    share.keep_only([b])
    _served(share, [b], 200)
    assert _served(share, [a, b], 10)["a1"] <= 6


def _simulate(workspaces: dict[str, str], cpus: int, until_s: float, seed: int) -> dict[str, float]:
    """CPU seconds that always backlogged workspaces get, with tasks of 0.2 to 12 s and estimates off by a half."""
    rng, share = random.Random(seed), FairShare()
    everyone = [_candidate(name, plan=plan) for name, plan in workspaces.items()]
    typical = {name: rng.uniform(0.5, 8) for name in workspaces}
    had: dict[str, float] = dict.fromkeys(workspaces, 0.0)
    running: list[tuple[float, int, Candidate, float, float]] = []
    now, count = 0.0, 0
    while now < until_s:
        while len(running) < cpus + 1:
            chosen = share.choose(everyone)
            took = typical[chosen.workspace_id] * rng.uniform(0.4, 1.5)
            expected = took * rng.uniform(0.5, 1.5) * (0.6 if chosen.workspace_id < "c" else 1.4)
            share.charge(chosen, expected)
            count += 1
            heappush(running, (now + took, count, chosen, expected, took))
        now, _, ended, expected, took = heappop(running)
        share.correct(ended, expected, took)
        had[ended.workspace_id] += took
    return had


@pytest.mark.parametrize("cpus", [2, 8, 32])
def test_shares_are_within_a_tenth_of_the_weights_while_all_are_backlogged(cpus: int) -> None:
    plans = {"a": "free", "b": "free", "c": "pro", "d": "pro", "e": "enterprise", "f": "enterprise"}
    for seed in range(3):
        had = _simulate(plans, cpus, 6000 / cpus + 300, seed)
        total = sum(weight_of(plan) for plan in plans.values())
        for workspace, plan in plans.items():
            assert had[workspace] / sum(had.values()) == pytest.approx(weight_of(plan) / total, rel=0.1)


def test_who_was_away_comes_back_without_a_credit() -> None:
    share, a, b = FairShare(), _candidate("a"), _candidate("b")
    _served(share, [a, b], 10)
    _served(share, [a], 100)
    assert _served(share, [a, b], 10)["b1"] <= 6


def test_costs_count_not_turns() -> None:
    share, a, b = FairShare(), _candidate("a"), _candidate("b")
    spent: Counter[str] = Counter()
    for _ in range(400):
        chosen = share.choose([a, b])
        cost = 3.0 if chosen is a else 1.0
        share.charge(chosen, cost)
        spent[chosen.workspace_id] += cost
    assert abs(spent["a"] - spent["b"]) <= 3


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.floats(0.1, 10)), max_size=60), st.integers(1, 40))
def test_nobody_starves_whatever_happened_before(history: list[tuple[str, float]], rounds: int) -> None:
    stride: Stride[str] = Stride()
    for key, cost in history:
        stride.charge(key, cost)
    last: dict[str, int] = {}
    for turn in range(200 + rounds):
        chosen = stride.choose(["a", "b", "c"])
        stride.charge(chosen, 1.0)
        last[chosen] = turn
    assert set(last) == {"a", "b", "c"}
    assert min(last.values()) >= 200 + rounds - 4


def test_the_board_serves_backlogged_workspaces_by_their_weights_whatever_their_jobs_are_like() -> None:
    plans = {"a": "free", "b": "free", "c": "pro", "d": "pro", "e": "enterprise", "f": "enterprise"}
    cluster = VirtualCluster(cpus=4, seed=11)
    for n in range(120):
        workspace = "abcdef"[n % 6]
        cells = {"a": 1, "c": 12, "e": 5}.get(workspace, 3)
        cluster.add(VirtualJob(job_id=f"j{n}", workspace_id=workspace, plan=plans[workspace], cells=cells))
    cluster.run(until_s=55.0)
    total = sum(weight_of(plan) for plan in plans.values())
    for workspace, plan in plans.items():
        expected = weight_of(plan) / total
        assert cluster.served_s[workspace] / cluster.served_s.total() == pytest.approx(expected, rel=0.1)


def test_claims_go_round_the_workspaces_oldest_first() -> None:
    jobs = _waiting("a", "a", "a", "b", "b")
    assert [job.job_id for job in claims(jobs, {}, 4)] == ["a-0", "b-3", "a-1", "b-4"]


def test_claims_follow_the_weights() -> None:
    jobs = _waiting(*["f"] * 20, *["p"] * 20, *["e"] * 20)
    assert Counter(job.plan for job in claims(jobs, {}, 10)) == {"free": 1, "pro": 3, "enterprise": 6}


def test_a_newcomer_need_not_wait_for_room() -> None:
    jobs = _waiting("a", "a", "b")
    assert [job.job_id for job in claims(jobs, {("a", JobKind.RENDER): 8}, 0)] == ["b-2"]


def test_an_upload_is_a_newcomer_beside_the_renders_of_its_workspace() -> None:
    jobs = [*_waiting("a", "a"), replace(_waiting("a")[0], job_id="upload", kind=JobKind.PREPARE)]
    assert [job.job_id for job in claims(jobs, {("a", JobKind.RENDER): 8}, 0)] == ["upload"]


def test_a_workspace_has_no_more_jobs_at_a_time_than_its_plan_allows() -> None:
    jobs = _waiting(*["f"] * 100, *["e"] * 100)
    chosen = Counter(job.plan for job in claims(jobs, {("f", JobKind.RENDER): 10}, 1000))
    assert chosen == {"free": share_of("free").most_jobs - 10, "enterprise": 100}


def test_larger_plans_give_more_of_everything() -> None:
    free, pro, enterprise = (PLAN_SHARES[plan] for plan in ("free", "pro", "enterprise"))
    for name in ("weight", "most_jobs", "most_tasks"):
        assert getattr(free, name) < getattr(pro, name) < getattr(enterprise, name)


def test_a_small_job_is_claimed_before_a_long_one_that_came_just_before() -> None:
    long, small = _waiting("a", "a")
    jobs = [replace(long, size=60.0), replace(small, size=6.0)]
    assert [job.job_id for job in claims(jobs, {}, 2)] == ["a-1", "a-0"]


def test_a_long_job_is_not_overtaken_for_ever() -> None:
    long, small = _waiting("a", "a")
    late = small.queued_at + timedelta(seconds=PATIENCE * 60)
    jobs = [replace(long, size=60.0), replace(small, size=6.0, queued_at=late)]
    assert [job.job_id for job in claims(jobs, {}, 2)] == ["a-0", "a-1"]


def test_newcomers_are_bounded_too() -> None:
    jobs = _waiting(*(f"w{n}" for n in range(50)))
    assert len(claims(jobs, {("a", JobKind.RENDER): 8}, 0, newcomers=8)) == 8
    assert claims(jobs, {("a", JobKind.RENDER): 16}, -8, newcomers=8) == ()


def test_short_jobs_wait_neither_for_room_nor_for_the_long_ones_of_their_workspace() -> None:
    group = ("a", JobKind.RENDER)
    jobs = [*_waiting("a", "a"), *_waiting("a", "a", "a", size=6.0)]
    full = {group: share_of("free").most_jobs}
    assert [job.size for job in claims(jobs, full, 100)] == [6.0, 6.0]
    assert [job.size for job in claims(jobs, full, 0, short={group: 1})] == [6.0]
    assert claims(jobs, full, 0, short={group: 2}) == ()


def test_short_jobs_beyond_the_room_are_bounded_too() -> None:
    jobs = _waiting(*(f"w{n}" for n in range(50)), size=6.0)
    active = {(f"w{n}", JobKind.RENDER): 1 for n in range(50)}
    assert len(claims(jobs, active, 0, newcomers=8)) == 16
    assert claims(jobs, active, -16, newcomers=8) == ()


@given(st.lists(st.sampled_from("abcdef")), st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 5)))
def test_claims_take_each_job_at_most_once(workspaces: list[str], active: dict[str, int]) -> None:
    jobs = _waiting(*workspaces)
    chosen = claims(jobs, {(workspace, JobKind.RENDER): count for workspace, count in active.items()}, 5)
    assert len({job.job_id for job in chosen}) == len(chosen)
    assert len(chosen) >= min(5, len(jobs))
