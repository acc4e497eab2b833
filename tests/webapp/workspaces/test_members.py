"""Members: their roles, their going, and the owner who stays."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests.webapp.product import Product
from tests.webapp.workspaces.people import become, gather, program
from webapp.errors import AppError, ConflictError, ForbiddenError, NotFoundError
from webapp.models import Role, Scope, WorkspaceMember
from webapp.workspaces.members import change_role, leave_workspace, list_members, remove_member


def roles(product: Product, workspace_id) -> list[Role]:
    return sorted(row.role for row in product.rows(WorkspaceMember) if row.workspace_id == workspace_id)


def test_members_are_listed_in_pages_those_who_came_last_first(product: Product):
    people = gather(product)
    first = product.do(lambda session: list_members(session, people.vi, people.workspace_id, limit=2))
    rest = product.do(
        lambda session: list_members(session, people.vi, people.workspace_id, limit=2, cursor=first.next_cursor)
    )
    assert [view.display_name for view in first.members + rest.members] == ["vi", "ed", "ann"]
    assert rest.next_cursor is None
    with pytest.raises(NotFoundError):
        product.do(lambda session: list_members(session, people.sam, people.workspace_id))


def test_an_owner_changes_roles_and_sends_away(product: Product):
    people = gather(product)
    changed = product.do(
        lambda session: change_role(session, people.ann, people.workspace_id, people.vi.user_id, Role.EDITOR)
    )
    assert changed.role is Role.EDITOR
    product.do(lambda session: remove_member(session, people.ann, people.workspace_id, people.ed.user_id))
    assert roles(product, people.workspace_id) == [Role.EDITOR, Role.OWNER]


def test_others_do_not(small_product: Product):
    people = gather(small_product)
    for actor in (people.ed, people.vi):
        with pytest.raises(ForbiddenError):
            small_product.do(
                lambda session, who=actor: change_role(session, who, people.workspace_id, who.user_id, Role.OWNER)
            )
        with pytest.raises(ForbiddenError):
            small_product.do(
                lambda session, who=actor: remove_member(session, who, people.workspace_id, people.ann.user_id)
            )
    with pytest.raises(NotFoundError, match="no such member"):
        small_product.do(lambda session: remove_member(session, people.ann, people.workspace_id, people.sam.user_id))


def test_anybody_may_leave_but_no_program_for_them(small_product: Product):
    people = gather(small_product)
    with pytest.raises(ForbiddenError, match="login in the browser"):
        small_product.do(lambda session: leave_workspace(session, program(people.vi, *Scope), people.workspace_id))
    small_product.do(lambda session: leave_workspace(session, people.vi, people.workspace_id))
    assert roles(small_product, people.workspace_id) == [Role.EDITOR, Role.OWNER]
    with pytest.raises(NotFoundError):
        small_product.do(lambda session: leave_workspace(session, people.vi, people.workspace_id))


def test_the_last_owner_stays_an_owner(small_product: Product):
    people = gather(small_product)
    here, ann = people.workspace_id, people.ann
    for act in (
        lambda session: leave_workspace(session, ann, here),
        lambda session: remove_member(session, ann, here, ann.user_id),
        lambda session: change_role(session, ann, here, ann.user_id, Role.EDITOR),
    ):
        with pytest.raises(ConflictError, match="keeps an owner"):
            small_product.do(act)
    small_product.do(lambda session: change_role(session, ann, here, people.ed.user_id, Role.OWNER))
    small_product.do(lambda session: leave_workspace(session, ann, here))
    assert roles(small_product, here) == [Role.OWNER, Role.VIEWER]


def test_of_two_owners_who_leave_at_once_one_stays(product: Product):
    people = gather(product)
    bea = product.user("bea")
    become(product, bea, people.workspace_id, Role.OWNER)
    barrier = Barrier(2)

    def leave(actor) -> bool:
        barrier.wait()
        try:
            product.do(lambda session: leave_workspace(session, actor, people.workspace_id))
        except AppError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(leave, (people.ann, bea))) == [False, True]
    assert roles(product, people.workspace_id) == [Role.EDITOR, Role.OWNER, Role.VIEWER]


def test_of_two_owners_who_send_each_other_away_one_stays(product: Product):
    people = gather(product)
    bea = product.user("bea")
    become(product, bea, people.workspace_id, Role.OWNER)
    barrier = Barrier(2)

    def oust(pair) -> bool:
        barrier.wait()
        try:
            product.do(lambda session: remove_member(session, pair[0], people.workspace_id, pair[1].user_id))
        except AppError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(oust, ((people.ann, bea), (bea, people.ann)))) == [False, True]
    assert Role.OWNER in roles(product, people.workspace_id)
