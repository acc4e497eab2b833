import stat
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.conftest import ROOT
from webapp.accounts.doors import Doors
from webapp.errors import InvalidError
from webapp.issuer.issuer import (
    CLIENT_ID,
    CLIENT_SECRET,
    Client,
    LocalIssuer,
    LocalIssuerInProductionError,
    Question,
    TokenRefusedError,
    TokenRequest,
)
from webapp.issuer.key import keep_key
from webapp.issuer.machine import is_from_here
from webapp.issuer.transport import LocalIssuerTransport
from webapp.settings import AppSettings, LoginSettings

SITE = "http://localhost:3000"
BACK = f"{SITE}/api/auth/callback"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # RFC 7636, appendix B
QUESTION = Question(
    client_id=CLIENT_ID,
    redirect_uri=BACK,
    response_type="code",
    scope="openid profile",
    state="state",
    nonce="nonce",
    code_challenge="E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    code_challenge_method="S256",
)
CLIENT = Client(CLIENT_ID, CLIENT_SECRET)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One key for all."""
    return tmp_path_factory.mktemp("issuer")


@pytest.fixture
def issuer(data_dir: Path) -> LocalIssuer:
    return LocalIssuer(AppSettings(data_dir=data_dir))


def redeem(issuer: LocalIssuer, code: str, client: Client = CLIENT, **changes: str) -> dict[str, object]:
    asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
    return issuer.redeem(SITE, TokenRequest(**asked | changes), client)


def test_it_refuses_to_exist_in_production(tmp_path):
    production = AppSettings(env="production", secret_key="long and random", data_dir=tmp_path)
    with pytest.raises(LocalIssuerInProductionError):
        LocalIssuer(production)
    with pytest.raises(LocalIssuerInProductionError):
        Doors(production, LoginSettings(dev_login=True))
    assert list(tmp_path.iterdir()) == []


def test_a_code_becomes_a_token_of_the_published_key(issuer: LocalIssuer):
    told = redeem(issuer, issuer.authorize(SITE, QUESTION, "  Ann  Lee "))
    token = jwt.decode(str(told["id_token"]), KeySet.import_key_set(issuer.jwks()), algorithms=["RS256"])
    claims = token.claims
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (f"{SITE}/dev-issuer", CLIENT_ID, "nonce")
    assert (claims["sub"], claims["name"]) == ("Ann Lee", "Ann Lee")
    assert claims["iat"] <= time.time() < claims["exp"]


def test_only_the_public_half_of_the_key_is_published(issuer: LocalIssuer):
    [key] = issuer.jwks()["keys"]
    assert {"n", "e", "kid", "alg", "use"} < key.keys()
    assert not {"d", "p", "q", "dp", "dq", "qi"} & key.keys()


def test_the_document_names_addresses_that_the_browser_sees(issuer: LocalIssuer):
    document = issuer.document("http://127.0.0.1:8080")
    assert document["issuer"] == "http://127.0.0.1:8080/dev-issuer"
    assert document["authorization_endpoint"] == "http://127.0.0.1:8080/dev-issuer/authorize"


def test_a_code_is_good_once(issuer: LocalIssuer):
    code = issuer.authorize(SITE, QUESTION, "ann")
    redeem(issuer, code)
    with pytest.raises(TokenRefusedError, match="invalid_grant"):
        redeem(issuer, code)


def test_another_process_redeems_what_this_one_has_given(issuer: LocalIssuer, data_dir: Path):
    other = LocalIssuer(AppSettings(data_dir=data_dir))
    assert redeem(other, issuer.authorize(SITE, QUESTION, "ann"))


@pytest.mark.parametrize(
    ("changes", "client", "error"),
    [
        ({"code_verifier": "another"}, CLIENT, "invalid_grant"),
        ({"redirect_uri": "http://localhost:3000/elsewhere"}, CLIENT, "invalid_grant"),
        ({"code": "nonsense"}, CLIENT, "invalid_grant"),
        ({"grant_type": "password"}, CLIENT, "unsupported_grant_type"),
        ({}, Client(CLIENT_ID, "guess"), "invalid_client"),
        ({}, Client("another", CLIENT_SECRET), "invalid_client"),
    ],
)
def test_a_token_request_is_checked(issuer: LocalIssuer, changes: dict[str, str], client: Client, error: str):
    code = issuer.authorize(SITE, QUESTION, "ann")
    with pytest.raises(TokenRefusedError, match=error):
        redeem(issuer, **{"code": code, "client": client, **changes})


def test_an_id_token_is_no_code(issuer: LocalIssuer):
    id_token = str(redeem(issuer, issuer.authorize(SITE, QUESTION, "ann"))["id_token"])
    with pytest.raises(TokenRefusedError, match="invalid_grant"):
        redeem(issuer, id_token)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"client_id": "another"}, "client_id"),
        ({"redirect_uri": "http://localhost:3000/elsewhere"}, "redirect_uri"),
        ({"redirect_uri": "https://evil.example/api/auth/callback"}, "redirect_uri"),
        ({"response_type": "token"}, "response_type"),
        ({"code_challenge_method": "plain"}, "code_challenge_method"),
        ({"scope": "profile"}, "scope"),
    ],
)
def test_only_our_own_relying_party_is_answered(issuer: LocalIssuer, changes: dict[str, str], field: str):
    with pytest.raises(InvalidError) as refusal:
        issuer.authorize(SITE, QUESTION.model_copy(update=changes), "ann")
    assert refusal.value.field == field


@pytest.mark.parametrize("name", ["", "  ", "x" * 51, "a\x00b"])
def test_names_have_limits(issuer: LocalIssuer, name: str):
    with pytest.raises(InvalidError, match="1 to 50 characters"):
        issuer.authorize(SITE, QUESTION, name)


def test_it_speaks_http_behind_the_browsers_back(issuer: LocalIssuer):
    http = httpx.Client(transport=LocalIssuerTransport(issuer), base_url=f"{SITE}/dev-issuer")
    assert http.get("/.well-known/openid-configuration").json() == issuer.document(SITE)
    assert http.get("/jwks").json() == issuer.jwks()
    assert http.get("/elsewhere").status_code == 404
    form = {"grant_type": "authorization_code", "code": "x"}
    assert http.post("/token", data=form).status_code == 401
    refused = http.post("/token", data=form, auth=(CLIENT_ID, CLIENT_SECRET))
    assert (refused.status_code, refused.json()) == (400, {"error": "invalid_grant"})


def test_processes_that_start_together_agree_on_one_key_that_only_its_owner_reads(tmp_path):
    path = tmp_path / "new" / "key.json"
    program = (
        "import sys, pathlib; from webapp.issuer.key import keep_key; print(keep_key(pathlib.Path(sys.argv[1])).kid)"
    )
    command = [sys.executable, "-c", program, str(path)]
    starting = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    kids = [process.communicate(timeout=240)[0].strip() for process in starting]
    assert kids == [keep_key(path).kid] * 2
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["key.json"]


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1"])
def test_who_sits_at_the_machine_may_come(peer: str, name: str):
    assert is_from_here(peer, name, ["host", "accept", "user-agent"])


@pytest.mark.parametrize("peer", ["10.0.0.7", "::ffff:10.0.0.7", "2001:db8::1", "localhost", ""])
def test_the_network_may_not(peer: str):
    assert not is_from_here(peer, "localhost", ["host"])


@pytest.mark.parametrize("name", ["evil.example", "127.0.0.1.evil.example", "", None])
def test_a_name_that_resolves_to_the_machine_opens_no_door(name: str | None):
    assert not is_from_here("127.0.0.1", name, ["host"])


@pytest.mark.parametrize("header", ["x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded", "via"])
def test_a_proxy_on_the_machine_opens_no_door(header: str):
    assert not is_from_here("127.0.0.1", "localhost", ["host", header])
