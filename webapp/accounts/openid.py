"""The relying party of OpenID Connect: code with PKCE (S256), state and nonce; ID tokens signed by RS256 alone."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError

from webapp.accounts.issuers import TIMEOUT_S, IssuerDocument, IssuerUnavailableError, PublishedIssuer
from webapp.accounts.service import Identity, LoginError
from webapp.models import PlanName

_ALGORITHMS = ("RS256",)
_LEEWAY_S = 30


class IdentityRefusedError(LoginError):
    """The issuer's answer does not prove who somebody is."""

    code = "login_failed"
    status = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """An issuer of identities, and who we are to it.

    Attributes:
        known_as: The issuer in our table of users; its address may change, as that of one's own machine does.
        subject_claim: What tells its people apart, where that is not ``sub``.
        plan: Of the workspace that newcomers get.
    """

    issuer: str
    client_id: str
    client_secret: str
    known_as: str
    subject_claim: str = "sub"
    plan: PlanName = PlanName.FREE


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What ties an answer of the issuer to the question."""

    state: str
    nonce: str
    code_verifier: str


class OpenIdClient:
    """Sends people to an issuer and reads what it says about them.

    Args:
        provider: Which one.
        http: How it is reached behind the browser's back.
    """

    def __init__(self, provider: Provider, http: httpx.Client) -> None:
        self.provider = provider
        self._http = http
        self._published = PublishedIssuer(provider.issuer, http)

    def authorization_url(self, secrets: Secrets, redirect_uri: str, hint: str | None = None) -> str:
        """Where the browser goes.

        Raises:
            IssuerUnavailableError: The issuer does not say where.
        """
        url: str = prepare_grant_uri(
            self._published.document().authorization_endpoint,
            client_id=self.provider.client_id,
            response_type="code",
            redirect_uri=redirect_uri,
            scope="openid profile",
            state=secrets.state,
            nonce=secrets.nonce,
            code_challenge=create_s256_code_challenge(secrets.code_verifier),
            code_challenge_method="S256",
            login_hint=hint,
        )
        return url

    def redeem(self, code: str, nonce: str, code_verifier: str, redirect_uri: str) -> Identity:
        """Who has come back with a code.

        Raises:
            IdentityRefusedError: The issuer does not take the code, or its token does not hold.
            IssuerUnavailableError: It does not answer.
        """
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        claims = self._claims(self._id_token(form | {"code_verifier": code_verifier}), nonce)
        subject = claims.get(self.provider.subject_claim)
        if not isinstance(subject, str | int) or isinstance(subject, bool) or not 1 <= len(str(subject)) <= 200:
            raise IdentityRefusedError("The login service does not say who you are: log in again.")
        return Identity(
            issuer=self.provider.known_as,
            subject=str(subject),
            name=_text(claims, "name"),
            username=_text(claims, "preferred_username"),
            picture_url=_text(claims, "picture"),
        )

    def _id_token(self, form: dict[str, str]) -> str:
        document = self._published.document()
        try:
            answer = self._http.post(document.token_endpoint, timeout=TIMEOUT_S, **self._proof(document, form))
            told = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise _unavailable() from error
        if answer.status_code >= 500:
            raise _unavailable()
        token = told.get("id_token") if answer.is_success and isinstance(told, dict) else None
        if not isinstance(token, str):
            raise IdentityRefusedError("The login service did not take the code that it had given: log in again.")
        return token

    def _proof(self, document: IssuerDocument, form: dict[str, str]) -> dict[str, Any]:
        """The form with who we are, in the manner that the issuer knows (RFC 6749, section 2.3.1)."""
        who = (self.provider.client_id, self.provider.client_secret)
        if "client_secret_basic" in document.token_endpoint_auth_methods_supported:
            return {"data": form, "auth": (quote_plus(who[0]), quote_plus(who[1]))}
        return {"data": form | {"client_id": who[0], "client_secret": who[1]}}

    def _claims(self, id_token: str, nonce: str) -> dict[str, Any]:
        options = {
            "iss": {"essential": True, "value": self.provider.issuer},
            "aud": {"essential": True, "value": self.provider.client_id},
            "sub": {"essential": True},
            "nonce": {"essential": True, "value": nonce},
        }
        params = {"nonce": nonce, "client_id": self.provider.client_id}
        try:
            token = self._decode(id_token)
            CodeIDToken(token.claims, token.header, options, params).validate(leeway=_LEEWAY_S)
        except (JoseError, ValueError) as error:
            raise IdentityRefusedError("The login service's answer is not valid: log in again.") from error
        return token.claims

    def _decode(self, id_token: str) -> jwt.Token:
        try:
            return jwt.decode(id_token, self._published.keys(), algorithms=_ALGORITHMS)
        except InvalidKeyIdError:  # the issuer has a new key since we asked
            return jwt.decode(id_token, self._published.keys(is_new=True), algorithms=_ALGORITHMS)


def _text(claims: dict[str, Any], name: str) -> str | None:
    value = claims.get(name)
    return value if isinstance(value, str) and value else None


def _unavailable() -> IssuerUnavailableError:
    return IssuerUnavailableError("The login service does not answer as it should. Try again in a moment.")
