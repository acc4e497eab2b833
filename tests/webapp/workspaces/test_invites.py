"""Invitations by link: for one person, for a while, with a role."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from tests.webapp.product import Product
from tests.webapp.workspaces.people import become, gather, program
from webapp.errors import AppError, ConflictError, ForbiddenError, InvalidError, NotFoundError
from webapp.models import Role, Scope, WorkspaceInvite, WorkspaceMember, utc_now
from webapp.workspaces.invites import MOST_OPEN, accept_invite, invite, list_open_invites, revoke_invite, show_invite
from webapp.workspaces.members import change_role, remove_member
from webapp.workspaces.service import archive_workspace, create_workspace


@pytest.fixture
def people(small_product: Product):
    return gather(small_product)


def offered(product: Product, people, role: Role = Role.EDITOR):
    return product.do(lambda session: invite(session, people.ann, people.workspace_id, role))


def role_of(product: Product, people, actor) -> Role | None:
    rows = (row for row in product.rows(WorkspaceMember) if row.workspace_id == people.workspace_id)
    return next((row.role for row in rows if row.user_id == actor.user_id), None)


def test_who_accepts_becomes_a_member_with_the_role_that_was_offered(product: Product):
    people = gather(product)
    made = offered(product, people)
    assert made.path == f"/join/{made.token}"
    offer = product.do(lambda session: show_invite(session, people.sam, made.token))
    assert (offer.workspace_id, offer.invited_by, offer.role) == (people.workspace_id, "ann", Role.EDITOR)
    assert offer.current_role is None
    joined = product.do(lambda session: accept_invite(session, people.sam, made.token))
    assert (joined.id, joined.role) == (people.workspace_id, Role.EDITOR)
    assert role_of(product, people, people.sam) is Role.EDITOR


def test_only_the_hash_of_a_token_is_kept(small_product: Product, people):
    made = offered(small_product, people)
    [row] = small_product.rows(WorkspaceInvite)
    assert made.token not in str(row.model_dump())


def test_an_invitation_is_used_once(small_product: Product, people):
    made = offered(small_product, people)
    small_product.do(lambda session: accept_invite(session, people.sam, made.token))
    late = small_product.user("late")
    for look in (accept_invite, show_invite):
        with pytest.raises(NotFoundError, match="has been accepted already"):
            small_product.do(lambda session, act=look: act(session, late, made.token))


def test_accepting_twice_is_accepting_once(small_product: Product, people):
    made = offered(small_product, people)
    first, second = (small_product.do(lambda session: accept_invite(session, people.sam, made.token)) for _ in range(2))
    assert first == second


def test_who_was_sent_away_cannot_come_back_by_the_same_link(small_product: Product, people):
    made = offered(small_product, people)
    small_product.do(lambda session: accept_invite(session, people.sam, made.token))
    small_product.do(lambda session: remove_member(session, people.ann, people.workspace_id, people.sam.user_id))
    with pytest.raises(NotFoundError, match="accepted already"):
        small_product.do(lambda session: accept_invite(session, people.sam, made.token))


def test_of_two_people_who_accept_at_once_one_gets_in(product: Product):
    people = gather(product)
    made, pat = offered(product, people), product.user("pat")
    barrier = Barrier(2)

    def accept(actor) -> bool:
        barrier.wait()
        try:
            product.do(lambda session: accept_invite(session, actor, made.token))
        except AppError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(accept, (people.sam, pat))) == [False, True]
    assert sum(row.workspace_id == people.workspace_id for row in product.rows(WorkspaceMember)) == 4


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR])
def test_a_member_keeps_their_role_and_leaves_the_invitation_for_somebody_else(small_product: Product, people, role):
    made = offered(small_product, people, role)
    assert small_product.do(lambda session: accept_invite(session, people.ed, made.token)).role is Role.EDITOR
    assert small_product.do(lambda session: accept_invite(session, people.sam, made.token)).role is role


def test_a_member_may_be_invited_to_do_more(small_product: Product, people):
    made = offered(small_product, people)
    assert small_product.do(lambda session: show_invite(session, people.vi, made.token)).current_role is Role.VIEWER
    assert small_product.do(lambda session: accept_invite(session, people.vi, made.token)).role is Role.EDITOR
    with pytest.raises(NotFoundError):
        small_product.do(lambda session: accept_invite(session, people.sam, made.token))


def test_an_invitation_that_was_taken_back_or_has_expired_lets_nobody_in(product: Product):
    people = gather(product)
    taken, expired = offered(product, people), offered(product, people)
    for _ in range(2):
        product.do(lambda session: revoke_invite(session, people.ann, people.workspace_id, taken.id))

    def expire(session):
        session.get_one(WorkspaceInvite, expired.id).expires_at = utc_now() - timedelta(seconds=1)

    product.do(expire)
    assert product.do(lambda session: list_open_invites(session, people.ann, people.workspace_id)) == ()
    for made, reason in ((taken, "was taken back"), (expired, "has expired")):
        with pytest.raises(NotFoundError, match=reason):
            product.do(lambda session, token=made.token: accept_invite(session, people.sam, token))
    assert role_of(product, people, people.sam) is None


def test_nobody_joins_an_archived_workspace(small_product: Product, people):
    made = offered(small_product, people)
    small_product.do(lambda session: create_workspace(session, people.ann, "Another"))
    small_product.do(lambda session: archive_workspace(session, people.ann, people.workspace_id))
    with pytest.raises(NotFoundError, match="was taken back"):
        small_product.do(lambda session: accept_invite(session, people.sam, made.token))


@pytest.mark.parametrize("token", ["", "made-up", "half \ud800"])
def test_other_tokens_open_nothing(small_product: Product, people, token: str):
    for look in (accept_invite, show_invite):
        with pytest.raises((NotFoundError, InvalidError)) as refusal:
            small_product.do(lambda session, act=look: act(session, people.sam, token))
        assert refusal.value.field == "token"


def test_open_invitations_are_listed_without_their_tokens_for_owners_only(small_product: Product, people):
    first, second = offered(small_product, people), offered(small_product, people, Role.VIEWER)
    listed = small_product.do(lambda session: list_open_invites(session, people.ann, people.workspace_id))
    assert [view.id for view in listed] == [second.id, first.id]
    assert {view.invited_by for view in listed} == {"ann"}
    assert not hasattr(listed[0], "token")
    with pytest.raises(ForbiddenError):
        small_product.do(lambda session: list_open_invites(session, people.ed, people.workspace_id))


def test_a_former_owner_has_left_no_way_back_open(small_product: Product, people):
    here = people.workspace_id
    small_product.do(lambda session: change_role(session, people.ann, here, people.ed.user_id, Role.OWNER))
    back_door = small_product.do(lambda session: invite(session, people.ed, here, Role.OWNER))
    kept = offered(small_product, people)
    small_product.do(lambda session: change_role(session, people.ann, here, people.ed.user_id, Role.VIEWER))
    with pytest.raises(NotFoundError, match="was taken back"):
        small_product.do(lambda session: accept_invite(session, people.sam, back_door.token))
    assert small_product.do(lambda session: accept_invite(session, people.sam, kept.token)).role is Role.EDITOR


def test_who_invites_is_an_owner_and_who_accepts_a_person(small_product: Product, people):
    for actor in (people.ed, people.vi):
        with pytest.raises(ForbiddenError):
            small_product.do(lambda session, who=actor: invite(session, who, people.workspace_id, Role.VIEWER))
    made = offered(small_product, people)
    for look in (accept_invite, show_invite):
        with pytest.raises(ForbiddenError, match="login in the browser"):
            small_product.do(lambda session, act=look: act(session, program(people.sam, *Scope), made.token))


@pytest.mark.parametrize("lifetime", [timedelta(0), timedelta(days=31)])
def test_an_invitation_lives_for_a_month_at_most(small_product: Product, people, lifetime: timedelta):
    with pytest.raises(InvalidError, match="30 days"):
        small_product.do(lambda session: invite(session, people.ann, people.workspace_id, Role.VIEWER, lifetime))


def test_open_invitations_are_bounded(small_product: Product, people):
    here, ann = people.workspace_id, people.ann
    made = small_product.do(lambda session: [invite(session, ann, here, Role.VIEWER) for _ in range(MOST_OPEN)])
    with pytest.raises(ConflictError, match="revoke one first"):
        offered(small_product, people)
    small_product.do(lambda session: revoke_invite(session, ann, here, made[0].id))
    offered(small_product, people)


def test_an_accepted_invitation_and_those_of_elsewhere_are_not_taken_back(small_product: Product, people):
    made = offered(small_product, people)
    small_product.do(lambda session: accept_invite(session, people.sam, made.token))
    with pytest.raises(ConflictError, match="remove the member instead"):
        small_product.do(lambda session: revoke_invite(session, people.ann, people.workspace_id, made.id))
    own = small_product.workspace(people.vi).id
    with pytest.raises(NotFoundError, match="no such invitation"):
        small_product.do(lambda session: revoke_invite(session, people.vi, own, made.id))


def test_a_second_membership_changes_nothing_elsewhere(small_product: Product, people):
    become(small_product, people.sam, small_product.workspace(people.vi).id, Role.VIEWER)
    made = offered(small_product, people)
    small_product.do(lambda session: accept_invite(session, people.sam, made.token))
    assert sorted(row.role for row in small_product.rows(WorkspaceMember) if row.user_id == people.sam.user_id) == [
        Role.EDITOR,
        Role.OWNER,
        Role.VIEWER,
    ]
