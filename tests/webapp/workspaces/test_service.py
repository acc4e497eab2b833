"""Workspaces: whose they are, what they are called, put away and taken out again."""

import pytest

from tests.webapp.product import Product
from tests.webapp.workspaces.people import become, gather, program
from webapp.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from webapp.models import PlanName, Role, Scope, Workspace
from webapp.settings import AppSettings
from webapp.workspaces.policy import Action
from webapp.workspaces.service import (
    MOST_OWNED,
    archive_workspace,
    create_workspace,
    first_plan,
    get_workspace,
    list_workspaces,
    personal_workspace,
    rename_workspace,
    restore_workspace,
    workspace_for,
)


def test_who_makes_a_workspace_owns_it(product: Product):
    ann = product.user("ann")
    made = product.do(lambda session: create_workspace(session, ann, "  Spring   campaign "))
    assert (made.name, made.role, made.plan) == ("Spring campaign", Role.OWNER, PlanName.FREE)
    assert product.do(lambda session: get_workspace(session, ann, made.id)) == made


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "half \ud800"])
def test_a_name_can_be_shown(small_product: Product, name: str):
    ann = small_product.user("ann")
    with pytest.raises(InvalidError) as refusal:
        small_product.do(lambda session: create_workspace(session, ann, name))
    assert refusal.value.field == "name"


def test_nobody_multiplies_a_free_plan_without_end(small_product: Product):
    ann = small_product.user("ann")
    for number in range(MOST_OWNED - 1):
        small_product.do(lambda session, n=number: create_workspace(session, ann, f"Number {n}"))
    with pytest.raises(ConflictError, match=f"{MOST_OWNED} workspaces"):
        small_product.do(lambda session: create_workspace(session, ann, "One more"))


def test_new_workspaces_are_large_enough_to_try_things_out_on_ones_own_machine_only():
    assert first_plan(AppSettings(development_plan="pro")) is PlanName.PRO
    assert first_plan(AppSettings(env="production", secret_key="s" * 64)) is PlanName.FREE


def test_only_owners_rename(small_product: Product):
    people = gather(small_product)
    renamed = small_product.do(
        lambda session: rename_workspace(session, people.ann, people.workspace_id, "Studio North")
    )
    assert renamed.name == "Studio North"
    with pytest.raises(ForbiddenError, match="takes the role owner"):
        small_product.do(lambda session: rename_workspace(session, people.ed, people.workspace_id, "Mine"))


def test_an_archived_workspace_is_hidden_unless_asked_for_and_comes_back(product: Product):
    ann = product.user("ann")
    made = product.do(lambda session: create_workspace(session, ann, "Old")).id
    for _ in range(2):
        assert product.do(lambda session: archive_workspace(session, ann, made)).archived_at is not None
    shown = product.do(lambda session: list_workspaces(session, ann)).workspaces
    all_of_them = product.do(lambda session: list_workspaces(session, ann, with_archived=True)).workspaces
    assert made not in {view.id for view in shown}
    assert made in {view.id for view in all_of_them}
    assert product.do(lambda session: get_workspace(session, ann, made)).archived_at is not None
    assert product.do(lambda session: restore_workspace(session, ann, made)).archived_at is None


def test_the_only_workspace_that_one_owns_stays(small_product: Product):
    ann = small_product.user("ann")
    with pytest.raises(ConflictError, match="make another one first"):
        small_product.do(lambda session: archive_workspace(session, ann, personal_workspace(session, ann).id))


def test_archiving_takes_a_person(small_product: Product):
    people = gather(small_product)
    for act in (archive_workspace, restore_workspace):
        with pytest.raises(ForbiddenError, match="login in the browser"):
            small_product.do(lambda session, do=act: do(session, program(people.ann, *Scope), people.workspace_id))


def test_without_a_name_it_is_ones_own(product: Product):
    ann = product.user("ann")
    own = product.workspace(ann)
    assert product.do(lambda session: workspace_for(session, ann, None, Action.WRITE_VIDEOS)).id == own.id
    assert product.do(lambda session: workspace_for(session, ann, own.id, Action.WRITE_VIDEOS)).id == own.id


def test_a_key_without_the_scope_gets_into_no_workspace_not_even_ones_own(small_product: Product):
    reader = program(small_product.user("ann"), Scope.VIDEOS_READ)
    with pytest.raises(ForbiddenError, match="lacks the scope videos:write"):
        small_product.do(lambda session: workspace_for(session, reader, None, Action.WRITE_VIDEOS))


def test_who_owns_none_is_told_to_name_one(small_product: Product):
    ann = small_product.user("ann")
    own = small_product.workspace(ann)
    small_product.do(lambda session: session.delete(session.get_one(Workspace, own.id)))
    with pytest.raises(NotFoundError, match="own no workspace"):
        small_product.do(lambda session: personal_workspace(session, ann))


def test_the_list_tells_plan_and_role_and_turns_its_pages(product: Product):
    people = gather(product)
    become(product, people.vi, product.workspace(people.sam).id, Role.EDITOR)
    seen, cursor = [], None
    while True:
        page = product.do(lambda session, at=cursor: list_workspaces(session, people.vi, limit=1, cursor=at))
        seen += page.workspaces
        cursor = page.next_cursor
        if cursor is None:
            break
    assert [view.role for view in seen] == [Role.EDITOR, Role.OWNER, Role.VIEWER]
    assert {view.plan for view in seen} == {PlanName.FREE}
