"""An issuer with verbs, for tests: real keys and signatures behind an HTTP transport that can misbehave."""

import json
import time
from collections.abc import Callable
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from webapp.accounts.openid import OpenIdClient, Provider

ISSUER = "https://issuer.example"
CLIENT_ID = "reelgrove-app"
CLIENT_SECRET = "between us: 100% secret"
NONCE = "the nonce of this login"
_KEYS = [RSAKey.generate_key(2048, auto_kid=True) for _ in range(2)]


class Issuer(httpx.BaseTransport):
    """Publishes what it is told to, and counts who asks."""

    def __init__(self) -> None:
        self.key, self.newer_key = _KEYS
        self.published = [self.key]
        self.id_token: str | None = None
        self.requests: list[httpx.Request] = []
        self.document: dict[str, Any] = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/auth",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
        }
        self.broken: Callable[[httpx.Request], httpx.Response | None] = lambda _request: None

    def client(self) -> OpenIdClient:
        provider = Provider(
            issuer=ISSUER, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, known_as=ISSUER, subject_claim="id"
        )
        return OpenIdClient(provider, httpx.Client(transport=self))

    def says(self, *, key: RSAKey | None = None, algorithm: str = "RS256", **changes: object) -> str:
        """An ID token; a claim that is changed to None is left out."""
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": CLIENT_ID, "sub": "a7f", "id": 42, "nonce": NONCE, "iat": now, "exp": now + 60}
        claims |= {"name": "Ann Lee", "preferred_username": "ann", "picture": "https://t.me/ann.jpg"} | changes
        signing = key or self.key
        header = {"alg": algorithm, "kid": signing.kid}
        told = {name: value for name, value in claims.items() if value is not None}
        self.id_token = jwt.encode(header, told, signing, algorithms=[algorithm])
        return self.id_token

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if (answer := self.broken(request)) is not None:
            return answer
        if request.url.path == "/token":
            return httpx.Response(200, json={"access_token": "unused", "id_token": self.id_token})
        if request.url.path == "/keys":
            return httpx.Response(200, json=KeySet(list(self.published)).as_dict())
        return httpx.Response(200, content=json.dumps(self.document))

    def asked_for(self, path: str) -> int:
        return sum(request.url.path == path for request in self.requests)
