from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from cluster.fair import Candidate, FairShare, Stride, claims, weight_of
from cluster.jobs import WaitingJob

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


def _waiting(*workspaces: str, plan: str = "") -> list[WaitingJob]:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        WaitingJob(
            job_id=f"{workspace}-{n}",
            workspace_id=workspace,
            plan=plan or _PLANS.get(workspace[0], "free"),
            queued_at=start + timedelta(seconds=n),
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


def test_a_small_job_runs_beside_a_long_one_of_the_same_workspace() -> None:
    share, long, small = FairShare(), _candidate("a", "long"), _candidate("a", "small")
    _served(share, [long], 100)
    assert _served(share, [long, small], 10)["asmall"] == 5


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


def test_claims_go_round_the_workspaces_oldest_first() -> None:
    jobs = _waiting("a", "a", "a", "b", "b")
    assert [job.job_id for job in claims(jobs, {}, 4)] == ["a-0", "b-3", "a-1", "b-4"]


def test_claims_follow_the_weights() -> None:
    jobs = _waiting(*["f"] * 20, *["p"] * 20, *["e"] * 20)
    assert Counter(job.plan for job in claims(jobs, {}, 10)) == {"free": 1, "pro": 3, "enterprise": 6}


def test_a_newcomer_need_not_wait_for_room() -> None:
    jobs = _waiting("a", "a", "b")
    assert [job.job_id for job in claims(jobs, {"a": 8}, 0)] == ["b-2"]


def test_newcomers_are_bounded_too() -> None:
    jobs = _waiting(*(f"w{n}" for n in range(50)))
    assert len(claims(jobs, {"a": 8}, 0, newcomers=8)) == 8
    assert claims(jobs, {"a": 16}, -8, newcomers=8) == ()


@given(st.lists(st.sampled_from("abcdef")), st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 5)))
def test_claims_take_each_job_at_most_once(workspaces: list[str], active: dict[str, int]) -> None:
    jobs = _waiting(*workspaces)
    chosen = claims(jobs, active, 5)
    assert len({job.job_id for job in chosen}) == len(chosen)
    assert len(chosen) >= min(5, len(jobs))
