import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlmodel import select

from tests.webapp.product import Product
from webapp.accounts.openid import IdentityRefusedError
from webapp.accounts.service import Identity
from webapp.accounts.telegram import login_mini_app, login_widget
from webapp.errors import NotFoundError
from webapp.models import SpentProof
from webapp.settings import TELEGRAM_ISSUER, LoginSettings

BOT = "12345:the-token-of-the-bot"
SETTINGS = LoginSettings(telegram_bot_token=BOT)  # type: ignore[arg-type] # pydantic converts it


def _signature(fields: dict[str, Any], key: bytes) -> str:
    lines = "\n".join(sorted(f"{name}={value}" for name, value in fields.items()))
    return hmac.new(key, lines.encode(), hashlib.sha256).hexdigest()


def click(bot: str = BOT, **changes: object) -> dict[str, Any]:
    """What the widget hands to the page."""
    fields = {"id": 42, "first_name": "Анна", "username": "ann", "auth_date": int(time.time())} | changes
    return fields | {"hash": _signature(fields, hashlib.sha256(bot.encode()).digest())}


def launch(bot: str = BOT, user: object = None, **changes: object) -> str:
    """What Telegram gives to a Mini App."""
    person = {"id": 42, "first_name": "Анна", "last_name": "Ли", "photo_url": "https://t.me/i/ann.svg"}
    fields = {"query_id": "AAH", "user": json.dumps(user or person), "auth_date": int(time.time()), "signature": "x"}
    fields |= changes
    key = hmac.new(b"WebAppData", bot.encode(), hashlib.sha256).digest()
    return urlencode(fields | {"hash": _signature(fields, key)})


def by_widget(product: Product, fields: dict[str, Any]) -> Identity:
    return product.do(lambda session: login_widget(session, SETTINGS, fields))


def by_mini_app(product: Product, init_data: str) -> Identity:
    return product.do(lambda session: login_mini_app(session, SETTINGS, init_data))


def test_all_ways_through_telegram_lead_to_the_same_person(product: Product):
    clicked, launched = by_widget(product, click()), by_mini_app(product, launch())
    assert (clicked.issuer, clicked.subject) == (launched.issuer, launched.subject) == (TELEGRAM_ISSUER, "42")
    assert (clicked.name.strip(), clicked.username) == ("Анна", "ann")
    assert (launched.name, launched.picture_url) == ("Анна Ли", "https://t.me/i/ann.svg")


def test_a_proof_is_good_once(product: Product):
    clicked, launched = click(), launch()
    by_widget(product, clicked)
    by_mini_app(product, launched)
    with pytest.raises(IdentityRefusedError, match="used before"):
        by_widget(product, clicked)
    with pytest.raises(IdentityRefusedError, match="used before"):
        by_mini_app(product, launched)
    reordered = "&".join(reversed(launched.split("&")))
    with pytest.raises(IdentityRefusedError, match="used before"):
        by_mini_app(product, reordered)


def test_a_proof_of_a_login_that_failed_may_come_again(product: Product):
    clicked = click()

    def fail(session) -> None:
        login_widget(session, SETTINGS, clicked)
        raise LookupError

    with pytest.raises(LookupError):
        product.do(fail)
    assert by_widget(product, clicked).subject == "42"


def test_spent_proofs_are_forgotten_when_they_are_too_old_anyway(product: Product):
    by_widget(product, click())

    def age(session) -> None:
        [row] = session.exec(select(SpentProof)).all()
        row.expires_at = row.expires_at.replace(year=2020)

    product.do(age)
    by_widget(product, click(username="anna"))
    assert len(product.rows(SpentProof)) == 1


@pytest.mark.parametrize("age_s", [301, 86_400, -120])
def test_a_proof_is_good_for_five_minutes(small_product: Product, age_s: int):
    moment = int(time.time()) - age_s
    for attempt in (
        lambda: by_widget(small_product, click(auth_date=moment)),
        lambda: by_mini_app(small_product, launch(auth_date=moment)),
    ):
        with pytest.raises(IdentityRefusedError, match="too old"):
            attempt()


@pytest.mark.parametrize("age_s", [290, -30])
def test_it_is_good_until_then(small_product: Product, age_s: int):
    by_widget(small_product, click(auth_date=int(time.time()) - age_s))


@pytest.mark.parametrize(
    "forged",
    [
        click(bot="12345:another-bot"),
        click() | {"id": 43},
        click() | {"is_admin": "yes"},
        click() | {"hash": ""},
        click() | {"hash": "é" * 64},
        {name: value for name, value in click().items() if name != "hash"},
        click(auth_date="yesterday"),
        click(auth_date="9" * 30),
        click(id="-1"),
        click(id="٤٢"),
        click(id=""),
        click(**{f"more{number}": "x" for number in range(40)}),
    ],
)
def test_what_telegram_has_not_signed_lets_nobody_in(small_product: Product, forged: dict[str, Any]):
    with pytest.raises(IdentityRefusedError):
        by_widget(small_product, forged)
    assert small_product.rows(SpentProof) == []


@pytest.mark.parametrize(
    "forged",
    [
        launch(bot="12345:another-bot"),
        launch().replace("query_id=AAH", "query_id=AAI"),
        launch() + "&more=1",
        launch(user=[1, 2]),
        launch(user="ann"),
        launch(user={"first_name": "nobody"}),
        launch(user={"id": {}}),
        "",
        "hash",
        "hash=&&",
        "%ff=%ff&hash=" + "0" * 64,
        "&".join(f"a{number}=1" for number in range(1000)),
    ],
)
def test_a_mini_app_is_not_believed_without_a_signature(small_product: Product, forged: str):
    with pytest.raises(IdentityRefusedError):
        by_mini_app(small_product, forged)


def test_without_a_bot_there_is_no_such_way_in(small_product: Product):
    none = LoginSettings()
    with pytest.raises(NotFoundError, match="REELGROVE_TELEGRAM_BOT_TOKEN"):
        small_product.do(lambda session: login_widget(session, none, click(bot="")))
    with pytest.raises(NotFoundError, match="REELGROVE_TELEGRAM_BOT_TOKEN"):
        small_product.do(lambda session: login_mini_app(session, none, launch(bot="")))
