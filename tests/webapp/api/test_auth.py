"""Logging in and out over HTTP, and what a browser's cookie may be used for."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from tests.webapp.accounts.issuing import CLIENT_ID, CLIENT_SECRET, ISSUER, Issuer
from tests.webapp.accounts.test_telegram import BOT, click, launch
from tests.webapp.logins import come_in
from tests.webapp.product import Product
from webapp.accounts.doors import Doors
from webapp.accounts.logins import Logins
from webapp.accounts.sessions import ROTATED_AFTER
from webapp.api.app import build_api
from webapp.container import build_container
from webapp.models import UserSession
from webapp.settings import AppSettings, LoginSettings, Settings, WebSettings

LOGIN = "/api/auth/login"
HTML = {"accept": "text/html"}
COOKIE = "reelgrove_session"


def test_whoever_follows_the_redirects_comes_back_with_a_cookie_that_scripts_cannot_read(nobody: TestClient):
    answer = nobody.get(LOGIN, params={"login_hint": "ann", "next": "/api/auth/me"})
    assert answer.json()["display_name"] == "ann"
    cookie = answer.history[-1].headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert nobody.get("/api/videos").status_code == 200


def test_the_browser_is_sent_to_the_page_that_was_wanted(nobody: TestClient):
    answer = nobody.get(LOGIN, params={"login_hint": "ann", "next": "/templates"}, headers=HTML)
    assert answer.history[-1].headers["location"] == "/templates"


def test_nobody_is_sent_to_another_site(nobody: TestClient):
    answer = nobody.get(LOGIN, params={"login_hint": "ann", "next": "//evil.example"}, headers=HTML)
    assert answer.history[-1].headers["location"] == "/"


def test_without_a_name_the_issuer_asks_for_one(nobody: TestClient):
    page = nobody.get(LOGIN, params={"next": "/api/auth/me"}, headers=HTML)
    assert '<input id="name"' in page.text
    assert page.headers["cache-control"] == "no-store"
    answer = nobody.post(str(page.url), data={"name": "Боб", "decision": "allow"}, headers=HTML)
    assert answer.json()["display_name"] == "Боб"


def test_a_name_is_shown_as_text(nobody: TestClient):
    page = nobody.get(LOGIN, params={"login_hint": "<script>"}, headers={"sec-fetch-site": "cross-site"})
    assert "&lt;script&gt;" in page.text
    assert "<script>" not in page.text


def test_who_says_no_is_told_so_on_the_login_page(nobody: TestClient):
    page = nobody.get(LOGIN, headers=HTML)
    answer = nobody.post(str(page.url), data={"decision": "deny"}, headers=HTML, follow_redirects=False)
    back = nobody.get(answer.headers["location"], headers=HTML, follow_redirects=False)
    assert back.headers["location"] == "/login?trouble=declined"
    assert COOKIE not in nobody.cookies


def test_an_answer_that_nobody_has_asked_for_lets_nobody_in(nobody: TestClient, open_client):
    mallory = open_client(None)
    question = mallory.get(LOGIN, params={"login_hint": "mallory"}, follow_redirects=False)
    answer = mallory.get(question.headers["location"], follow_redirects=False).headers["location"]
    assert nobody.get(answer).json()["error"] == "login_expired"
    come_in(nobody, "ann")  # a browser with a login of its own
    sent_on = nobody.get(answer, headers=HTML, follow_redirects=False)
    assert sent_on.headers["location"] == "/login?trouble=expired"
    assert nobody.get("/api/auth/me").json()["display_name"] == "ann"


@pytest.mark.parametrize("path", ["/authorize", "/jwks", "/.well-known/openid-configuration"])
@pytest.mark.parametrize("headers", [{"host": "evil.example:3000"}, {"x-forwarded-for": "10.0.0.7"}])
def test_the_issuer_answers_on_the_machine_itself_only(nobody: TestClient, path: str, headers: dict[str, str]):
    question = urlsplit(nobody.get(LOGIN, follow_redirects=False).headers["location"]).query
    assert nobody.get(f"/dev-issuer{path}?{question}", headers=headers).json()["error"] == "forbidden"


def test_the_network_opens_no_door(small_product: Product):
    with TestClient(build_api(small_product.container), base_url="http://localhost", client=("10.0.0.7", 1)) as client:
        answer = client.get(LOGIN, params={"login_hint": "ann"})
    assert (answer.status_code, answer.json()["error"]) == (403, "forbidden")
    assert COOKIE not in client.cookies


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_no_other_site_can_log_a_browser_in(nobody: TestClient, site: str):
    led = nobody.get(LOGIN, params={"login_hint": "mallory"}, headers={"sec-fetch-site": site})
    assert '<input id="name"' in led.text
    sent = nobody.post(str(led.url), data={"name": "mallory"}, headers={"sec-fetch-site": site})
    assert sent.status_code == 403
    assert COOKIE not in nobody.cookies


def test_the_issuer_takes_no_other_relying_party(nobody: TestClient):
    question = nobody.get(LOGIN, follow_redirects=False).headers["location"]
    elsewhere = question.replace("localhost%3A3000%2Fapi", "evil.example%2Fapi")
    answer = nobody.get(elsewhere, follow_redirects=False)
    assert (answer.status_code, answer.json()["field"]) == (422, "redirect_uri")


def test_programs_can_ask_the_issuer_over_http_too(nobody: TestClient):
    document = nobody.get("/dev-issuer/.well-known/openid-configuration").json()
    assert nobody.get(document["jwks_uri"]).json()["keys"]
    refused = nobody.post(document["token_endpoint"], data={"code": "x"})
    assert (refused.status_code, refused.json()) == (401, {"error": "invalid_client"})


class Production:
    """A product of its own in production, with Telegram's issuer played by one that we hold."""

    def __init__(self, settings: Settings) -> None:
        login = LoginSettings(
            login_issuer=ISSUER,
            telegram_client_id=CLIENT_ID,
            telegram_client_secret=CLIENT_SECRET,  # type: ignore[arg-type] # pydantic converts it
            telegram_bot_token=BOT,  # type: ignore[arg-type] # pydantic converts it
        )
        app = AppSettings(env="production", secret_key="long and random", data_dir=settings.app.data_dir)  # type: ignore[arg-type] # pydantic converts it
        web = WebSettings(public_url="https://reelgrove.example")
        self.issuer = Issuer()
        container = build_container(replace(settings, app=app, web=web, login=login))
        doors = Doors(app, login, httpx.Client(transport=self.issuer))
        self.container = replace(container, doors=doors, logins=Logins(container.engine, doors))
        self.browser = TestClient(build_api(self.container), base_url="https://reelgrove.example")

    def log_in(self, **claims: object) -> httpx.Response:
        """Leave for the issuer and come back."""
        gone = self.browser.get(LOGIN, params={"next": "/library"}, headers=HTML, follow_redirects=False)
        asked = parse_qs(urlsplit(gone.headers["location"]).query)
        self.issuer.says(**{"nonce": asked["nonce"][0], "sub": "42", **claims})
        answer = {"code": "the code", "state": asked["state"][0]}
        return self.browser.get("/api/auth/callback", params=answer, headers=HTML, follow_redirects=False)


