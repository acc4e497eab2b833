"""The account and the login in a tab: what a person does, against the real services."""

from datetime import timedelta

import pytest
from reflex.istate.data import RouterData
from sqlmodel import select

from tests.webapp.logins import log_in
from tests.webapp.product import Media, Product
from tests.webapp.ui.tabs import Tab
from webapp.accounts.keys import authenticate_key
from webapp.accounts.service import Actor
from webapp.accounts.sessions import GRACE, ROTATED_AFTER, authenticate_session, list_sessions, rotate
from webapp.container import Container
from webapp.errors import NotFoundError, UnauthenticatedError
from webapp.models import Scope, UserSession
from webapp.ui.agents import browser_and_system
from webapp.ui.edge import show_error
from webapp.ui.states.account import AccountState
from webapp.ui.states.login import LoginState

FORM = {"name": "nightly build", "days": "90", "videos:read": "on", "videos:write": "on"}


@pytest.fixture
def product(services: Container, media: Media) -> Product:
    return Product(services, media)


@pytest.fixture
def account(tab: Tab) -> AccountState:
    tab.do(AccountState, "open")
    return tab._states[AccountState]


def test_the_page_shows_who_it_is_and_this_browser_first(tab: Tab, product: Product):
    for _ in range(2):
        product.do(lambda session: log_in(session, "typist"))
    tab.do(AccountState, "open")
    state = tab._states[AccountState]
    assert state.user_name == "typist"
    assert [card.is_current for card in state.sessions] == [True, False, False]


def test_a_key_is_made_and_shown_until_it_is_put_away(tab: Tab, account: AccountState, product: Product):
    tab.do(AccountState, "make_key", FORM)
    [card] = account.keys
    assert (card.name, card.scopes, account.new_name) == ("nightly build", "videos:read, videos:write", "nightly build")
    program = product.do(lambda session: authenticate_key(session, account.new_secret))
    assert program.scopes == {Scope.VIDEOS_READ, Scope.VIDEOS_WRITE}
    tab.do(AccountState, "forget_secret")
    assert account.new_secret == ""


def test_leaving_the_page_forgets_the_secret(tab: Tab, account: AccountState):
    tab.do(AccountState, "make_key", FORM)
    tab.do(AccountState, "open")
    assert (account.new_secret, len(account.keys)) == ("", 1)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"name": ""}, "characters"),
        ({name: value for name, value in FORM.items() if ":" not in name}, "scope"),
        ("nonsense", "characters"),
        ({"name": ["x"], "days": {}}, "characters"),
    ],
)
def test_what_is_wrong_with_a_key_is_said_beside_the_form(tab: Tab, account: AccountState, form: object, words: str):
    tab.do(AccountState, "make_key", form)
    assert words in account.problem
    assert (account.keys, account.new_secret) == ([], "")


def test_a_key_is_revoked(tab: Tab, account: AccountState, product: Product):
    tab.do(AccountState, "make_key", FORM)
    tab.do(AccountState, "revoke", account.keys[0].id)
    assert account.keys == []
    with pytest.raises(UnauthenticatedError):
        product.do(lambda session: authenticate_key(session, account.new_secret))


def test_other_browsers_are_logged_out_one_by_one_or_at_once(tab: Tab, account: AccountState, product: Product):
    others = [product.do(lambda session: log_in(session, "typist")) for _ in range(3)]
    tab.do(AccountState, "end", str(others[0][0].session_id))
    assert len(account.sessions) == 3
    tab.do(AccountState, "end_others")
    assert [card.is_current for card in account.sessions] == [True]
    for _, token in others:
        with pytest.raises(UnauthenticatedError):
            product.do(lambda session, token=token: authenticate_session(session, token))


def test_nobody_ends_what_belongs_to_others(tab: Tab, account: AccountState, product: Product):
    stranger, _ = product.do(lambda session: log_in(session, "stranger"))
    for handler, wanted in (("end", str(stranger.session_id)), ("end", "x"), ("revoke", "x")):
        with pytest.raises(NotFoundError):
            tab.do(AccountState, handler, wanted)
    assert len(product.do(lambda session: list_sessions(session, stranger))) == 1


def _come_with(tab: Tab, **address: str) -> LoginState:
    state = tab._states[LoginState]
    root = state.parent_state
    root.router = RouterData.from_router_data(
        {"asPath": f"/login?{'&'.join(f'{name}={value}' for name, value in address.items())}"}
    )
    return state


def test_the_login_page_offers_the_doors_that_are_open(services: Container):
    tab = Tab()
    assert tab.do(LoginState, "open") is None
    state = tab._states[LoginState]
    assert (state.is_open, state.has_telegram, state.has_demo, state.trouble) == (True, False, True, "")


def test_what_was_offered_on_the_way_to_one_page_is_not_offered_on_the_way_to_another(services: Container):
    tab = Tab()
    state = _come_with(tab, next="/library")
    tab.do(LoginState, "open")
    assert state.is_open
    state = _come_with(tab, next="/account")
    assert not state.is_open
    tab.do(LoginState, "open")
    assert state.is_open


def test_whoever_is_logged_in_already_goes_on(tab: Tab):
    assert "/" in str(tab.do(LoginState, "open"))


def test_the_login_page_says_in_its_own_words_what_went_wrong(services: Container):
    tab = Tab()
    state = _come_with(tab, trouble="declined", next="/library")
    tab.do(LoginState, "open")
    assert "cancelled" in state.trouble
    assert state.next_path == "/library"
    state = _come_with(tab, trouble="Pay+me+at+evil.example", next="//evil.example")
    tab.do(LoginState, "open")
    assert (state.trouble, state.next_path) == ("", "/")


def test_a_tab_goes_on_when_its_token_has_been_followed_by_another(tab: Tab, product: Product):
    """Its cookies are those of the moment when it connected."""
    tab.do(AccountState, "open")

    def follow(session) -> Actor:
        actor = authenticate_session(session, tab.token)
        [row] = session.exec(select(UserSession)).all()
        row.rotated_at -= ROTATED_AFTER
        offer = rotate(session, actor, tab.token, "secret")
        authenticate_session(session, offer[0])
        row.rotated_at -= GRACE
        return actor

    product.do(follow)
    with pytest.raises(UnauthenticatedError):  # another connection with the old token is refused
        product.do(lambda session: authenticate_session(session, tab.token))
    tab.do(AccountState, "open")
    assert tab._states[AccountState].user_name == "typist"


def test_a_tab_whose_session_was_ended_elsewhere_leaves_for_the_login_page(tab: Tab, product: Product):
    tab.do(AccountState, "open")

    def end(session) -> None:
        [row] = session.exec(select(UserSession)).all()
        row.expires_at -= timedelta(days=60)

    product.do(end)
    with pytest.raises(UnauthenticatedError) as refusal:
        tab.do(AccountState, "open")
    assert "trouble=ended" in str(show_error(refusal.value))


CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36"
)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (CHROME, ("Chrome", "Windows")),
        (f"{CHROME} Edg/150.0", ("Edge", "Windows")),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", ("Firefox", "Linux")),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1", ("Safari", "iPhone")),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/150.0 Mobile Safari/537.36", ("Chrome", "Android")),
        ("curl/8.14.1", ("curl", "")),
        ("", ("A program", "")),
    ],
)
def test_browsers_are_called_by_the_names_that_people_know(agent: str, words: tuple[str, str]):
    assert browser_and_system(agent) == words
