import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from webapp.errors import NotFoundError
from webapp.links import LinkSigner

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
PATH = "/api/files/asset/7"


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def links(clock: Clock) -> LinkSigner:
    return LinkSigner("secret", clock=clock)


def follow(links: LinkSigner, url: str, **changes: str) -> None:
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    told = {"path": parts.path, "expires": query.get("expires", ""), "signature": query["signature"], **changes}
    links.verify(**told)


def test_a_link_opens_what_it_was_made_for(links: LinkSigner):
    follow(links, links.sign(PATH, NOON + timedelta(minutes=1)))


def test_a_link_without_an_end_does_not_end(links: LinkSigner, clock: Clock):
    url = links.sign(PATH, None)
    clock.now += timedelta(days=10_000)
    follow(links, url)


def test_a_link_ends_at_its_moment(links: LinkSigner, clock: Clock):
    url = links.sign(PATH, links.expires_in(timedelta(minutes=1)))
    clock.now += timedelta(seconds=59)
    follow(links, url)
    clock.now += timedelta(seconds=1)
    with pytest.raises(NotFoundError, match="wrong or has expired"):
        follow(links, url)


@pytest.mark.parametrize(
    "change",
    [
        {"path": "/api/files/asset/8"},
        {"expires": "99999999999"},
        {"expires": ""},
        {"expires": "x"},
        {"signature": ""},
        {"signature": "0" * 64},
        {"signature": "é"},
    ],
)
def test_a_link_that_was_changed_opens_nothing(links: LinkSigner, change: dict[str, str]):
    with pytest.raises(NotFoundError):
        follow(links, links.sign(PATH, NOON + timedelta(minutes=1)), **change)


def test_a_link_without_an_end_does_not_become_one_with_an_end_or_the_other_way_round(links: LinkSigner):
    with pytest.raises(NotFoundError):
        follow(links, links.sign(PATH, None), expires=str(int(NOON.timestamp()) + 60))
    with pytest.raises(NotFoundError):
        follow(links, links.sign(PATH, NOON + timedelta(minutes=1)), expires="")


def test_another_secret_knows_nothing_of_it(links: LinkSigner, clock: Clock):
    with pytest.raises(NotFoundError):
        follow(LinkSigner("other", clock=clock), links.sign(PATH, None))


def test_the_secret_itself_is_no_key(links: LinkSigner):

    plain = hmac.new(b"secret", f"\n{PATH}".encode(), hashlib.sha256).hexdigest()
    assert plain not in links.sign(PATH, None)