@pytest.fixture
def production(fresh_sqlite: Settings) -> Iterator[Production]:
    production = Production(fresh_sqlite)
    with production.browser:
        yield production
    production.container.close()


def test_in_production_people_come_through_the_issuer_with_cookies_of_this_host_over_tls(production: Production):
    done = production.log_in()
    assert done.headers["location"] == "/library"
    cookie = done.headers["set-cookie"]
    assert cookie.startswith(f"__Host-{COOKIE}=")
    assert {"Secure", "HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert production.browser.get("/api/auth/me").json()["username"] == "ann"
    [request] = [request for request in production.issuer.requests if request.url.path == "/token"]
    assert b"redirect_uri=https%3A%2F%2Freelgrove.example%2Fapi%2Fauth%2Fcallback" in request.content


def test_a_planted_cookie_without_the_prefix_is_nobody_in_production(production: Production):
    production.log_in()
    token = production.browser.cookies[f"__Host-{COOKIE}"]
    production.browser.cookies.clear()
    assert production.browser.get("/api/auth/me", headers={"cookie": f"{COOKIE}={token}"}).status_code == 401


def test_a_token_that_does_not_hold_leads_back_to_the_login_page(production: Production):
    assert production.log_in(nonce="of another login").headers["location"] == "/login?trouble=failed"


def test_an_issuer_that_does_not_answer_is_said_to_be_away(production: Production):
    production.issuer.broken = lambda request: httpx.Response(502) if request.url.path == "/token" else None
    assert production.log_in().headers["location"] == "/login?trouble=unavailable"


def test_an_issuer_that_is_away_at_once_is_told_on_the_login_page(production: Production):
    production.issuer.broken = lambda _request: httpx.Response(502)
    answer = production.browser.get(LOGIN, headers=HTML, follow_redirects=False)
    assert answer.headers["location"] == "/login?trouble=unavailable"
    assert production.browser.get(LOGIN).json()["error"] == "login_unavailable"


@pytest.mark.parametrize("path", ["/authorize", "/jwks", "/.well-known/openid-configuration"])
def test_production_has_no_local_issuer(production: Production, path: str):
    assert production.browser.get(f"/dev-issuer{path}").status_code in {404, 422}
    refused = production.browser.get(LOGIN, params={"via": "demo", "login_hint": "ann"})
    assert (refused.status_code, refused.json()["error"]) == (404, "not_found")


def test_all_ways_through_telegram_lead_to_the_same_account(production: Production):
    browser = production.browser
    clicked = browser.post("/api/auth/telegram/widget", json=click()).json()
    launched = browser.post("/api/auth/telegram/mini-app", json={"init_data": launch()}).json()
    assert clicked["user_id"] == launched["user_id"] == browser.get("/api/auth/me").json()["user_id"]


def test_a_click_on_the_widget_is_good_once_and_not_from_other_sites(production: Production):
    once = click()
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert production.browser.post("/api/auth/telegram/widget", json=once, headers=headers).status_code == 403
    assert production.browser.post("/api/auth/telegram/widget", json=once).status_code == 200
    again = production.browser.post("/api/auth/telegram/widget", json=once)
    assert (again.status_code, again.json()["error"]) == (400, "login_failed")


def test_where_no_bot_is_set_up_nobody_comes_through_one(nobody: TestClient):
    assert nobody.post("/api/auth/telegram/widget", json=click(bot="")).status_code == 404


def test_logging_out_ends_the_session_and_takes_the_cookie_back(ann: TestClient):
    token = ann.cookies[COOKIE]
    answer = ann.post("/api/auth/logout")
    assert answer.status_code == 204
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert ann.get("/api/videos", headers={"cookie": f"{COOKIE}={token}"}).status_code == 401


def test_a_browser_is_led_to_the_login_page_even_when_its_session_had_ended(ann: TestClient):
    for _ in range(2):
        answer = ann.post("/api/auth/logout", headers=HTML, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")


def test_the_next_login_ends_the_session_that_the_browser_had(nobody: TestClient, open_client):
    come_in(nobody, "ann")
    before = nobody.cookies[COOKIE]
    come_in(nobody, "bob")
    assert nobody.cookies[COOKIE] != before
    assert open_client(None).get("/api/videos", headers={"cookie": f"{COOKIE}={before}"}).status_code == 401


FOREIGN = [
    {"origin": "https://evil.example"},
    {"origin": "http://localhost:4000"},
    {"origin": "null"},
    {"origin": "http://localhost:3000.evil.example"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site", "origin": "http://localhost:3000"},
    {"user-agent": "Mozilla/5.0 (a browser that says nothing)"},
]
OWN = [
    {"origin": "http://localhost:3000"},
    {"sec-fetch-site": "same-origin", "user-agent": "Mozilla/5.0"},
    {"sec-fetch-site": "none"},
    {"user-agent": "curl/8.0"},
]


@pytest.mark.parametrize("headers", FOREIGN)
def test_other_sites_cannot_act_with_the_cookie(ann: TestClient, headers: dict[str, str]):
    answer = ann.post("/api/auth/api-keys", json={"name": "ci"}, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (403, "forbidden")
    assert ann.get("/api/auth/api-keys", headers=headers).status_code == 200  # to look changes nothing


@pytest.mark.parametrize("headers", OWN)
def test_our_own_pages_and_programs_can(ann: TestClient, headers: dict[str, str]):
    assert ann.post("/api/auth/api-keys", json={"name": "ci"}, headers=headers).status_code == 201


@pytest.mark.parametrize("headers", FOREIGN[::4])
def test_keys_need_no_origin(ann: TestClient, nobody: TestClient, headers: dict[str, str]):
    secret = ann.post("/api/auth/api-keys", json={"name": "ci"}).json()["secret"]
    body = {"template_name": "LipSyncTemplate"}
    bearer = {"authorization": f"Bearer {secret}"}
    saved = nobody.post("/api/templates/save-config", json=body, headers=headers | bearer)
    assert saved.status_code == 201


def _age_sessions(product: Product, by: timedelta) -> None:
    def turn_back(session) -> None:
        for row in session.exec(select(UserSession)):
            row.rotated_at -= by

    product.do(turn_back)


def test_a_token_that_has_grown_old_is_replaced_with_the_next_answer(ann: TestClient, small_product: Product):
    old = ann.cookies[COOKIE]
    assert "set-cookie" not in ann.get("/api/auth/me").headers
    _age_sessions(small_product, ROTATED_AFTER)
    answer = ann.get("/api/auth/me")
    assert "HttpOnly" in answer.headers["set-cookie"]
    new = answer.cookies[COOKIE]
    assert new != old
    ann.cookies.clear()
    for token in (old, new, old):  # requests on their way come with the old one for a moment
        assert ann.get("/api/auth/me", headers={"cookie": f"{COOKIE}={token}"}).status_code == 200
    _age_sessions(small_product, timedelta(hours=1))
    statuses = [ann.get("/api/auth/me", headers={"cookie": f"{COOKIE}={token}"}).status_code for token in (old, new)]
    assert statuses == [401, 200]


def test_a_refusal_carries_no_token_for_its_transaction_is_undone(ann: TestClient, small_product: Product):
    _age_sessions(small_product, ROTATED_AFTER)
    refused = ann.delete("/api/auth/api-keys/00000000-0000-4000-8000-000000000000")
    assert refused.status_code == 404
    assert "set-cookie" not in refused.headers


def test_a_program_that_ignores_the_new_token_goes_on(ann: TestClient, small_product: Product):
    jar = {"cookie": f"{COOKIE}={ann.cookies[COOKIE]}"}
    ann.cookies.clear()
    for _ in range(3):
        _age_sessions(small_product, ROTATED_AFTER)
        assert ann.get("/api/auth/me", headers=jar).status_code == 200
        ann.cookies.clear()
