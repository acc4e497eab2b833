from collections.abc import Callable
from uuid import uuid4

from sqlmodel import select

from tests.webapp.product import Product
from webapp.billing.ledger import reserve, settle
from webapp.models import PlanName, UserUsage


def test_a_workspace_is_put_on_a_plan_by_hand(run_product: Product, reelgrove: Callable):
    ann = run_product.user("ann")
    said = reelgrove("workspace", "plan", run_product.workspace(ann).id, "pro")
    assert said.code == 0
    assert "free → pro; 0 of 100 videos this month, 0.0 of 10 GB, videos of up to 300 s" in said.out
    assert run_product.workspace(ann).plan is PlanName.PRO


def test_a_workspace_that_is_not_there_is_said_to_be_missing(run_product: Product, reelgrove: Callable):
    missing = uuid4()
    said = reelgrove("workspace", "plan", missing, "pro")
    assert (said.code, f"There is no workspace {missing}." in said.out) == (1, True)


def test_months_are_counted_again_from_the_ledger(run_product: Product, reelgrove: Callable):
    ann, job_id = run_product.user("ann"), uuid4()
    workspace = run_product.workspace(ann)
    run_product.do(lambda session: reserve(session, workspace.id, ann.user_id, job_id, 10.0))
    run_product.do(lambda session: settle(session, job_id, 2.5))
    run_product.do(lambda session: setattr(session.exec(select(UserUsage)).one(), "videos_rendered", 7))
    assert "1 months of users were counted again." in reelgrove("workspace", "recount").out
    [month] = run_product.rows(UserUsage)
    assert (month.videos_rendered, month.total_render_time) == (1, 2.5)
