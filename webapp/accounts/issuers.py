"""What an issuer of identities publishes about itself: its document (OpenID Connect Discovery 1.0) and its keys."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, ConfigDict, ValidationError

from webapp.accounts.service import LoginError

TIMEOUT_S = 5.0
_FRESH_S = 3600.0
_DOCUMENT = "/.well-known/openid-configuration"


class IssuerUnavailableError(LoginError):
    """The issuer does not answer, or not as its protocol has it."""

    code = "login_unavailable"
    status = 503


class IssuerDocument(BaseModel):
    """The part of an issuer's document that a login needs."""

    model_config = ConfigDict(frozen=True)

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


@dataclass(frozen=True, slots=True)
class _Fetched:
    content: Any
    at_s: float


class PublishedIssuer:
    """An issuer's document and keys, asked for when needed and kept for an hour.

    Args:
        issuer: Its address, which its document must repeat.
        http: What to ask with.
        clock: Seconds that only grow.
    """

    def __init__(self, issuer: str, http: httpx.Client, clock: Callable[[], float] = time.monotonic) -> None:
        self.issuer = issuer
        self._http = http
        self._clock = clock
        self._kept: dict[str, _Fetched] = {}
        self._lock = threading.Lock()

    def document(self) -> IssuerDocument:
        """Where its endpoints are.

        Raises:
            IssuerUnavailableError: It does not say, or speaks for another one.
        """
        document: IssuerDocument = self._keep(self.issuer.rstrip("/") + _DOCUMENT, self._checked_document)
        return document

    def keys(self, *, is_new: bool = False) -> KeySet:
        """Its public keys; ``is_new`` asks for them again, for a key that is not among those known.

        Raises:
            IssuerUnavailableError: It publishes none.
        """
        keys: KeySet = self._keep(self.document().jwks_uri, _key_set, is_new=is_new)
        return keys

    def _checked_document(self, told: object) -> IssuerDocument:
        try:
            document = IssuerDocument.model_validate(told)
        except ValidationError as error:
            raise _unavailable(self.issuer) from error
        endpoints = (document.authorization_endpoint, document.token_endpoint, document.jwks_uri)
        scheme = urlsplit(self.issuer).scheme
        if document.issuer != self.issuer or any(urlsplit(endpoint).scheme != scheme for endpoint in endpoints):
            raise _unavailable(self.issuer)
        return document

    def _keep(self, url: str, read: Callable[[object], Any], *, is_new: bool = False) -> Any:  # noqa: ANN401 - whatever ``read`` makes
        with self._lock:
            kept = self._kept.get(url)
            if is_new or kept is None or self._clock() - kept.at_s > _FRESH_S:
                kept = self._kept[url] = _Fetched(read(self._fetch(url)), self._clock())
            return kept.content

    def _fetch(self, url: str) -> object:
        try:
            answer = self._http.get(url, timeout=TIMEOUT_S)
            answer.raise_for_status()
            return answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise _unavailable(self.issuer) from error


def _key_set(told: Any) -> KeySet:  # noqa: ANN401 - what came from outside
    try:
        return KeySet.import_key_set({"keys": [key for key in told["keys"] if key["kty"] == "RSA"]})
    except (JoseError, LookupError, TypeError, ValueError) as error:
        raise IssuerUnavailableError(
            "The login service published no keys that we can read. Try again later."
        ) from error


def _unavailable(issuer: str) -> IssuerUnavailableError:
    return IssuerUnavailableError(f"The login service at {issuer} does not answer as it should. Try again in a moment.")
