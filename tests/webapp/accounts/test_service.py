from datetime import timedelta

import pytest
from sqlmodel import Session

from tests.webapp.product import Product
from webapp.accounts.service import (
    SESSION_LIFETIME,
    Actor,
    authenticate,
    create_api_key,
    log_out,
    login_development,
    revoke_api_key,
    token_from_cookies,
)
from webapp.errors import AppError, ForbiddenError, InvalidError, NotFoundError, UnauthenticatedError
from webapp.models import ApiKey, PlanName, Role, User, UserSession, Workspace, WorkspaceMember, utc_now
from webapp.settings import AppSettings


def _login(session: Session, name: str = "ann", host: str = "127.0.0.1") -> tuple[Actor, str]:
    return login_development(session, AppSettings(), client_host=host, name=name)


def test_the_first_login_makes_a_user_who_owns_a_workspace(product: Product):
    actor, _ = product.do(_login)
    assert [user.id for user in product.rows(User)] == [actor.user_id]
    [workspace], [member] = product.rows(Workspace), product.rows(WorkspaceMember)
    assert (member.workspace_id, member.user_id, member.role) == (workspace.id, actor.user_id, Role.OWNER)


def test_who_tries_things_out_gets_a_plan_to_do_it_with(product: Product):
    product.do(_login)
    assert [workspace.plan for workspace in product.rows(Workspace)] == [PlanName.PRO]


def test_the_next_login_is_the_same_user_in_another_session(product: Product):
    first, first_token = product.do(_login)
    second, second_token = product.do(_login)
    assert first.user_id == second.user_id
    assert first_token != second_token
    assert len(product.rows(Workspace)) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
def test_loopback_may_log_in(product: Product, host: str):
    product.do(lambda session: _login(session, host=host))


@pytest.mark.parametrize("host", ["10.0.0.7", "::ffff:10.0.0.7", "2001:db8::1", "localhost", ""])
def test_the_network_may_not_log_in(small_product: Product, host: str):
    with pytest.raises(ForbiddenError, match="on the machine itself"):
        small_product.do(lambda session: _login(session, host=host))
    assert small_product.rows(User) == []


def test_production_has_no_development_login(small_product: Product):
    settings = AppSettings(env="production", secret_key="long and random")  # type: ignore[arg-type] # pydantic converts it
    with pytest.raises(ForbiddenError, match="production"):
        small_product.do(lambda session: login_development(session, settings, client_host="127.0.0.1"))


@pytest.mark.parametrize("name", ["", "  ", "x" * 51])
def test_names_have_limits(small_product: Product, name: str):
    with pytest.raises(InvalidError, match="1 to 50 characters"):
        small_product.do(lambda session: _login(session, name))


def test_the_token_tells_who_asks(product: Product):
    actor, token = product.do(_login)
    assert product.do(lambda session: authenticate(session, session_token=token)) == actor


def test_tokens_and_keys_are_kept_as_hashes_only(product: Product):
    actor, token = product.do(_login)
    key = product.do(lambda session: create_api_key(session, actor, "ci"))
    [stored], [stored_key] = product.rows(UserSession), product.rows(ApiKey)
    assert token not in stored.model_dump_json()
    assert key.secret not in stored_key.model_dump_json()


def _refused(product: Product, **credentials: str) -> AppError:
    with pytest.raises(UnauthenticatedError) as refusal:
        product.do(lambda session: authenticate(session, **credentials))
    return refusal.value


def test_nothing_and_nonsense_are_nobody(product: Product):
    assert "Log in first" in _refused(product).detail
    _refused(product, session_token="nonsense")
    _refused(product, api_key="rg_nonsense")


def test_a_session_ends_with_its_logout(product: Product):
    actor, token = product.do(_login)
    product.do(lambda session: log_out(session, actor))
    _refused(product, session_token=token)


def test_a_session_ends_with_its_time(product: Product):
    actor, token = product.do(_login)

    def expire(session: Session) -> None:
        session.get_one(UserSession, actor.session_id).expires_at = utc_now() - timedelta(seconds=1)

    product.do(expire)
    _refused(product, session_token=token)
    assert timedelta(days=1) < SESSION_LIFETIME


def test_a_key_acts_for_its_user_until_it_is_revoked(product: Product):
    actor, _ = product.do(_login)
    key = product.do(lambda session: create_api_key(session, actor, "ci"))
    assert product.do(lambda session: authenticate(session, api_key=key.secret)).user_id == actor.user_id
    product.do(lambda session: revoke_api_key(session, actor, key.id))
    _refused(product, api_key=key.secret)


def test_nobody_revokes_the_keys_of_others(product: Product):
    ann, _ = product.do(_login)
    key = product.do(lambda session: create_api_key(session, ann, "ci"))
    with pytest.raises(NotFoundError):
        product.do(lambda session: revoke_api_key(session, product.user("bob"), key.id))
    product.do(lambda session: authenticate(session, api_key=key.secret))


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
