"""The OpenID provider of one's own machine: authorization codes with PKCE, ID tokens signed by RS256."""

import base64
import hashlib
import hmac
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey
from pydantic import BaseModel, ConfigDict, Field

from webapp.errors import InvalidError
from webapp.issuer.key import keep_key
from webapp.settings import AppSettings

PREFIX = "/dev-issuer"
CLIENT_ID = "reelgrove"
CLIENT_SECRET = "development-only"  # noqa: S105 - the issuer exists in development only
LONGEST_NAME = 50
_CODE_LIFETIME_S = 60
_TOKEN_LIFETIME_S = 300
KEY_FILE = "issuer-key.json"
_CODE = "code+jwt"


class LocalIssuerInProductionError(RuntimeError):
    """The local issuer lets anybody in who names a name: it must not be where anybody else is."""


class TokenRefusedError(Exception):
    """A token request that is refused, in the words of OAuth 2.0 (RFC 6749, section 5.2)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Question(BaseModel):
    """What the relying party asks, by way of the browser."""

    model_config = ConfigDict(frozen=True)

    client_id: str
    redirect_uri: str
    response_type: str
    scope: str
    state: str = Field(max_length=500)
    nonce: str = Field(max_length=500)
    code_challenge: str = Field(max_length=200)
    code_challenge_method: str
    login_hint: str = ""


class TokenRequest(BaseModel):
    """What the relying party asks behind the browser's back."""

    model_config = ConfigDict(frozen=True)

    grant_type: str = ""
    code: str = ""
    redirect_uri: str = ""
    code_verifier: str = ""


@dataclass(frozen=True, slots=True)
class Client:
    """Who the relying party says it is."""

    client_id: str
    client_secret: str


class LocalIssuer:
    """Vouches for whatever name is typed.

    Codes carry what was asked, signed, so that any process can redeem what another has given; each is redeemed once.

    Args:
        settings: Where the key is kept, and that this is development.

    Raises:
        LocalIssuerInProductionError: It is not.
    """

    algorithms: ClassVar = ("RS256",)

    def __init__(self, settings: AppSettings) -> None:
        if not settings.is_development:
            raise LocalIssuerInProductionError("the local issuer exists in development only")
        self._key_path: Path = settings.data_dir / KEY_FILE
        self._key: RSAKey | None = None
        self._spent: dict[str, float] = {}
        self._lock = threading.Lock()

    @staticmethod
    def document(base_url: str) -> dict[str, Any]:
        """What it publishes about itself, for people who see it at ``base_url``."""
        issuer = issuer_at(base_url)
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "scopes_supported": ["openid", "profile"],
            "claims_supported": ["sub", "name", "preferred_username"],
        }

    def jwks(self) -> dict[str, Any]:
        """Its public key."""
        return dict(KeySet([self._signing_key()]).as_dict(private=False, use="sig", alg="RS256"))

    def authorize(self, base_url: str, question: Question, name: str) -> str:
        """A code for the person who has typed a name.

        Raises:
            InvalidError: The question is none of our relying party's, or the name is empty or too long.
        """
        check_question(base_url, question)
        name = " ".join(name.split())
        if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
            raise InvalidError(f"A name has 1 to {LONGEST_NAME} characters.", "name")
        asked = question.model_dump(include={"redirect_uri", "nonce", "code_challenge"})
        expires = int(time.time()) + _CODE_LIFETIME_S
        return self._sign({"sub": name, "jti": uuid4().hex, "exp": expires, **asked}, _CODE)

    def redeem(self, base_url: str, request: TokenRequest, client: Client) -> dict[str, Any]:
        """The ID token for a code.

        Raises:
            TokenRefusedError: Another client, or a code that is not ours, too old, spent, or with the wrong verifier.
        """
        is_known = hmac.compare_digest(client.client_secret.encode(), CLIENT_SECRET.encode())
        if client.client_id != CLIENT_ID or not is_known:
            raise TokenRefusedError("invalid_client")
        if request.grant_type != "authorization_code":
            raise TokenRefusedError("unsupported_grant_type")
        asked = self._opened(request.code)
        is_asked_for = asked["redirect_uri"] == request.redirect_uri
        if not is_asked_for or asked["code_challenge"] != _challenge(request.code_verifier) or self._is_spent(asked):
            raise TokenRefusedError("invalid_grant")
        return {"token_type": "Bearer", "expires_in": _TOKEN_LIFETIME_S, "id_token": self._id_token(base_url, asked)}

    def _id_token(self, base_url: str, asked: dict[str, Any]) -> str:
        now = int(time.time())
        person = {"sub": asked["sub"], "name": asked["sub"], "preferred_username": asked["sub"]}
        life = {"iat": now, "exp": now + _TOKEN_LIFETIME_S}
        return self._sign(
            {"iss": issuer_at(base_url), "aud": CLIENT_ID, "nonce": asked["nonce"], **person, **life}, "JWT"
        )

    def _opened(self, code: str) -> dict[str, Any]:
        try:
            token = jwt.decode(code, self._signing_key(), algorithms=self.algorithms)
            jwt.JWTClaimsRegistry(exp={"essential": True}).validate(token.claims)
        except (JoseError, ValueError) as error:
            raise TokenRefusedError("invalid_grant") from error
        if token.header.get("typ") != _CODE:
            raise TokenRefusedError("invalid_grant")
        return token.claims

    def _is_spent(self, asked: dict[str, Any]) -> bool:
        now = time.time()
        with self._lock:
            self._spent = {code: expires for code, expires in self._spent.items() if expires > now}
            is_spent = asked["jti"] in self._spent
            self._spent[asked["jti"]] = asked["exp"]
        return is_spent

    def _sign(self, claims: dict[str, Any], kind: str) -> str:
        key = self._signing_key()
        return jwt.encode({"alg": "RS256", "kid": key.kid, "typ": kind}, claims, key, algorithms=self.algorithms)

    def _signing_key(self) -> RSAKey:
        if self._key is None:
            self._key = keep_key(self._key_path)
        return self._key


def issuer_at(base_url: str) -> str:
    """The issuer's name, and address, for people who see the page at ``base_url``."""
    return f"{base_url.rstrip('/')}{PREFIX}"


def check_question(base_url: str, question: Question) -> None:
    """Refuse what our relying party would not ask.

    Raises:
        InvalidError: Names the parameter.
    """
    expected = {
        "client_id": CLIENT_ID,
        "redirect_uri": f"{base_url.rstrip('/')}/api/auth/callback",
        "response_type": "code",
        "code_challenge_method": "S256",
    }
    for name, value in expected.items():
        if getattr(question, name) != value:
            raise InvalidError(f"This must be {value}.", name)
    if "openid" not in question.scope.split():
        raise InvalidError("This must contain openid.", "scope")


def _challenge(verifier: str) -> str:
    """S256 of RFC 7636, section 4.2."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
