from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.webapp.product import Product
from webapp.accounts.doors import Door, Doors
from webapp.accounts.logins import (
    Answer,
    Begun,
    Device,
    LoggedIn,
    LoginDeclinedError,
    LoginExpiredError,
    Wish,
    own_path,
)
from webapp.accounts.openid import IdentityRefusedError
from webapp.accounts.service import Identity, recognise
from webapp.accounts.sessions import authenticate_session
from webapp.errors import NotFoundError, UnauthenticatedError
from webapp.issuer.issuer import Question
from webapp.models import LoginAttempt, PlanName, User, Workspace
from webapp.settings import AppSettings, LoginSettings

T = TypeVar("T")
SITE = "http://localhost:3000"


def begin(product: Product, **changes: object) -> Begun:
    return product.container.logins.begin(Wish(**{"door": Door.DEMO, "site": SITE, **changes}))


def question_of(begun: Begun) -> Question:
    return Question(**{name: values[0] for name, values in parse_qs(urlsplit(begun.url).query).items()})


def answer_to(product: Product, begun: Begun, name: str = "ann") -> Answer:
    """What the local issuer sends back to whoever has typed a name."""
    issuer = product.container.doors.issuer
    assert issuer is not None
    question = question_of(begun)
    return Answer(state=question.state, code=issuer.authorize(SITE, question, name), issuer=f"{SITE}/dev-issuer")


def finish(product: Product, begun: Begun, answer: Answer, **device: str) -> LoggedIn:
    return product.container.logins.finish(answer, begun.browser, Device(**device))


def test_whoever_comes_back_is_logged_in_and_sent_to_the_page_that_was_wanted(product: Product):
    begun = begin(product, next_path="/library?type=music")
    done = finish(product, begun, answer_to(product, begun), user_agent="Firefox", address="127.0.0.1")
    assert done.next_path == "/library?type=music"
    assert product.do(lambda session: authenticate_session(session, done.token)) == done.actor
    [user], [workspace] = product.rows(User), product.rows(Workspace)
    assert (user.issuer, user.subject, user.display_name) == ("development", "ann", "ann")
    assert user.last_login_at is not None
    assert (workspace.name, workspace.plan) == ("ann's workspace", PlanName.PRO)


def test_the_same_name_is_the_same_person_wherever_the_page_was_seen(product: Product):
    here = begin(product)
    there = begin(product, site="http://127.0.0.1:8080")
    issuer = product.container.doors.issuer
    question = question_of(there)
    code = issuer.authorize("http://127.0.0.1:8080", question, "ann")
    first = finish(product, here, answer_to(product, here))
    second = finish(product, there, Answer(state=question.state, code=code))
    assert first.actor.user_id == second.actor.user_id


def test_an_attempt_is_kept_without_its_state(product: Product):
    begun = begin(product)
    [attempt] = product.rows(LoginAttempt)
    kept = attempt.model_dump_json()
    assert question_of(begun).state not in kept
    assert begun.browser not in kept


def test_an_answer_is_taken_once(product: Product):
    begun = begin(product)
    answer = answer_to(product, begun)
    finish(product, begun, answer)
    with pytest.raises(LoginExpiredError):
        finish(product, begun, answer)


def _at_once(*acts: Callable[[], T]) -> list[T | Exception]:
    """What each came to, an error included."""
    with ThreadPoolExecutor(len(acts)) as pool:
        futures = [pool.submit(act) for act in acts]
    return [future.exception() or future.result() for future in futures]  # type: ignore[misc] # nothing else is raised


def test_of_the_same_answer_at_once_one_is_taken(product: Product):
    begun = begin(product)
    answer = answer_to(product, begun)
    came = _at_once(*[lambda: finish(product, begun, answer)] * 4)
    assert sorted(type(one).__name__ for one in came) == ["LoggedIn", *["LoginExpiredError"] * 3]


def test_a_newcomer_in_two_tabs_at_once_is_one_person(product: Product):
    tabs = [begin(product) for _ in range(4)]
    answers = [answer_to(product, begun, "newcomer") for begun in tabs]
    came = _at_once(*[partial(finish, product, *pair) for pair in zip(tabs, answers, strict=True)])
    assert [type(one) for one in came] == [LoggedIn] * 4
    assert (len(product.rows(User)), len(product.rows(Workspace))) == (1, 1)


def test_an_answer_that_failed_is_not_taken_again(product: Product):
    begun = begin(product)
    answer = answer_to(product, begun)
    with pytest.raises(IdentityRefusedError):
        finish(product, begun, Answer(state=answer.state, code="nonsense"))
    with pytest.raises(LoginExpiredError):
        finish(product, begun, answer)


