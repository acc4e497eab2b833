import base64
import hmac
import json
import time
from urllib.parse import parse_qs, unquote_plus, urlsplit

import httpx
import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from tests.webapp.accounts.issuing import CLIENT_ID, CLIENT_SECRET, ISSUER, NONCE, Issuer
from webapp.accounts.issuers import IssuerUnavailableError, PublishedIssuer
from webapp.accounts.openid import IdentityRefusedError, Secrets
from webapp.accounts.service import Identity, LoginError

BACK = "https://reelgrove.example/api/auth/callback"


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


def redeem(issuer: Issuer) -> Identity:
    return issuer.client().redeem("the code", NONCE, "the verifier", BACK)


def test_the_browser_is_sent_with_state_nonce_and_a_challenge_to_the_code(issuer: Issuer):
    secrets = Secrets(state="the state", nonce=NONCE, code_verifier="v" * 43)
    url = urlsplit(issuer.client().authorization_url(secrets, BACK, "ann"))
    asked = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert f"{url.scheme}://{url.netloc}{url.path}" == f"{ISSUER}/auth"
    assert asked == {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": BACK,
        "scope": "openid profile",
        "state": "the state",
        "nonce": NONCE,
        "code_challenge": create_s256_code_challenge("v" * 43),
        "code_challenge_method": "S256",
        "login_hint": "ann",
    }


def test_the_code_is_redeemed_with_its_verifier_by_a_client_that_proves_itself(issuer: Issuer):
    issuer.says()
    redeem(issuer)
    [request] = [request for request in issuer.requests if request.url.path == "/token"]
    form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
    assert form == {
        "grant_type": "authorization_code",
        "code": "the code",
        "redirect_uri": BACK,
        "code_verifier": "the verifier",
    }
    who = base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode().split(":")
    assert [unquote_plus(part) for part in who] == [CLIENT_ID, CLIENT_SECRET]


def test_issuers_that_want_the_secret_in_the_form_get_it_there(issuer: Issuer):
    issuer.document["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    issuer.says()
    redeem(issuer)
    [request] = [request for request in issuer.requests if request.url.path == "/token"]
    assert parse_qs(request.content.decode())["client_secret"] == [CLIENT_SECRET]
    assert "authorization" not in request.headers


def test_a_valid_token_tells_who_it_is(issuer: Issuer):
    issuer.says()
    assert redeem(issuer) == Identity(
        issuer=ISSUER, subject="42", name="Ann Lee", username="ann", picture_url="https://t.me/ann.jpg"
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://other.example"},
        {"iss": None},
        {"aud": "another-client"},
        {"aud": [CLIENT_ID, "another-client"]},  # says no authorised party
        {"aud": None},
        {"azp": "another-client"},
        {"nonce": "of another login"},
        {"nonce": None},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"iat": 4_000_000_000},
        {"iat": None},
        {"sub": None},
        {"id": None},
        {"id": ""},
        {"id": True},
        {"id": ["42"]},
        {"nbf": 4_000_000_000},
    ],
    ids=lambda changes: " ".join(f"{name} {value}" for name, value in changes.items()),
)
def test_a_token_with_a_wrong_claim_proves_nothing(issuer: Issuer, changes: dict[str, object]):
    issuer.says(**changes)
    with pytest.raises(IdentityRefusedError):
        redeem(issuer)


def test_clocks_may_differ_by_half_a_minute(issuer: Issuer):
    now = int(time.time())
    issuer.says(exp=now - 10, iat=now + 10)
    assert redeem(issuer).subject == "42"


def test_a_token_signed_by_another_key_proves_nothing(issuer: Issuer):
    stolen_kid = issuer.newer_key
    issuer.says(key=stolen_kid)
    issuer.published = [issuer.key]
    with pytest.raises(IdentityRefusedError):
        redeem(issuer)


def test_only_rs256_is_taken(issuer: Issuer):
    issuer.says(algorithm="PS256")
    with pytest.raises(IdentityRefusedError):
        redeem(issuer)


def test_a_public_key_is_no_shared_secret(issuer: Issuer):
    _, claims, _ = issuer.says().split(".")
    header = _segment(json.dumps({"alg": "HS256", "kid": issuer.key.kid}).encode())
    public = issuer.key.as_pem(private=False)
    signature = _segment(hmac.digest(public, f"{header}.{claims}".encode(), "sha256"))
    issuer.id_token = f"{header}.{claims}.{signature}"
    with pytest.raises(IdentityRefusedError):
        redeem(issuer)


