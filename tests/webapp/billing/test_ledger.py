from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest

from tests.webapp.product import Product
from webapp.accounts.service import Actor
from webapp.billing.ledger import release, reserve, settle
from webapp.billing.limits import current_usage, require_allowance
from webapp.billing.plans import PLANS
from webapp.db import unit_of_work
from webapp.errors import PlanLimitError, QuotaExceededError
from webapp.models import PlanName, UsageEntry, UsageState, UserUsage


@pytest.fixture
def ann(product: Product) -> Actor:
    return product.user("ann")


def _reserve(product: Product, actor: Actor, duration_s: float = 10.0) -> UUID:
    job_id, workspace = uuid4(), product.workspace(actor)
    product.do(lambda session: reserve(session, workspace.id, actor.user_id, job_id, duration_s))
    return job_id


def test_the_plans_are_those_of_the_product():
    facts = {name: (plan.videos_a_month, plan.longest_s, plan.storage_bytes // 10**9) for name, plan in PLANS.items()}
    assert facts == {
        PlanName.FREE: (5, 60, 1),
        PlanName.PRO: (100, 300, 10),
        PlanName.ENTERPRISE: (1000, 1800, 100),
    }


def test_reservations_count_before_they_are_settled(product: Product, ann: Actor):
    for _ in range(5):
        _reserve(product, ann)
    with pytest.raises(QuotaExceededError, match="This month's 5 videos of the plan free are used up"):
        _reserve(product, ann)


def test_a_released_reservation_can_be_used_again(product: Product, ann: Actor):
    jobs = [_reserve(product, ann) for _ in range(5)]
    assert product.do(lambda session: release(session, jobs[0]))
    _reserve(product, ann)


def test_a_settled_one_stays_used(product: Product, ann: Actor):
    jobs = [_reserve(product, ann) for _ in range(5)]
    product.do(lambda session: settle(session, jobs[0], 3.0))
    with pytest.raises(QuotaExceededError):
        _reserve(product, ann)


def test_a_larger_plan_allows_more(product: Product, ann: Actor):
    for _ in range(5):
        _reserve(product, ann)
    product.set_plan(ann, PlanName.PRO)
    _reserve(product, ann, duration_s=299)


def test_each_job_is_closed_once(product: Product, ann: Actor):
    job = _reserve(product, ann)
    assert product.do(lambda session: settle(session, job, 3.0))
    assert not product.do(lambda session: settle(session, job, 3.0))
    assert not product.do(lambda session: release(session, job))
    [usage], [entry] = product.rows(UserUsage), product.rows(UsageEntry)
    assert (usage.videos_rendered, usage.total_render_time) == (1, 3.0)
    assert entry.state is UsageState.SETTLED


def test_the_month_is_the_sum_of_the_ledger(product: Product, ann: Actor):
    for seconds in (1.0, 2.5):
        job = _reserve(product, ann)
        product.do(lambda session, job=job, seconds=seconds: settle(session, job, seconds))
    given_back = _reserve(product, ann)
    product.do(lambda session: release(session, given_back))
    [usage] = product.rows(UserUsage)
    assert (usage.videos_rendered, usage.total_render_time) == (2, 3.5)
    assert usage.period_start < usage.period_end
    assert (usage.period_start.day, usage.period_end.day) == (1, 1)


def test_the_last_video_is_given_to_one_of_many(product: Product, ann: Actor):
    for _ in range(4):
        _reserve(product, ann)

    def try_it(_: int) -> bool:
        try:
            _reserve(product, ann)
        except QuotaExceededError:
            return False
        return True

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(try_it, range(6))) == 1


def test_jobs_that_end_at_the_same_moment_are_all_in_the_month(product: Product, ann: Actor):
    product.set_plan(ann, PlanName.PRO)
    jobs = [_reserve(product, ann) for _ in range(16)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda job: product.do(lambda session: settle(session, job, 1.0)), jobs))
    [usage] = product.rows(UserUsage)
    assert (usage.videos_rendered, usage.total_render_time) == (16, 16.0)


def test_too_long_a_video_is_refused_with_its_limit(product: Product, ann: Actor):
    with pytest.raises(PlanLimitError, match=r"would last 61\.0 s; the plan free allows 60 s") as refusal:
        _reserve(product, ann, duration_s=61)
    assert (refusal.value.status, refusal.value.field) == (403, "config.duration")
    assert product.rows(UsageEntry) == []


def test_storage_has_a_limit(product: Product, ann: Actor):
    workspace = product.workspace(ann)
    with unit_of_work(product.container.engine) as session:
        require_allowance(session, workspace, storage_bytes=10**9)
        with pytest.raises(QuotaExceededError, match="stores 1 GB") as refusal:
            require_allowance(session, workspace, storage_bytes=10**9 + 1)
    assert refusal.value.status == 402


def test_usage_can_be_looked_at(product: Product, ann: Actor):
    _reserve(product, ann)
    usage = product.do(lambda session: current_usage(session, product.workspace(ann)))
    assert (usage.plan, usage.videos_used, usage.videos_a_month, usage.storage_used) == (PlanName.FREE, 1, 5, 0)
