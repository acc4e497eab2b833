"""The bounds on how much a caller may ask for, as callers see them."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from tests.webapp.product import Product, settings_for
from webapp.api.app import build_api
from webapp.api.limits import kind_of
from webapp.container import Container, build_container
from webapp.settings import RateSettings, WebSettings

ADDRESS = "http://localhost:3000"


def bounded(container: Container, *, proxies: int = 0, **bounds: int) -> Container:
    rates, web = RateSettings(**bounds), WebSettings(trusted_proxies=proxies)
    return replace(container, settings=replace(container.settings, rates=rates, web=web))


def caller(container: Container, credentials_of: TestClient | None = None, address: str = "203.0.113.7") -> TestClient:
    client = TestClient(build_api(container), base_url=ADDRESS, client=(address, 50000))
    if credentials_of:
        client.cookies.update(credentials_of.cookies)
    return client


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("GET", "/api/videos", "reads"),
        ("HEAD", "/api/video/x/download", "reads"),
        ("POST", "/api/video/user-render", "renders"),
        ("POST", "/api/video/x/retry", "renders"),
        ("POST", "/api/workspaces", "writes"),
        ("DELETE", "/api/assets/x", "writes"),
        ("GET", "/api/auth/login", "login"),
        ("GET", "/api/auth/callback", "login"),
        ("POST", "/api/auth/telegram/widget", "login"),
        ("GET", "/api/auth/me", "reads"),
    ],
)
def test_requests_are_held_by_the_bound_of_their_kind(method: str, path: str, kind: str):
    assert kind_of(method, path) == kind


def test_answers_tell_the_quota_and_what_is_left(ann: TestClient, small_product: Product):
    client = caller(bounded(small_product.container, rate_reads=5), ann)
    first, second = client.get("/api/videos"), client.get("/api/videos")
    assert first.headers["ratelimit-policy"] == '"reads";q=5;w=60'
    assert first.headers["ratelimit"] == '"reads";r=4;t=12'
    assert second.headers["ratelimit"].startswith('"reads";r=3;')


def test_one_too_many_is_refused_with_the_time_to_wait(ann: TestClient, small_product: Product):
    client = caller(bounded(small_product.container, rate_reads=2), ann)
    assert [client.get("/api/videos").status_code for _ in range(2)] == [200, 200]
    answer = client.get("/api/videos")
    assert (answer.status_code, answer.json()["error"]) == (429, "rate_limited")
    assert 1 <= int(answer.headers["retry-after"]) <= 30
    assert re.fullmatch(r'"reads";r=0;t=\d+', answer.headers["ratelimit"])
    assert answer.headers["x-request-id"]


def test_who_reads_too_much_can_still_write_and_others_can_read(
    ann: TestClient, bob: TestClient, small_product: Product
):
    container = bounded(small_product.container, rate_reads=1)
    anns = caller(container, ann)
    bobs = TestClient(anns.app, base_url=ADDRESS, client=("203.0.113.7", 50001))
    bobs.cookies.update(bob.cookies)
    assert [anns.get("/api/videos").status_code for _ in range(2)] == [200, 429]
    assert anns.post("/api/workspaces", json={"name": "Second"}).status_code == 201
    assert bobs.get("/api/videos").status_code == 200


def test_an_address_that_guesses_keys_must_wait_and_its_known_callers_need_not(ann: TestClient, small_product: Product):
    known = caller(bounded(small_product.container, rate_login=3), ann)
    assert known.get("/api/videos").status_code == 200
    guesser = TestClient(known.app, base_url=ADDRESS, client=("203.0.113.7", 50002))
    guesses = [guesser.get("/api/videos", headers={"Authorization": f"Bearer rg_{n}"}).status_code for n in range(6)]
    assert guesses[:4] == [401] * 4
    assert guesses[4:] == [429] * 2
    assert known.get("/api/videos").status_code == 200


def test_addresses_behind_our_own_proxies_are_told_apart_and_others_words_are_not_believed(small_product: Product):
    behind = caller(bounded(small_product.container, proxies=1, rate_reads=1))

    def ask(client: TestClient, forwarded: str) -> int:
        return client.get("/api/videos", headers={"X-Forwarded-For": forwarded}).status_code

    assert [ask(behind, "198.51.100.1"), ask(behind, "198.51.100.2")] == [401, 401]
    assert ask(behind, "10.0.0.1, 198.51.100.1") == 429, "what a caller puts before the proxy's word counts nothing"
    direct = caller(bounded(small_product.container, rate_reads=1))
    assert [ask(direct, "198.51.100.1"), ask(direct, "198.51.100.2")] == [401, 429]


def test_made_up_credentials_do_not_each_have_a_quota_where_nobody_asks_for_any(small_product: Product):
    client = caller(bounded(small_product.container, rate_reads=2))
    made_up = [{"Authorization": f"Bearer rg_{n}"} for n in range(10)]
    answers = [client.get("/api/openapi.json", headers=headers).status_code for headers in made_up]
    assert answers == [200] * 8 + [429] * 2


def test_credentials_are_not_known_for_having_been_sent_to_what_asks_for_none(small_product: Product):
    client = caller(bounded(small_product.container, rate_login=1))
    guesses = [{"Authorization": f"Bearer rg_{n}"} for n in range(4)]
    assert [client.get("/api/openapi.json", headers=headers).status_code for headers in guesses] == [200] * 4
    answers = [client.get("/api/videos", headers=headers).status_code for headers in guesses]
    assert answers == [401, 401, 429, 429]


def test_bounds_can_be_switched_off(ann: TestClient, small_product: Product):
    settings = RateSettings(rate_limits=False, rate_reads=1)
    container = replace(small_product.container, settings=replace(small_product.container.settings, rates=settings))
    client = caller(container, ann)
    answers = [client.get("/api/videos") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert "ratelimit" not in answers[0].headers


def test_two_web_processes_share_a_bound_through_redis(
    open_client: Callable[[str | None], TestClient], small_product: Product, own_redis_url: str
):
    settings = settings_for(small_product.container.settings.app.data_dir, redis_url=own_redis_url)
    settings = replace(settings, rates=RateSettings(rate_reads=2))
    ann = open_client("ann")
    containers = [build_container(settings) for _ in range(2)]
    here, there = (caller(container, ann) for container in containers)
    assert [client.get("/api/videos").status_code for client in (here, there, here)] == [200, 200, 429]
    for container in containers:
        container.close()
