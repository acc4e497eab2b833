from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from tests.webapp.logins import log_in
from tests.webapp.product import Product
from webapp.accounts.service import Actor
from webapp.accounts.sessions import (
    GRACE,
    ROTATED_AFTER,
    SESSION_LIFETIME,
    actor_of_session,
    authenticate_session,
    cookie_name,
    end_other_sessions,
    end_session,
    list_sessions,
    open_session,
    rotate,
    token_from_cookies,
)
from webapp.errors import ForbiddenError, NotFoundError, UnauthenticatedError
from webapp.models import Scope, UserSession, utc_now
from webapp.settings import AppSettings

SECRET = "the server's"


def _who(product: Product, token: str) -> Actor:
    return product.do(lambda session: authenticate_session(session, token))


def _is_refused(product: Product, token: str) -> bool:
    try:
        _who(product, token)
    except UnauthenticatedError:
        return True
    return False


def _offered(product: Product, token: str) -> str | None:
    def ask(session) -> str | None:
        offer = rotate(session, authenticate_session(session, token), token, SECRET)
        return offer[0] if offer else None

    return product.do(ask)


def _age(product: Product, by: timedelta, change: Callable[[UserSession, timedelta], None] | None = None) -> None:
    """Let time pass for the only session."""

    def make_older(session) -> None:
        [row] = session.exec(select(UserSession)).all()
        (change or _turn_back)(row, by)

    product.do(make_older)


def _turn_back(row: UserSession, by: timedelta) -> None:
    row.rotated_at -= by


def test_the_token_tells_who_asks(product: Product):
    actor, token = product.do(lambda session: log_in(session, "ann"))
    assert _who(product, token) == actor
    assert product.do(lambda session: actor_of_session(session, actor.session_id)) == actor


def test_each_login_is_a_session_of_its_own(product: Product):
    (first, first_token), (second, second_token) = (
        product.do(lambda session: log_in(session, "ann")) for _ in range(2)
    )
    assert first.user_id == second.user_id
    assert (first.session_id, first_token) != (second.session_id, second_token)


def test_tokens_are_kept_as_hashes_only(product: Product):
    _, token = product.do(lambda session: log_in(session, "ann"))
    _age(product, ROTATED_AFTER)
    following = _offered(product, token)
    [stored] = product.rows(UserSession)
    assert token not in stored.model_dump_json()
    assert following
    assert following not in stored.model_dump_json()


def test_nonsense_is_nobody(product: Product):
    product.do(lambda session: log_in(session, "ann"))
    assert _is_refused(product, "nonsense")
    assert _is_refused(product, "")


def test_a_session_ends_with_its_time(product: Product):
    actor, token = product.do(lambda session: log_in(session, "ann"))

    def expire(row: UserSession, by: timedelta) -> None:
        row.expires_at -= by

    _age(product, SESSION_LIFETIME, expire)
    assert _is_refused(product, token)
    with pytest.raises(UnauthenticatedError):
        product.do(lambda session: actor_of_session(session, actor.session_id))


def test_a_young_token_stays(product: Product):
    _, token = product.do(lambda session: log_in(session, "ann"))
    assert _offered(product, token) is None


def test_an_old_token_is_followed_by_the_next_which_leads_to_the_same_session(product: Product):
    actor, token = product.do(lambda session: log_in(session, "ann"))
    _age(product, ROTATED_AFTER)
    following = _offered(product, token)
    assert following
    assert following != token
    assert _who(product, following) == actor
    assert _offered(product, following) is None


def test_requests_on_their_way_may_come_with_the_last_token_for_a_moment(product: Product):
    _, token = product.do(lambda session: log_in(session, "ann"))
    _age(product, ROTATED_AFTER)
    following = _offered(product, token)
    _who(product, following)
    assert not _is_refused(product, token)
    _age(product, GRACE)
    assert _is_refused(product, token)
    assert not _is_refused(product, following)


def test_an_answer_that_was_lost_or_late_locks_nobody_out(product: Product):
    _, token = product.do(lambda session: log_in(session, "ann"))
    _age(product, ROTATED_AFTER)
    lost = _offered(product, token)
    _age(product, timedelta(days=3))
    assert _offered(product, token) == lost  # what arrives late is the same token
    assert not _is_refused(product, token)


