"""The way to the local issuer behind the browser's back: a call in this process, spoken in HTTP.

It needs no port, so that a login works wherever the page is seen from: a forwarded port, another worker, a test.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

import httpx

from webapp.issuer.issuer import PREFIX, Client, LocalIssuer, TokenRefusedError, TokenRequest

NO_STORE = {"Cache-Control": "no-store"}


class LocalIssuerTransport(httpx.BaseTransport):
    """Answers for the issuer's addresses; there is nothing else behind it."""

    def __init__(self, issuer: LocalIssuer) -> None:
        self._issuer = issuer

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the issuer's own endpoints do."""
        base_url = f"{request.url.scheme}://{request.url.netloc.decode()}"
        path = request.url.path.removeprefix(PREFIX)
        if path == "/token":
            form = dict(parse_qsl(request.read().decode()))
            status, answer = redeem(self._issuer, base_url, form, request.headers.get("authorization", ""))
            return httpx.Response(status, json=answer, headers=NO_STORE)
        published = {"/.well-known/openid-configuration": self._issuer.document(base_url), "/jwks": self._issuer.jwks()}
        return httpx.Response(200, json=published[path]) if path in published else httpx.Response(404)


def redeem(
    issuer: LocalIssuer, base_url: str, form: Mapping[str, str], authorization: str
) -> tuple[int, dict[str, Any]]:
    """The token endpoint: a status and a JSON object."""
    try:
        return 200, issuer.redeem(base_url, TokenRequest.model_validate(dict(form)), _client_of(authorization))
    except TokenRefusedError as refusal:
        return 401 if refusal.code == "invalid_client" else 400, {"error": refusal.code}


def _client_of(authorization: str) -> Client:
    """Who asks, by HTTP Basic (RFC 6749, section 2.3.1)."""
    try:
        pair = base64.b64decode(authorization.removeprefix("Basic "), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise TokenRefusedError("invalid_client") from error
    client_id, _, secret = pair.partition(":")
    return Client(unquote_plus(client_id), unquote_plus(secret))