def _segment(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def test_an_unsigned_or_broken_token_proves_nothing(issuer: Issuer):
    header, claims, signature = issuer.says().split(".")
    none = _segment(b'{"alg":"none"}')
    for token in (f"{none}.{claims}.", f"{header}.{claims}.{signature[::-1]}", f"{header}.{claims}", "a.b.c", "", None):
        issuer.id_token = token
        with pytest.raises(IdentityRefusedError):
            redeem(issuer)


def test_keys_are_asked_for_once_and_again_when_the_issuer_has_a_new_one(issuer: Issuer):
    client = issuer.client()
    for _ in range(3):
        issuer.says()
        client.redeem("code", NONCE, "verifier", BACK)
    assert (issuer.asked_for("/keys"), issuer.asked_for("/.well-known/openid-configuration")) == (1, 1)
    issuer.published = [issuer.key, issuer.newer_key]
    issuer.says(key=issuer.newer_key)
    assert client.redeem("code", NONCE, "verifier", BACK).subject == "42"
    assert issuer.asked_for("/keys") == 2


def test_an_unknown_key_is_looked_for_once_only(issuer: Issuer):
    issuer.says(key=issuer.newer_key)
    with pytest.raises(IdentityRefusedError):
        redeem(issuer)
    assert issuer.asked_for("/keys") == 2


def test_what_is_published_is_kept_for_an_hour(issuer: Issuer):
    now = [0.0]
    published = PublishedIssuer(ISSUER, httpx.Client(transport=issuer), clock=lambda: now[0])
    for moment in (0, 3599, 3601):
        now[0] = moment
        published.document()
    assert len(issuer.requests) == 2


def test_other_kinds_of_keys_disturb_nobody(issuer: Issuer):
    strange = [{"kty": "EC", "crv": "unheard-of", "kid": "1"}, {"kty": "ML-DSA", "kid": "2"}]
    own = issuer.key.as_dict(private=False)
    issuer.broken = lambda request: (
        httpx.Response(200, json={"keys": [*strange, own]}) if request.url.path == "/keys" else None
    )
    issuer.says()
    assert redeem(issuer).subject == "42"


def _with(**changes: object) -> dict[str, object]:
    return Issuer().document | changes


@pytest.mark.parametrize(
    "document",
    [
        _with(issuer="https://other.example"),
        _with(token_endpoint="http://issuer.example/token"),
        _with(jwks_uri=None),
        {},
        [],
    ],
)
def test_a_document_that_speaks_for_another_or_is_incomplete_is_not_believed(issuer: Issuer, document):
    issuer.document = document
    issuer.says()
    with pytest.raises(IssuerUnavailableError):
        redeem(issuer)


def _at(path: str, answer: httpx.Response | Exception):
    def act(request: httpx.Request) -> httpx.Response | None:
        if request.url.path != path:
            return None
        if isinstance(answer, Exception):
            raise answer
        return answer

    return act


@pytest.mark.parametrize(
    ("path", "answer", "error"),
    [
        ("/.well-known/openid-configuration", httpx.ConnectTimeout("too slow"), IssuerUnavailableError),
        ("/.well-known/openid-configuration", httpx.Response(404), IssuerUnavailableError),
        ("/.well-known/openid-configuration", httpx.Response(200, text="<html>"), IssuerUnavailableError),
        ("/keys", httpx.Response(500), IssuerUnavailableError),
        ("/keys", httpx.Response(200, json={"keys": []}), IssuerUnavailableError),
        ("/keys", httpx.Response(200, json=[1]), IssuerUnavailableError),
        ("/token", httpx.ReadTimeout("too slow"), IssuerUnavailableError),
        ("/token", httpx.Response(503, json={}), IssuerUnavailableError),
        ("/token", httpx.Response(302, headers={"location": "https://evil.example"}), LoginError),
        ("/token", httpx.Response(400, json={"error": "invalid_grant"}), IdentityRefusedError),
        ("/token", httpx.Response(200, json={"access_token": "alone"}), IdentityRefusedError),
        ("/token", httpx.Response(200, json=["id_token"]), IdentityRefusedError),
    ],
)
def test_an_issuer_that_misbehaves_gives_a_sentence(issuer: Issuer, path: str, answer, error: type[LoginError]):
    issuer.says()
    issuer.broken = _at(path, answer)
    with pytest.raises(error, match=r"login service|log in again"):
        redeem(issuer)
