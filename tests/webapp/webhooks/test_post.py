"""What is sent, to whom it is never sent, and what receivers cannot do to us."""

import asyncio
import gzip
import socket
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from tests.webapp.webhooks.certificates import make_certificate
from tests.webapp.webhooks.receiver import Receiver, dripping, replying, run_receiver
from webapp.webhooks.addresses import AddressPolicy
from webapp.webhooks.post import CheckedNetwork, Letter, Post
from webapp.webhooks.retries import Answer

OWN_MACHINE = AddressPolicy(allows_loopback=True)
PRODUCTION = AddressPolicy()


def letter(url: str) -> Letter:
    return Letter(url=url, headers={"webhook-id": "msg_1"}, body=b'{"type":"ping"}')


def send(url: str, post: Post | None = None) -> Answer:
    return asyncio.run((post or Post(OWN_MACHINE)).send(letter(url)))


class Names:
    """A name service that can be made to lie; answers in turn, the last one for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, _port: int) -> Sequence[str]:
        self.asked.append(host)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def test_a_letter_arrives_as_json_with_its_headers(receiver: Receiver):
    answer = send(receiver.url + "?from=us")
    (came,) = receiver.requests
    assert answer.status_code == 204
    assert answer.error is None
    assert (came.path, came.body) == ("/hook?from=us", b'{"type":"ping"}')
    assert came.headers["content-type"] == "application/json"
    assert came.headers["webhook-id"] == "msg_1"
    assert came.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert came.headers["user-agent"].startswith("Reelgrove")


@pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "100.64.0.1", "::ffff:808:808", "64:ff9b::808:808"])
def test_a_name_that_leads_inside_is_not_connected_to(address: str):
    post = Post(PRODUCTION, network=CheckedNetwork(PRODUCTION, Names([address])))
    answer = send("https://inside.example/", post)
    assert answer.status_code is None
    assert answer.error == f"The name leads to {address}, which is no public address: nothing was sent."


def test_one_bad_address_among_good_ones_spoils_the_name():
    post = Post(PRODUCTION, network=CheckedNetwork(PRODUCTION, Names(["8.8.8.8", "127.0.0.1"])))
    assert "127.0.0.1" in str(send("https://both.example/", post).error)


def test_numbers_that_the_system_takes_for_the_loopback_are_seen_through():
    for host in ("127.1", "2130706433", "0x7f000001", "0177.0.0.1"):
        answer = send(f"https://{host}/", Post(PRODUCTION))
        assert answer.error is not None
        assert "127.0.0.1, which is no public address" in answer.error


def test_a_name_is_asked_once_an_attempt_and_that_very_address_is_connected_to(receiver: Receiver):
    names = Names(["127.0.0.1"], ["10.0.0.1"])
    post = Post(OWN_MACHINE, network=CheckedNetwork(OWN_MACHINE, names))
    url = f"http://app.localhost:{receiver.port}/"
    assert send(url, post).status_code == 204
    assert names.asked == ["app.localhost"]
    assert receiver.requests[0].headers["host"] == f"app.localhost:{receiver.port}"
    rebound = send(url, post)
    assert "10.0.0.1" in str(rebound.error)
    assert len(receiver.requests) == 1


def test_a_dead_address_of_a_name_is_passed_over_for_a_live_one(receiver: Receiver):
    names = Names(["127.0.0.2", "127.0.0.1"])
    post = Post(OWN_MACHINE, network=CheckedNetwork(OWN_MACHINE, names))
    assert send(f"http://app.localhost:{receiver.port}/", post).status_code == 204


def test_tls_asks_for_the_name_though_the_address_is_connected_to(tmp_path: Path):
    shown, believed = make_certificate(tmp_path, "hooks.example")
    asked: list[str | None] = []
    shown.sni_callback = lambda _socket, name, _context: asked.append(name)
    with run_receiver(shown) as receiver:
        network = CheckedNetwork(OWN_MACHINE, Names(["127.0.0.1"]))
        post = Post(OWN_MACHINE, network=network, tls=believed)
        assert send(f"https://hooks.example:{receiver.port}/", post).status_code == 204
        assert asked == ["hooks.example"]
        other = send(f"https://other.example:{receiver.port}/", post)
        stranger = send(f"https://hooks.example:{receiver.port}/", Post(OWN_MACHINE, network=network))
    refused = "The receiver's certificate is not accepted: "
    assert str(other.error).startswith(refused + "Hostname mismatch")
    assert str(stranger.error).startswith(refused + "self-signed certificate")
    assert len(receiver.requests) == 1


def test_a_redirect_is_an_answer_and_not_a_way(receiver: Receiver):
    with run_receiver() as inside:
        receiver.behaviour = replying(302, location=inside.url)
        assert send(receiver.url).status_code == 302
        assert inside.requests == []


def test_proxies_of_the_environment_are_not_asked(receiver: Receiver, monkeypatch: pytest.MonkeyPatch):
    with run_receiver() as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert send(receiver.url).status_code == 204
        assert proxy.requests == []


def test_who_answers_nothing_is_not_waited_for(receiver: Receiver):
    receiver.behaviour = lambda handler: handler.rfile.read(1)
    answer = send(receiver.url, Post(OWN_MACHINE, timeout_s=0.2))
    assert answer.error == "No answer came in time."
    assert answer.duration_ms >= 200


def test_an_answer_without_end_is_cut_off_and_its_status_counts(receiver: Receiver):
    receiver.behaviour = dripping(200, 0.005)
    answer = send(receiver.url)
    assert answer.status_code == 200
    assert set(answer.text) == {"."}
    assert len(answer.text) <= 1000


def test_of_a_large_answer_the_beginning_is_kept(receiver: Receiver):
    receiver.behaviour = replying(500, b"x" * 5_000_000)
    assert send(receiver.url).text == "x" * 1000


def test_packed_answers_are_not_unpacked(receiver: Receiver):
    receiver.behaviour = replying(200, gzip.compress(b"0" * 10_000_000)[:2000], content_encoding="gzip")
    assert len(send(receiver.url).text) <= 1000
    assert receiver.requests[0].headers["accept-encoding"] == "identity"


def test_what_no_database_stores_is_left_out_of_the_answer(receiver: Receiver):
    receiver.behaviour = replying(400, b"no\x00t \xff\x1b[31mthis\n\xd0\xb4\xd0\xb0")
    assert send(receiver.url).text == "not \ufffd[31mthis\nда"


@pytest.mark.parametrize(
    ("wish", "understood"), [("120", 120), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("9" * 50, None)]
)
def test_a_wish_for_time_is_understood_in_seconds(receiver: Receiver, wish: str, understood: int | None):
    receiver.behaviour = replying(503, retry_after=wish)
    assert send(receiver.url).retry_after == (timedelta(seconds=understood) if understood else None)


def test_nobody_there_and_no_such_name_are_told_in_a_sentence():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert send(f"http://127.0.0.1:{unused.getsockname()[1]}/").error == "The receiver took no connection."

    def fail(_host: str, _port: int) -> Sequence[str]:
        raise socket.gaierror

    post = Post(PRODUCTION, network=CheckedNetwork(PRODUCTION, fail))
    assert send("https://nowhere.example/", post).error == "The name in the address is not known: no such host."


def test_what_is_no_http_is_told_in_a_sentence(receiver: Receiver):
    receiver.behaviour = lambda handler: handler.wfile.write(b"\x16\x03\x01 nonsense\r\n\r\n")
    assert send(receiver.url).error == "What came back was no HTTP answer."


def test_an_address_that_is_not_allowed_any_more_is_not_sent_to(receiver: Receiver):
    answer = send(receiver.url, Post(PRODUCTION))
    assert "https://" in str(answer.error)
    assert receiver.requests == []
