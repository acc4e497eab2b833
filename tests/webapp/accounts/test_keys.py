from dataclasses import replace
from datetime import timedelta

import pytest

from tests.webapp.product import Product
from webapp.accounts.keys import MOST_KEYS, authenticate_key, create_api_key, list_api_keys, revoke_api_key
from webapp.accounts.service import Actor
from webapp.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, UnauthenticatedError
from webapp.models import ApiKey, Scope, utc_now


def _use(product: Product, secret: str) -> Actor:
    return product.do(lambda session: authenticate_key(session, secret))


def test_a_key_acts_for_its_user_until_it_is_revoked(product: Product):
    ann = product.user("ann")
    key = product.do(lambda session: create_api_key(session, ann, "ci"))
    assert _use(product, key.secret).user_id == ann.user_id
    product.do(lambda session: revoke_api_key(session, ann, key.id))
    with pytest.raises(UnauthenticatedError):
        _use(product, key.secret)


def test_a_key_is_kept_as_a_hash_only(product: Product):
    ann = product.user("ann")
    key = product.do(lambda session: create_api_key(session, ann, "ci"))
    [stored] = product.rows(ApiKey)
    assert key.secret not in stored.model_dump_json()
    assert key.secret.startswith(stored.prefix)


def test_a_key_carries_the_scopes_it_was_made_with(product: Product):
    ann = product.user("ann")
    scopes = {Scope.VIDEOS_READ, Scope.ASSETS_WRITE}
    key = product.do(lambda session: create_api_key(session, ann, "ci", scopes=scopes))
    assert _use(product, key.secret).scopes == scopes
    [view] = product.do(lambda session: list_api_keys(session, ann))
    assert set(view.scopes) == scopes


def test_a_key_ends_with_its_time(product: Product):
    ann = product.user("ann")
    key = product.do(
        lambda session: create_api_key(session, ann, "ci", expires_at=utc_now() + timedelta(hours=1)),
    )
    _use(product, key.secret)

    def expire(session) -> None:
        session.get_one(ApiKey, key.id).expires_at = utc_now() - timedelta(seconds=1)

    product.do(expire)
    with pytest.raises(UnauthenticatedError, match="expired"):
        _use(product, key.secret)
    assert product.do(lambda session: list_api_keys(session, ann)) == ()


def test_the_list_tells_when_a_key_was_last_used(product: Product):
    ann = product.user("ann")
    key = product.do(lambda session: create_api_key(session, ann, "  ci  "))
    [unused] = product.do(lambda session: list_api_keys(session, ann))
    assert (unused.name, unused.last_used_at) == ("ci", None)
    _use(product, key.secret)
    [used] = product.do(lambda session: list_api_keys(session, ann))
    assert used.last_used_at is not None


def test_nobody_sees_or_revokes_the_keys_of_others(product: Product):
    ann, bob = product.user("ann"), product.user("bob")
    key = product.do(lambda session: create_api_key(session, ann, "ci"))
    assert product.do(lambda session: list_api_keys(session, bob)) == ()
    with pytest.raises(NotFoundError):
        product.do(lambda session: revoke_api_key(session, bob, key.id))
    _use(product, key.secret)


def test_a_key_makes_lists_and_revokes_no_keys(small_product: Product):
    ann = small_product.user("ann")
    key = small_product.do(lambda session: create_api_key(session, ann, "ci"))
    program = _use(small_product, key.secret)
    for act in (
        lambda session: create_api_key(session, program, "more"),
        lambda session: list_api_keys(session, program),
        lambda session: revoke_api_key(session, program, key.id),
    ):
        with pytest.raises(ForbiddenError, match="login in the browser"):
            small_product.do(act)
    assert program == replace(ann, scopes=frozenset(Scope))


@pytest.mark.parametrize(
    ("order", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"scopes": ()}, "scopes"),
        ({"expires_at": utc_now() - timedelta(seconds=1)}, "expires_at"),
        ({"expires_at": (utc_now() + timedelta(days=1)).replace(tzinfo=None)}, "expires_at"),
    ],
)
def test_an_order_for_a_key_is_checked(small_product: Product, order: dict[str, object], field: str):
    ann = small_product.user("ann")
    with pytest.raises(InvalidError) as refusal:
        small_product.do(lambda session: create_api_key(session, ann, **{"name": "ci", **order}))
    assert refusal.value.field == field


def test_there_is_a_most_of_keys(small_product: Product):
    ann = small_product.user("ann")

    def make_all(session) -> None:
        for number in range(MOST_KEYS):
            create_api_key(session, ann, f"key {number}")

    small_product.do(make_all)
    with pytest.raises(ConflictError, match="revoke one"):
        small_product.do(lambda session: create_api_key(session, ann, "one more"))
