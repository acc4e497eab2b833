import pytest

from tests.webapp.product import Product
from webapp.accounts.service import ensure_user
from webapp.models import PlanName, Role, User, Workspace, WorkspaceMember


def test_the_first_login_makes_a_user_who_owns_a_workspace(product: Product):
    actor = product.do(lambda session: ensure_user(session, "test", "ann"))
    assert [user.id for user in product.rows(User)] == [actor.user_id]
    [workspace], [member] = product.rows(Workspace), product.rows(WorkspaceMember)
    assert (member.workspace_id, member.user_id, member.role) == (workspace.id, actor.user_id, Role.OWNER)


def test_the_next_login_is_the_same_user(product: Product):
    first, second = (product.do(lambda session: ensure_user(session, "test", "ann")) for _ in range(2))
    assert first == second
    assert len(product.rows(Workspace)) == 1


@pytest.mark.parametrize("plan", PlanName)
def test_a_new_workspace_has_the_plan_that_was_said(small_product: Product, plan: PlanName):
    small_product.do(lambda session: ensure_user(session, "test", "ann", plan))
    assert [workspace.plan for workspace in small_product.rows(Workspace)] == [plan]
