"""What each role and each key may do: the table of rules, looked at from both sides."""

from pathlib import Path
from uuid import uuid4

import pytest

import webapp
from tests.webapp.product import Product
from tests.webapp.workspaces.people import gather, program
from webapp.errors import ForbiddenError, NotFoundError
from webapp.models import Role, Scope, Workspace, utc_now
from webapp.workspaces.policy import RULES, Action, authorize

READS = {Action.READ_VIDEOS, Action.READ_ASSETS, Action.READ_TEMPLATES, Action.READ_WORKSPACE}
WRITES = {Action.WRITE_VIDEOS, Action.WRITE_ASSETS, Action.WRITE_TEMPLATES, Action.WRITE_PLACES}


def may(product: Product, actor, action: Action, workspace_id) -> bool:
    try:
        product.do(lambda session: authorize(session, actor, action, workspace_id))
    except ForbiddenError:
        return False
    return True


def test_viewers_look_editors_make_and_owners_decide(small_product: Product):
    people = gather(small_product)
    allowed = {
        name: {action for action in Action if may(small_product, actor, action, people.workspace_id)}
        for name, actor in (("vi", people.vi), ("ed", people.ed), ("ann", people.ann))
    }
    assert allowed == {"vi": READS, "ed": READS | WRITES, "ann": set(Action)}


@pytest.mark.parametrize("action", Action)
def test_a_key_needs_the_very_scope_even_if_its_user_may(small_product: Product, action: Action):
    people = gather(small_product)
    needed = RULES[action].scope
    assert may(small_product, program(people.ann, needed), action, people.workspace_id)
    assert not may(small_product, program(people.ann, *set(Scope) - {needed}), action, people.workspace_id)


def test_a_key_may_no_more_than_its_user(small_product: Product):
    people = gather(small_product)
    assert not may(small_product, program(people.vi, *Scope), Action.WRITE_VIDEOS, people.workspace_id)


def test_strangers_do_not_learn_that_a_workspace_exists(product: Product):
    people = gather(product)
    for workspace_id in (people.workspace_id, uuid4()):
        with pytest.raises(NotFoundError, match="no such workspace of yours"):
            product.do(lambda session, wanted=workspace_id: authorize(session, people.sam, Action.READ_VIDEOS, wanted))


def test_strangers_are_told_that_what_they_named_is_not_there(small_product: Product):
    people, unknown = gather(small_product), NotFoundError("There is no such thing.", "thing")
    with pytest.raises(NotFoundError, match="no such thing"):
        small_product.do(
            lambda session: authorize(session, people.sam, Action.READ_VIDEOS, people.workspace_id, unknown=unknown)
        )


def test_a_lesser_role_is_told_which_it_takes(small_product: Product):
    people = gather(small_product)
    with pytest.raises(ForbiddenError, match="takes the role editor; yours is viewer"):
        small_product.do(lambda session: authorize(session, people.vi, Action.WRITE_VIDEOS, people.workspace_id))


def test_an_archived_workspace_is_closed_even_to_its_owner(small_product: Product):
    people = gather(small_product)
    small_product.do(lambda session: setattr(session.get_one(Workspace, people.workspace_id), "archived_at", utc_now()))
    for action in Action:
        with pytest.raises(NotFoundError):
            small_product.do(lambda session, each=action: authorize(session, people.ann, each, people.workspace_id))


def test_each_role_includes_those_before_it():
    assert [[role.includes(other) for other in Role] for role in Role] == [
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]


def test_nobody_else_reads_memberships():
    root = Path(webapp.__file__).parent
    readers = {path.relative_to(root).parts[0] for path in root.rglob("*.py") if "WorkspaceMember" in path.read_text()}
    assert readers == {"models", "accounts", "workspaces"}  # a new user is given a workspace of their own by accounts