def test_the_next_token_cannot_be_told_from_the_last_one(product: Product):
    _, token = product.do(lambda session: log_in(session, "ann"))
    _age(product, ROTATED_AFTER)
    actor = _who(product, token)
    guesses = [product.do(lambda session, key=key: rotate(session, actor, token, key)) for key in ("", "guess", SECRET)]
    assert len({guess[0] for guess in guesses if guess}) == 3


def test_whoever_holds_the_session_goes_on_after_its_token_has_grown_old(product: Product):
    actor, token = product.do(lambda session: log_in(session, "ann"))
    _age(product, ROTATED_AFTER)
    _who(product, _offered(product, token))
    _age(product, GRACE)
    assert product.do(lambda session: actor_of_session(session, actor.session_id)) == actor


def test_sessions_are_listed_with_the_one_that_asks_marked(product: Product):
    here, _ = product.do(lambda session: log_in(session, "ann"))
    product.do(lambda session: open_session(session, here, user_agent="Mozilla " * 100, address="10.0.0.7"))
    product.do(lambda session: log_in(session, "bob"))
    views = product.do(lambda session: list_sessions(session, here))
    assert {view.is_current for view in views if view.id == here.session_id} == {True}
    [other] = [view for view in views if not view.is_current]
    assert (other.user_agent[:8], len(other.user_agent), other.address) == ("Mozilla ", 300, "10.0.0.7")
    assert len(views) == 2


def test_one_ends_ones_own_sessions_only(product: Product):
    ann, token = product.do(lambda session: log_in(session, "ann"))
    bob, _ = product.do(lambda session: log_in(session, "bob"))
    with pytest.raises(NotFoundError):
        product.do(lambda session: end_session(session, bob, ann.session_id))
    product.do(lambda session: end_session(session, ann, ann.session_id))
    assert _is_refused(product, token)
    with pytest.raises(NotFoundError):
        product.do(lambda session: end_session(session, ann, ann.session_id))


def test_all_others_end_at_once(product: Product):
    tokens = [product.do(lambda session: log_in(session, "ann"))[1] for _ in range(3)]
    bobs = product.do(lambda session: log_in(session, "bob"))[1]
    here = _who(product, tokens[0])
    assert product.do(lambda session: end_other_sessions(session, here)) == 2
    assert [_is_refused(product, token) for token in (*tokens, bobs)] == [False, True, True, False]


def test_what_has_ended_is_forgotten_at_the_next_login(product: Product):
    ann, _ = product.do(lambda session: log_in(session, "ann"))
    product.do(lambda session: end_session(session, ann, ann.session_id))
    again, _ = product.do(lambda session: log_in(session, "ann"))
    assert [row.id for row in product.rows(UserSession)] == [again.session_id]


def test_programs_have_nothing_to_say_about_sessions(small_product: Product):
    ann, _ = small_product.do(lambda session: log_in(session, "ann"))
    program = replace(ann, session_id=None, scopes=frozenset(Scope))
    for act in (
        lambda session: list_sessions(session, program),
        lambda session: end_session(session, program, ann.session_id),
        lambda session: end_other_sessions(session, program),
    ):
        with pytest.raises(ForbiddenError):
            small_product.do(act)


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("reelgrove_session=abc", "abc"),
        ("a=1; reelgrove_session=abc; b=2", "abc"),
        ("a=1", None),
        ("", None),
        ("\x00", None),
    ],
)
def test_the_token_is_found_among_cookies(header: str, token: str | None):
    assert token_from_cookies(header) == token


def test_in_production_the_cookie_is_this_very_hosts():
    production = AppSettings(env="production", secret_key="long and random")  # type: ignore[arg-type] # pydantic converts it
    assert cookie_name(production) == "__Host-reelgrove_session"
    assert token_from_cookies("reelgrove_session=planted", cookie_name(production)) is None
    assert utc_now() < utc_now() + SESSION_LIFETIME