@pytest.mark.parametrize("browser", [None, "", "another one"])
def test_another_browser_cannot_finish_what_one_has_begun(product: Product, browser: str | None):
    begun = begin(product)
    with pytest.raises(LoginExpiredError, match="elsewhere"):
        product.container.logins.finish(answer_to(product, begun), browser, Device())


def test_two_tabs_of_one_browser_can_both_log_in(product: Product):
    first = begin(product)
    second = begin(product, browser=first.browser)
    assert second.browser == first.browser
    for begun in (second, first):
        finish(product, begun, answer_to(product, begun))


def test_a_login_has_ten_minutes(product: Product):
    begun = begin(product)
    answer = answer_to(product, begun)

    def age(session) -> None:
        session.get_one(LoginAttempt, product.rows(LoginAttempt)[0].id).expires_at -= timedelta(minutes=10)

    product.do(age)
    with pytest.raises(LoginExpiredError):
        finish(product, begun, answer)


def test_attempts_that_never_came_back_are_forgotten(product: Product):
    begin(product)

    def age(session) -> None:
        session.get_one(LoginAttempt, product.rows(LoginAttempt)[0].id).expires_at -= timedelta(hours=1)

    product.do(age)
    begin(product)
    assert len(product.rows(LoginAttempt)) == 1


@pytest.mark.parametrize(
    "answer", [{"error": "access_denied"}, {"code": ""}, {"code": "x" * 5000}, {"issuer": "https://other.example"}]
)
def test_a_no_is_a_no(product: Product, answer: dict[str, str]):
    begun = begin(product)
    state = question_of(begun).state
    with pytest.raises(LoginDeclinedError):
        finish(product, begun, Answer(**{"state": state, "code": "code", **answer}))


def test_the_code_of_one_login_does_not_finish_another(product: Product):
    mine, theirs = begin(product), begin(product)
    injected = answer_to(product, theirs).code
    with pytest.raises(IdentityRefusedError):
        finish(product, mine, Answer(state=question_of(mine).state, code=injected))


def test_the_session_that_the_browser_had_before_ends(product: Product):
    first, second = begin(product), begin(product)
    before = finish(product, first, answer_to(product, first))
    after = finish(product, second, answer_to(product, second, "bob"), former_token=before.token)
    with pytest.raises(UnauthenticatedError):
        product.do(lambda session: authenticate_session(session, before.token))
    assert product.do(lambda session: authenticate_session(session, after.token)).display_name == "bob"


def test_names_and_pictures_are_those_of_the_last_login(product: Product):
    def meet(**known: str) -> User:
        identity = Identity(issuer="test", subject="1", **known)
        actor = product.do(lambda session: recognise(session, identity))
        return product.do(lambda session: session.get_one(User, actor.user_id))

    meet(name="Ann", username="ann", picture_url="https://t.me/1.jpg")
    again = meet(name="  Anna\x00\n Lee " + "e" * 300, picture_url="javascript:alert(1)")
    assert (again.display_name[:8], len(again.display_name)) == ("Anna Lee", 200)
    assert (again.username, again.picture_url) == (None, None)
    assert meet().display_name == again.display_name
    assert meet(picture_url=f"https://t.me/{'a' * 500}").picture_url is None


@pytest.mark.parametrize(
    "wished",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:1",
        "evil.example",
        "/a\nb",
        "/" + "a" * 500,
        "",
    ],
)
def test_nobody_is_sent_to_another_site(wished: str):
    assert own_path(wished) == "/"


@pytest.mark.parametrize("wished", ["/", "/library?type=music#top", "/join/abc", "/видео"])
def test_own_pages_are_found_again(wished: str):
    assert own_path(wished) == wished


@pytest.fixture
def production(tmp_path) -> AppSettings:
    return AppSettings(env="production", secret_key="long and random", data_dir=tmp_path)


def test_telegram_comes_first_where_both_are_open(tmp_path):
    login = LoginSettings(telegram_client_id="1", telegram_client_secret="s")
    doors = Doors(AppSettings(data_dir=tmp_path), login)
    assert doors.open == (Door.TELEGRAM, Door.DEMO)
    assert doors.client(Door.TELEGRAM, SITE).provider.issuer == "https://oauth.telegram.org"
    assert doors.client(Door.TELEGRAM, SITE).provider.subject_claim == "id"
    assert doors.client(Door.TELEGRAM, SITE).provider.plan is PlanName.FREE


def test_production_has_no_local_issuer(production: AppSettings):
    doors = Doors(production, LoginSettings())
    assert (doors.open, doors.issuer) == ((), None)
    with pytest.raises(NotFoundError):
        doors.client(Door.DEMO, SITE)


def test_development_may_do_without_it(tmp_path):
    assert Doors(AppSettings(data_dir=tmp_path), LoginSettings(dev_login=False)).open == ()
